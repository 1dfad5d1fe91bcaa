"""What must hold after every fault, worked out from the stored rows alone. One answer: the list of what does not hold."""

import hashlib
import json
import random
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.forecast import forecast
from hazard_flow.hazards.models import Hazard, HazardEvent, RequestKey
from hazard_flow.schedule.models import Outbox, Timer
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.telemetry.inbox import DISCARDED
from hazard_flow.telemetry.models import Inbox, InboxKey, StoredSignal
from tests.chaos.journal import ACKNOWLEDGED, REFUSED, Journal

#: hazards of which it is asked whom their next firings reach: a forecast each is slow
ASKED_AHEAD = 150
FIRED = ("timer.escalated", "timer.reminded")
NAMED = 5

Firing = tuple[uuid.UUID, str, int, int, str]


@dataclass
class Seen:
    """What one walk over all events found."""

    broken: list[str] = field(default_factory=list)
    #: (hazard, timer, level, cycle, expiry) → how often it fired
    firings: Counter[Firing] = field(default_factory=Counter)
    #: (hazard, event, person, channel) that should have been told
    told: set[tuple[uuid.UUID, int, str, str]] = field(default_factory=set)
    fired_events: set[tuple[uuid.UUID, int]] = field(default_factory=set)
    #: (hazard, event) → (actor, action) of what people did
    acts: dict[tuple[uuid.UUID, int], tuple[str, str | None]] = field(default_factory=dict)
    events: int = 0


def check(
    database: Database,
    now: datetime,
    *,
    journal: Journal | None = None,
    all_fired: bool = True,
    dice: random.Random | None = None,
) -> list[str]:
    """Every breach; `all_fired`: nothing may be due any more at `now`."""
    with database.reading(SYSTEM) as session:
        seen = walk(session)
        found = seen.broken
        found += _some(
            f"fired {count} times: {firing}" for firing, count in seen.firings.items() if count > 1
        )
        found += _outbox(session, seen)
        found += _timers(session, now, all_fired=all_fired)
        found += _ahead(session, now, dice or random.Random(0))
        found += _keys(session, seen)
        found += intake(session)
        if journal is not None:
            found += _acknowledged(session, seen, journal)
    return found + stuck(database)


def walk(session: Session) -> Seen:
    """All chains, recomputed: bytes, hash, place and columns of every event, and every hazard's head."""
    seen = Seen()
    heads = {
        row.id: (row.head, row.seq) for row in session.execute(sa.select(Hazard.id, Hazard.head, Hazard.seq))
    }
    at: dict[uuid.UUID, tuple[bytes, int]] = {}
    events = sa.select(HazardEvent).order_by(HazardEvent.hazard_id, HazardEvent.seq)
    for event in session.scalars(events.execution_options(yield_per=2000)):
        head, seq = at.get(event.hazard_id, (bytes(32), 0))
        said = json.loads(event.body)
        digest = hashlib.sha256(b"\x00" + event.body).digest()
        right = (
            digest == event.hash
            and said["prev"] == head.hex() == event.prev.hex()
            and said["seq"] == event.seq == seq + 1
            and (said["actor"], said["type"], said["data"]["action"])
            == (event.actor, event.type, event.action)
            and datetime.fromisoformat(said["at"]) == event.at
        )
        if not right:
            seen.broken.append(f"event {event.seq} of {event.hazard_id} breaks its chain")
        at[event.hazard_id] = (digest, event.seq)
        _take(seen, event, said["data"])
        session.expunge(event)
    seen.broken += [
        f"the head of {id_} is not its last event" for id_, head in heads.items() if at.get(id_) != head
    ]
    seen.broken += [f"events of {id_}, which is no hazard" for id_ in at.keys() - heads.keys()]
    return seen


def _take(seen: Seen, event: HazardEvent, data: Mapping[str, Any]) -> None:
    seen.events += 1
    place = (event.hazard_id, event.seq)
    if event.actor.startswith("person:"):
        seen.acts[place] = (event.actor, event.action)
    if event.type not in FIRED:
        return
    seen.firings[(event.hazard_id, data["timer"], data["level"], data["cycle"], data["expires_at"])] += 1
    seen.fired_events.add(place)
    channels = data.get("channels", ["inbox"])  # a reminder lies in the inbox
    seen.told |= {
        (*place, person.removeprefix("person:"), channel) for person in data["told"] for channel in channels
    }


