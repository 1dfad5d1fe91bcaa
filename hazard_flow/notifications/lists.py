"""What the lists of undelivered messages and of errands show, in words."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.rules import rules_of
from hazard_flow.i18n import text
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Contact, Organisation, Person
from hazard_flow.identity.queries import names
from hazard_flow.notifications.errands import CHANNELS, seen
from hazard_flow.notifications.models import Errand, ErrandEntry
from hazard_flow.notifications.relevance import SUBJECT
from hazard_flow.notifications.wording import page_of, reason_text, word
from hazard_flow.schedule.models import Outbox, Upkeep
from hazard_flow.schedule.queries import is_dead

OPEN_SHOWN = 200
ENDED_SHOWN = 20


@dataclass(frozen=True)
class UndeliveredRow:
    """One message that has not arrived."""

    id: str
    at: datetime
    who: str
    what: str
    href: str | None
    channel: str
    reason: str
    #: the outside world's own words
    error: str
    #: how many of the same person and channel lie in the list
    alike: int
    #: the next attempt, where one is to come
    next_at: datetime | None


@dataclass(frozen=True)
class UpkeepRow:
    """What a keeper did."""

    at: datetime
    who: str
    what: str
    note: str


@dataclass(frozen=True)
class EntryRow:
    """One try at an errand."""

    at: datetime
    who: str
    outcome: str
    note: str


@dataclass(frozen=True)
class ErrandRow:
    """One person to call or to bring a letter to."""

    id: str
    #: whom to reach, where they work, and the number to call
    who: str
    unit: str
    phone: str
    state: str
    ended_at: datetime | None
    entries: Sequence[EntryRow]


@dataclass(frozen=True)
class ErrandGroup:
    """The calls or letters of one event."""

    what: str
    href: str | None
    colour: str | None
    channel: str
    due_at: datetime
    is_late: bool
    doers: str
    rows: Sequence[ErrandRow]
    #: (code, words) of the outcomes that can be logged
    outcomes: Sequence[tuple[str, str]]


def undelivered_rows(
    session: Session, rows: Sequence[Outbox], locale: str, *, zone: ZoneInfo, now: datetime
) -> list[UndeliveredRow]:
    """For keepers: administrators among them see no hazards, so of a hazard only what the message's own line says."""
    people = names(session, [row.person_id for row in rows])
    rules = rules_of(session)
    alike = _alike(session, rows)
    return [
        UndeliveredRow(
            id=str(row.id),
            at=row.created_at,
            who=people.get(row.person_id, text("notice.panel.somebody", locale)),
            what=word(row.template, row.params, locale, rules=rules, zone=zone, now=now).subject,
            href=_href(row.subject_kind, row.template, row.params),
            channel=text(f"notice.channel.{row.channel}", locale),
            reason=reason_text(row.reason or "", locale),
            error=row.error or "",
            alike=alike[row.person_id, row.channel],
            next_at=row.due_at if row.state == "pending" else None,
        )
        for row in rows
    ]


def upkeep_rows(session: Session, done: Sequence[Upkeep], locale: str) -> list[UpkeepRow]:
    """Who did what to stuck things."""
    ids = [uuid.UUID(one.actor.removeprefix("person:")) for one in done if one.actor.startswith("person:")]
    people = names(session, ids)
    return [
        UpkeepRow(
            at=one.at,
            who=_actor(one.actor, people, locale),
            what=text(f"notice.upkeep.{one.act}", locale),
            note=one.note,
        )
        for one in done
    ]


def errand_groups(
    session: Session, actor: Actor, locale: str, *, zone: ZoneInfo, now: datetime
) -> tuple[list[ErrandGroup], list[ErrandGroup]]:
    """The open errands in the actor's sight, most urgent first, and the last ones that ended; those of one event together.

    Read as the system: whoever is to call somebody needs their number, also where they could not look it up.
    """
    mine = sa.select(Errand).where(seen(actor))
    still = mine.where(Errand.state == "open").order_by(Errand.due_at, Errand.group_id, Errand.id)
    over = mine.where(Errand.state != "open").order_by(Errand.ended_at.desc(), Errand.id)
    return (
        _drawn(session, session.scalars(still.limit(OPEN_SHOWN)).all(), locale, zone=zone, now=now),
        _drawn(session, session.scalars(over.limit(ENDED_SHOWN)).all(), locale, zone=zone, now=now),
    )


