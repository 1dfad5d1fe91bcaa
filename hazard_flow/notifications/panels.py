"""What the panel of deliveries shows: who was told what about a hazard, when, by which channel, with what result, and what comes next."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.disclosing import is_officer
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import rules_of
from hazard_flow.hazards.telling import PRIVATE
from hazard_flow.i18n import known, text
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.queries import names
from hazard_flow.notifications.channels import inbox
from hazard_flow.notifications.models import Errand, ErrandEntry
from hazard_flow.notifications.wording import brief, reason_text
from hazard_flow.schedule.models import Outbox
from hazard_flow.schedule.queries import deliveries
from hazard_flow.web.formats import deadline_text, instant_text


@dataclass(frozen=True)
class DeliveryRow:
    """One message to one person over one channel, in words."""

    #: the event that caused it
    seq: int
    who: str
    what: str
    channel: str
    written_at: datetime
    state: str
    note: str
    colour: str | None
    #: it has not reached the person the way it was meant to
    is_troubled: bool


@dataclass(frozen=True)
class DeliveryGroup:
    """Everything told because of one event: each person with every channel."""

    at: datetime
    what: str
    colour: str | None
    people: Mapping[str, Sequence[DeliveryRow]]


@dataclass(frozen=True)
class _Told:
    """What the rows are put into words with."""

    people: Mapping[uuid.UUID, str]
    #: outbox row → its errand, and the last thing logged about it
    errands: Mapping[uuid.UUID, tuple[Errand, ErrandEntry | None]]
    #: outbox row → whom another row told in its place
    instead: Mapping[uuid.UUID, Sequence[uuid.UUID]]
    locale: str
    zone: ZoneInfo
    now: datetime

    def name(self, person: uuid.UUID) -> str:
        return self.people.get(person, text("notice.panel.somebody", self.locale))

    def names(self, people: Sequence[uuid.UUID]) -> str:
        return text("web.and", self.locale).join(self.name(person) for person in people)


def delivery_rows(
    session: Session, hazard: Hazard, locale: str, *, reader: Actor, zone: ZoneInfo, now: datetime
) -> Sequence[DeliveryRow]:
    """Newest first; people outside the reader's view are told without their name.

    What was told in confidence to who reported past their manager is shown to the regulator's officers alone.
    """
    rows = deliveries(session, hazard.id)
    if is_officer(reader, hazard):
        rows += deliveries(session, hazard.id, kind=PRIVATE)
        rows.sort(key=lambda row: row.created_at, reverse=True)
    told = _told(session, rows, locale, zone=zone, now=now)
    rules = rules_of(session)
    return [
        DeliveryRow(
            seq=row.seq,
            who=told.name(row.person_id),
            what=brief(row.template, row.params, locale, rules=rules),
            channel=channel_words(row, locale),
            written_at=row.created_at,
            state=_state(row, told),
            note=_note(row, told),
            colour=str(row.params["colour"]) if row.params.get("colour") else None,
            is_troubled=row.state == "failed" or (row.state == "pending" and row.attempts > 0),
        )
        for row in rows
    ]


def delivery_groups(rows: Sequence[DeliveryRow]) -> list[DeliveryGroup]:
    """The rows by event, in their order; within one by person, the inbox first."""
    events: dict[tuple[int, str], list[DeliveryRow]] = {}
    for row in rows:
        events.setdefault((row.seq, row.what), []).append(row)
    found = []
    for same in events.values():
        people: dict[str, list[DeliveryRow]] = {}
        for row in same:
            people.setdefault(row.who, []).append(row)
        written_at = min(row.written_at for row in same)
        found.append(DeliveryGroup(written_at, same[0].what, same[0].colour, people))
    return found


def channel_words(row: Outbox, locale: str) -> str:
    """The channel as the ladder names it, and honestly how it went where that is not the same."""
    key = f"notice.channel.{row.channel}"
    name = text(key, locale) if known(key) else row.channel
    if row.channel != inbox.NAME and row.delivered_by == inbox.NAME:
        return text("notice.only_inbox", locale, channel=name)
    if row.channel == "message" and row.delivered_by == "email":
        return text("notice.by_email", locale, channel=name)
    return name


def _told(session: Session, rows: Sequence[Outbox], locale: str, *, zone: ZoneInfo, now: datetime) -> _Told:
    errands = _errands(session, [row.id for row in rows if row.channel not in (inbox.NAME, "message")])
    instead: dict[uuid.UUID, list[uuid.UUID]] = {}
    for row in rows:
        if row.instead_of_id is not None:
            instead.setdefault(row.instead_of_id, []).append(row.person_id)
    people = {row.person_id for row in rows}
    for errand, entry in errands.values():
        people |= {uuid.UUID(hex=h) for h in errand.doers.split(",") if h}
        people |= {uuid.UUID(entry.actor.removeprefix("person:"))} if entry is not None else set()
    return _Told(names(session, people), errands, instead, locale, zone, now)


def _errands(
    session: Session, ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, tuple[Errand, ErrandEntry | None]]:
    if not ids:
        return {}
    found = {
        errand.id: errand for errand in session.scalars(sa.select(Errand).where(Errand.outbox_id.in_(ids)))
    }
    last: dict[uuid.UUID, ErrandEntry] = {}
    entries = sa.select(ErrandEntry).where(ErrandEntry.errand_id.in_(found))
    for entry in session.scalars(entries.order_by(ErrandEntry.at, ErrandEntry.id)) if found else ():
        last[entry.errand_id] = entry
    return {errand.outbox_id: (errand, last.get(errand.id)) for errand in found.values()}


def _state(row: Outbox, told: _Told) -> str:
    if row.state == "pending" and row.attempts:
        at = instant_text(row.due_at, told.zone)
        return text("notice.state.retrying", told.locale, n=row.attempts, at=at)
    if row.state == "handed" and row.id in told.errands:
        errand, _ = told.errands[row.id]
        doers = told.names([uuid.UUID(hex=h) for h in errand.doers.split(",") if h])
        by = deadline_text(errand.due_at, told.locale, told.zone, told.now)
        return text("notice.state.handed_to", told.locale, doers=doers, at=by)
    if row.state == "failed" and row.settled_at is not None:
        return text("notice.state.settled", told.locale)
    return text(f"notice.state.{row.state}", told.locale)


def _note(row: Outbox, told: _Told) -> str:
    """Why it did not go the way it was meant to; the mail server's own words are for keepers, they may name addresses."""
    _, entry = told.errands.get(row.id, (None, None))
    said = []
    if entry is not None:
        outcome = text(f"notice.outcome.{entry.outcome}", told.locale)
        who = told.name(uuid.UUID(entry.actor.removeprefix("person:")))
        at = instant_text(entry.at, told.zone)
        said.append(text("notice.panel.entry", told.locale, outcome=outcome, who=who, at=at))
        said += [entry.note] if entry.note else []
    elif row.reason:
        said.append(reason_text(row.reason, told.locale))
    if row.id in told.instead:
        said.append(text("notice.panel.instead", told.locale, people=told.names(told.instead[row.id])))
    return text("notice.panel.joint", told.locale).join(said)