def _outbox(session: Session, seen: Seen) -> list[str]:
    """One message for each firing, person and channel; those written later in the place of another aside."""
    rows = session.execute(
        sa.select(Outbox.subject_id, Outbox.seq, Outbox.person_id, Outbox.channel).where(
            Outbox.subject_kind == "hazard", Outbox.instead_of_id.is_(None)
        )
    )
    sent = Counter(
        (row.subject_id, row.seq, str(row.person_id), row.channel)
        for row in rows
        if (row.subject_id, row.seq) in seen.fired_events
    )
    wanted = {(hazard, seq, str(uuid.UUID(person)), channel) for hazard, seq, person, channel in seen.told}
    found = _some(f"nobody wrote {key}" for key in wanted - sent.keys())
    found += _some(f"written although nobody is told: {key}" for key in sent.keys() - wanted)
    return found + _some(f"written {count} times: {key}" for key, count in sent.items() if count > 1)


def _timers(session: Session, now: datetime, *, all_fired: bool) -> list[str]:
    found = _some(
        f"parked: {timer.name} of {timer.subject_id}: {timer.error}"
        for timer in session.scalars(sa.select(Timer).where(Timer.parked_at.is_not(None)))
    )
    if all_fired:
        due = sa.select(Timer).where(Timer.due_at <= now, Timer.parked_at.is_(None))
        found += _some(f"due and unfired: {t.name} {t.level} of {t.subject_id}" for t in session.scalars(due))
    pending = sa.exists().where(Timer.subject_id == Hazard.id, Timer.parked_at.is_(None))
    silent = sa.select(Hazard.number).where(Hazard.closed_at.is_(None), ~pending)
    loud = sa.select(Hazard.number).where(Hazard.closed_at.is_not(None), pending)
    found += _some(f"{number} is open and nothing is pending" for number in session.scalars(silent))
    found += _some(f"{number} is closed and has a timer" for number in session.scalars(loud))
    doubled = (
        sa.select(Timer.subject_id, Timer.name)
        .group_by(Timer.subject_id, Timer.name)
        .having(sa.func.count() > 1)
    )
    return found + _some(f"two timers {row.name} of {row.subject_id}" for row in session.execute(doubled))


def _ahead(session: Session, now: datetime, dice: random.Random) -> list[str]:
    """Of some open hazards: whom their next firings would reach."""
    ids = session.scalars(sa.select(Hazard.id).where(Hazard.closed_at.is_(None)).order_by(Hazard.id)).all()
    found = []
    for id_ in dice.sample(ids, min(ASKED_AHEAD, len(ids))):
        hazard = session.get_one(Hazard, id_)
        coming = forecast(session, hazard, now=now)
        if not coming or any(not firing.people for firing in coming):
            found.append(f"{hazard.number} would reach nobody")
    return found


def _keys(session: Session, seen: Seen) -> list[str]:
    """Every request key has its one event, and nothing was done by a person without one."""
    rows = session.execute(
        sa.select(RequestKey.actor, RequestKey.key, RequestKey.hazard_id, RequestKey.seq)
    ).all()
    answered = Counter((row.hazard_id, row.seq) for row in rows if row.actor.startswith("person:"))
    found = _some(f"key {row.key} has no answer" for row in rows if row.hazard_id is None)
    found += _some(f"{count} keys led to event {place}" for place, count in answered.items() if count > 1)
    return found + _some(
        f"nobody asked for {place}: {act}" for place, act in seen.acts.items() if place not in answered
    )


