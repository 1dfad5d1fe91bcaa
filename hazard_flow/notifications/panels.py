"""What the panel of deliveries shows: who was told what about a hazard, when, by which channel, with what result."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from hazard_flow.hazards.disclosing import hidden_person
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import rules_of
from hazard_flow.i18n import known, text
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.queries import names
from hazard_flow.notifications.channels import inbox
from hazard_flow.notifications.wording import word
from hazard_flow.schedule.models import Outbox
from hazard_flow.schedule.queries import deliveries
from hazard_flow.web.formats import instant_text


@dataclass(frozen=True)
class DeliveryRow:
    """One message to one person over one channel, in words."""

    who: str
    what: str
    channel: str
    at: datetime
    state: str
    note: str
    colour: str | None
    #: it has not reached the person the way it was meant to
    is_troubled: bool


def delivery_rows(
    session: Session, hazard: Hazard, locale: str, *, reader: Actor, zone: ZoneInfo, now: datetime
) -> Sequence[DeliveryRow]:
    """Newest first; people outside the reader's view are told without their name, who reported in confidence not at all."""
    hidden = hidden_person(reader, hazard)
    rows = [row for row in deliveries(session, hazard.id) if row.person_id != hidden or hidden is None]
    people = names(session, [row.person_id for row in rows])
    unknown = text("notice.panel.somebody", locale)
    rules = rules_of(session)
    return [
        DeliveryRow(
            who=people.get(row.person_id, unknown),
            what=word(row.template, row.params, locale, rules=rules, zone=zone, now=now).subject,
            channel=channel_words(row, locale),
            at=row.sent_at or row.created_at,
            state=_state(row, locale, zone),
            note=_note(row, locale),
            colour=str(row.params["colour"]) if row.params.get("colour") else None,
            is_troubled=row.state == "failed" or (row.state == "pending" and row.attempts > 0),
        )
        for row in rows
    ]


def channel_words(row: Outbox, locale: str) -> str:
    """The channel as the ladder names it, and honestly how it went where that is not the same."""
    key = f"notice.channel.{row.channel}"
    name = text(key, locale) if known(key) else row.channel
    if row.channel in inbox.ERRANDS and row.delivered_by == inbox.NAME:
        return text("notice.as_errand", locale, channel=name)
    if row.channel != inbox.NAME and row.delivered_by == inbox.NAME:
        return text("notice.only_inbox", locale, channel=name)
    if row.channel == "message" and row.delivered_by == "email":
        return text("notice.by_email", locale, channel=name)
    return name


def _state(row: Outbox, locale: str, zone: ZoneInfo) -> str:
    if row.state == "pending" and row.attempts:
        return text("notice.state.retrying", locale, n=row.attempts, at=instant_text(row.due_at, zone))
    return text(f"notice.state.{row.state}", locale)


def _note(row: Outbox, locale: str) -> str:
    """Why it was dropped; the mail server's own words stay in the log and the database, they may name addresses."""
    key = f"notice.reason.{row.error}"
    return text(key, locale) if row.state == "dropped" and known(key) else ""