def _drawn(
    session: Session, errands: Sequence[Errand], locale: str, *, zone: ZoneInfo, now: datetime
) -> list[ErrandGroup]:
    entries = _entries(session, errands)
    known = {uuid.UUID(hex=h) for errand in errands for h in errand.doers.split(",") if h}
    known |= {uuid.UUID(e.actor.removeprefix("person:")) for tries in entries.values() for e in tries}
    people, reach = names(session, known), _reach(session, [errand.person_id for errand in errands])
    groups: dict[uuid.UUID, list[Errand]] = {}
    for errand in errands:
        groups.setdefault(errand.group_id, []).append(errand)
    return [
        _group(session, same, [_errand(one, entries, people, reach, locale) for one in same], people, locale,
               zone=zone, now=now)
        for same in groups.values()
    ]  # fmt: skip


def _group(
    session: Session,
    same: Sequence[Errand],
    rows: Sequence[ErrandRow],
    people: dict[uuid.UUID, str],
    locale: str,
    *,
    zone: ZoneInfo,
    now: datetime,
) -> ErrandGroup:
    first = same[0]
    doers = list(dict.fromkeys(uuid.UUID(hex=h) for one in same for h in one.doers.split(",") if h))
    somebody = text("notice.panel.somebody", locale)
    wording = word(first.template, first.params, locale, rules=rules_of(session), zone=zone, now=now)
    return ErrandGroup(
        what=wording.subject,
        href=_href(first.subject_kind, first.template, first.params),
        colour=str(first.params["colour"]) if first.params.get("colour") else None,
        channel=first.channel,
        due_at=min(one.due_at for one in same),
        is_late=any(one.state == "open" and one.due_at < now for one in same),
        doers=text("web.and", locale).join(people.get(person, somebody) for person in doers),
        rows=rows,
        outcomes=[
            (code, text(f"notice.outcome.{code}", locale)) for code in CHANNELS[first.channel].outcomes
        ],
    )


def _errand(
    errand: Errand,
    entries: dict[uuid.UUID, list[ErrandEntry]],
    people: dict[uuid.UUID, str],
    reach: dict[uuid.UUID, tuple[str, str, str, str]],
    locale: str,
) -> ErrandRow:
    somebody = text("notice.panel.somebody", locale)
    name, unit_zh, unit_en, phone = reach.get(errand.person_id, (somebody, "", "", ""))
    tries = [
        EntryRow(
            entry.at,
            _actor(entry.actor, people, locale),
            text(f"notice.outcome.{entry.outcome}", locale),
            entry.note,
        )
        for entry in entries.get(errand.id, ())
    ]
    return ErrandRow(
        id=str(errand.id),
        who=name,
        unit=unit_en if locale == "en" else unit_zh,
        phone=phone if errand.channel == "phone" else "",
        state=text(f"notice.errand.state.{errand.state}", locale),
        ended_at=errand.ended_at,
        entries=tries,
    )


def _entries(session: Session, errands: Sequence[Errand]) -> dict[uuid.UUID, list[ErrandEntry]]:
    found: dict[uuid.UUID, list[ErrandEntry]] = {}
    wanted = sa.select(ErrandEntry).where(ErrandEntry.errand_id.in_([e.id for e in errands]))
    for entry in session.scalars(wanted.order_by(ErrandEntry.at, ErrandEntry.id)) if errands else ():
        found.setdefault(entry.errand_id, []).append(entry)
    return found


def _reach(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[str, str, str, str]]:
    """Name, unit in both languages, telephone."""
    rows = session.execute(
        sa.select(Person.id, Person.name, Organisation.name_zh, Organisation.name_en, Contact.phone)
        .join(Organisation, Organisation.id == Person.organisation_id)
        .outerjoin(Contact, Contact.person_id == Person.id)
        .where(Person.id.in_(set(ids)))
    )
    return {id_: (name, zh, en, phone or "") for id_, name, zh, en, phone in rows}


def _alike(session: Session, rows: Sequence[Outbox]) -> Counter[tuple[uuid.UUID, str]]:
    people = {row.person_id for row in rows}
    counted: Counter[tuple[uuid.UUID, str]] = Counter()
    statement = (
        sa.select(Outbox.person_id, Outbox.channel, sa.func.count())
        .where(is_dead(), Outbox.person_id.in_(people))
        .group_by(Outbox.person_id, Outbox.channel)
    )
    for person, channel, number in session.execute(statement) if people else ():
        counted[person, channel] = number
    return counted


def _href(subject_kind: str, template: str, params: dict[str, object]) -> str | None:
    number = str(params.get("number") or "")
    if subject_kind == SUBJECT and number:
        return f"/hazards/{number}"
    return page_of(template, params) or None


def _actor(actor: str, people: dict[uuid.UUID, str], locale: str) -> str:
    if actor.startswith("person:"):
        unknown = text("notice.panel.somebody", locale)
        return people.get(uuid.UUID(actor.removeprefix("person:")), unknown)
    return text("notice.upkeep.operator", locale, account=actor.removeprefix("operator:"))