def intake(session: Session, *, swept_to: datetime | None = None) -> list[str]:
    """in = done + dead + pending: every delivery has its one message, in one of three states that say the truth (law L8).

    Done messages go in time, and their keys outlive them: what was received before `swept_to` is not asked for.
    """
    kept = sa.true() if swept_to is None else InboxKey.stored_at >= swept_to
    of = sa.and_(Inbox.id == InboxKey.inbox_id, Inbox.source_id == InboxKey.source_id)
    lost = sa.select(InboxKey.key).outerjoin(Inbox, of).where(Inbox.id.is_(None), kept)
    strange = sa.select(Inbox.id).outerjoin(InboxKey, of).where(InboxKey.key.is_(None))
    doubled = sa.select(Inbox.id).group_by(Inbox.id).having(sa.func.count() > 1)
    unexplained = sa.and_(Inbox.reason != "", ~Inbox.reason.startswith(DISCARDED))
    untrue = sa.select(Inbox.id, Inbox.state).where(
        sa.or_(
            sa.and_(Inbox.state == "done", sa.or_(Inbox.processed_at.is_(None), unexplained)),
            sa.and_(Inbox.state == "dead", sa.or_(Inbox.processed_at.is_(None), Inbox.reason == "")),
            sa.and_(Inbox.state == "pending", Inbox.reason != ""),
        )
    )
    undone = (
        sa.select(StoredSignal.id)
        .join(Inbox, Inbox.id == StoredSignal.inbox_id)
        .where(Inbox.state == "pending")
    )
    twice = (
        sa.select(StoredSignal.source_id, StoredSignal.delivery_key)
        .group_by(StoredSignal.source_id, StoredSignal.delivery_key)
        .having(sa.func.count() > 1)
    )
    found = _some(f"message of key {key} is lost" for key in session.scalars(lost))
    found += _some(f"message {id_} came in without a key" for id_ in session.scalars(strange))
    found += _some(f"message {id_} is there twice" for id_ in session.scalars(doubled))
    found += _some(f"message {row.id} is {row.state} and says otherwise" for row in session.execute(untrue))
    found += _some(f"signal {id_} of a message nobody evaluated" for id_ in session.scalars(undone))
    return found + _some(f"signal {row.delivery_key} took effect twice" for row in session.execute(twice))


def _acknowledged(session: Session, seen: Seen, journal: Journal) -> list[str]:
    """What clients were told is stored, as they were told; what was refused left nothing."""
    stored = {
        (row.actor, row.key): (row.hazard_id, row.seq)
        for row in session.execute(
            sa.select(RequestKey.actor, RequestKey.key, RequestKey.hazard_id, RequestKey.seq)
        )
    }
    found = []
    for entry in journal.having(ACKNOWLEDGED):
        place = stored.get((entry.actor, entry.key))
        if place is None:
            found.append(f"lost: {entry}")
        elif seen.acts.get(place) != (entry.actor, entry.action):
            found.append(f"acknowledged, and {seen.acts.get(place)} stored: {entry}")
        elif entry.seq not in (0, place[1]) or (entry.hazard_id and uuid.UUID(entry.hazard_id) != place[0]):
            found.append(f"acknowledged, and stored as {place}: {entry}")
    found += [f"refused, and stored: {e}" for e in journal.having(REFUSED) if (e.actor, e.key) in stored]
    return _some(iter(found))


def stuck(database: Database) -> list[str]:
    """Whether anybody still holds a lock: every hazard and timer can be locked at once."""
    with database.engine.connect() as connection, connection.begin():
        if connection.dialect.name == "sqlite":
            return []  # BEGIN IMMEDIATE has just gone through
        connection.execute(sa.text("SET LOCAL lock_timeout = '5s'"))
        connection.execute(sa.text("SELECT set_config('hf.everything', 'on', true)"))
        try:
            connection.execute(sa.text("SELECT id FROM hazard ORDER BY id FOR UPDATE"))
            connection.execute(sa.text("SELECT id FROM timer ORDER BY id FOR UPDATE"))
        except sa.exc.OperationalError as error:
            return [f"a lock is stuck: {error.orig}"]
        return []


def _some(found: Iterator[str]) -> list[str]:
    """The first few and how many more."""
    every = list(found)
    more = [f"… and {len(every) - NAMED} more of these"] if len(every) > NAMED else []
    return every[:NAMED] + more
