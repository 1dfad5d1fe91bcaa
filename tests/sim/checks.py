"""What must be true of the city after every step, and what the whole check of an episode adds. Reads rows, not the code that wrote them."""

import hashlib
import json
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards import queries
from hazard_flow.hazards.effects import parts
from hazard_flow.hazards.forecast import forecast
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.directory import Directory
from hazard_flow.notifications.dispatch import LEASE
from hazard_flow.notifications.retries import RETRY_DOWN_MAX
from hazard_flow.storage.scope import SYSTEM
from tests.sim.clients import Fact
from tests.sim.town import Town

SILENT = (
    "SELECT number FROM hazard h WHERE h.closed_at IS NULL AND NOT EXISTS"
    " (SELECT 1 FROM timer t WHERE t.subject_id = h.id AND t.subject_kind = 'hazard')"
)
_ORPHANS = (
    "SELECT o.template FROM outbox o WHERE o.subject_kind = 'hazard' AND NOT EXISTS"
    " (SELECT 1 FROM hazard_event e WHERE e.hazard_id = o.subject_id AND e.seq = o.seq)"
)
_UNTOLD = (
    "SELECT t.name FROM timer t WHERE t.parked_at IS NOT NULL AND NOT EXISTS"
    " (SELECT 1 FROM outbox o WHERE o.subject_kind = 'timer' AND o.subject_id = t.id)"
)
_TWICE = {
    "number": "SELECT number, count(*) FROM hazard GROUP BY number HAVING count(*) > 1",
    "timer": "SELECT name, count(*) FROM timer GROUP BY subject_id, name HAVING count(*) > 1",
    "message": "SELECT min(template), count(*) FROM outbox GROUP BY subject_id, seq, person_id, channel HAVING count(*) > 1",
    "line in an inbox": "SELECT min(template), count(*) FROM message GROUP BY subject_id, seq, person_id HAVING count(*) > 1",
    "key without an answer": "SELECT key, 1 FROM request_key WHERE hazard_id IS NULL",
}
_OUTBOX = "SELECT id, state, due_at, sent_at, delivered_by, reason, channel FROM outbox"
_ERRANDS = "SELECT outbox_id, state FROM errand"
_SEATED = "SELECT DISTINCT m.person_id FROM membership m JOIN person p ON p.id = m.person_id WHERE p.active AND m.ended_at IS NULL"
_LEFT_OVER = "SELECT t.name FROM timer t JOIN hazard h ON h.id = t.subject_id WHERE h.closed_at IS NOT NULL AND t.subject_kind = 'hazard'"
_EVENTS = (
    "SELECT hazard_id, seq, type, action, actor, body, prev, hash FROM hazard_event ORDER BY hazard_id, seq"
)
#: acts that say the work is done, and acts by which somebody else judges it
_DONE, _JUDGED = ("submit", "fix_on_site"), ("pass", "confirm_fix")


def after_step(town: Town) -> None:
    """The cheap ones: no open hazard without a pending timer."""
    for (number,) in town.look.rows(SILENT):
        town.wrong(f"{number} is open and nothing is pending")


def whole(town: Town, acknowledged: Mapping[tuple[str, str], Fact]) -> None:
    """Everything that can be said of a city between two steps."""
    events = town.look.rows(_EVENTS)
    with town.database.reading(SYSTEM) as session:
        found = [*_chains(events), *_fired_twice(events), *_ahead(town, session)]
    found += [
        f"message {template} tells of an event that never was" for (template,) in town.look.rows(_ORPHANS)
    ]
    found += [f"timer {name} is parked and nobody was told" for (name,) in town.look.rows(_UNTOLD)]
    found += [
        f"{what} {key} exists {count} times"
        for what, statement in _TWICE.items()
        for key, count in town.look.rows(statement)
    ]
    found += [*_unsettled(town), *_keys(town, events, acknowledged), *_own_judges(events)]
    for problem in found:
        town.wrong(problem)


def _chains(events: Sequence[Sequence[Any]]) -> Iterator[str]:
    """Each event's hash is that of its bytes, and the next one names it."""
    heads: dict[Any, tuple[int, bytes]] = {}
    for hazard, seq, *_, body, prev, digest in events:
        last, head = heads.get(hazard, (0, bytes(32)))
        if (seq, bytes(prev)) != (last + 1, head) or hashlib.sha256(b"\x00" + bytes(body)).digest() != bytes(
            digest
        ):
            yield f"the chain of {hazard} breaks at event {seq}"
        heads[hazard] = (seq, bytes(digest))


def _fired_twice(events: Sequence[Sequence[Any]]) -> Iterator[str]:
    """A rung speaks once while its limit runs; a limit begins anew only with an act or another version."""
    spoken: set[tuple[Any, ...]] = set()
    for hazard, seq, kind, _, _, body, *_ in events:
        if kind in ("hazard.acted", "hazard.migrated", "timer.recounted"):
            spoken = set()
        if kind in ("timer.escalated", "timer.reminded"):
            said = json.loads(bytes(body))["data"]
            rung = (hazard, said["timer"], said["level"], said["cycle"], said["expires_at"])
            if rung in spoken:
                yield f"{rung} fired again with event {seq}"
            spoken.add(rung)


def _ahead(town: Town, session: Session) -> Iterator[str]:
    """Each open hazard has a next firing that would reach somebody who works here today; parked timers are their keepers' to wake."""
    seated = {uuid.UUID(str(row[0])) for row in town.look.rows(_SEATED)}
    parked = {
        uuid.UUID(str(row[0]))
        for row in town.look.rows("SELECT subject_id FROM timer WHERE parked_at IS NOT NULL")
    }
    hazards = session.scalars(
        sa.select(Hazard).where(Hazard.closed_at.is_(None)).order_by(Hazard.number)
    ).all()
    people = {person for hazard in hazards for _, person in parts(hazard)}
    directory = Directory.load(session, paths={hazard.path for hazard in hazards}, people=people)
    for hazard in hazards:
        ahead = forecast(session, hazard, now=town.now, directory=directory)
        if not ahead and hazard.id not in parked:
            yield f"{hazard.number} is open and nothing is to come"
        for one in ahead:
            if not one.people:
                yield f"{hazard.number}: {one.name} {one.level} would reach nobody"
            if set(one.people) - seated:
                yield f"{hazard.number}: {one.name} {one.level} would reach people who are not there"
    for (name,) in town.look.rows(_LEFT_OVER):
        yield f"timer {name} is pending on a closed hazard"


def sight(town: Town, who: Actor) -> None:
    """Whoever it is sees hazards of their own whole organisation, of their division, or their own part, and no others."""
    with town.database.reading(who.scope) as session:
        seen = queries.page(session, queries.Filter(), now=town.now, cursor=None, limit=200).items
    homes = {h.path.split("/", 1)[0] for h in who.holdings if not h.regulator}
    divisions = tuple({h.division.removesuffix("00") for h in who.holdings if h.regulator})
    for hazard in seen:
        own = hazard.home_id.hex in homes and hazard.path.split("/", 1)[0] == hazard.home_id.hex
        part = who.id is not None and who.id.hex in hazard.parties
        if not own and not part and not hazard.division.startswith(divisions or ("-",)):
            town.wrong(f"{who.name} sees {hazard.number} of another organisation")


def _unsettled(town: Town) -> Iterator[str]:
    """Each message is sent, handed over, dropped or failed with what belongs to that, or it comes up again within a day."""
    errands = {str(outbox): state for outbox, state in town.look.rows(_ERRANDS)}
    latest = town.now + RETRY_DOWN_MAX + LEASE + timedelta(days=1)
    for id_, state, due_at, sent_at, by, reason, channel in town.look.rows(_OUTBOX):
        due = datetime.fromisoformat(due_at) if isinstance(due_at, str) else due_at
        fine = {
            "pending": due is not None and due.replace(tzinfo=town.now.tzinfo) <= latest,
            "sent": sent_at is not None and bool(by),
            "handed": errands.get(str(id_)) == "open",
            "dropped": bool(reason),
            "failed": bool(reason),
        }
        if not fine[state]:
            yield f"a message over {channel} is {state} with due {due_at}, sent {sent_at}, by {by}, reason {reason}"
    known = {uuid.UUID(str(row[0])) for row in town.look.rows("SELECT id FROM outbox")}
    for id_ in town.mail.delivered:
        if id_ not in known:
            yield f"message {id_} was delivered and never committed"


def _keys(
    town: Town, events: Sequence[Sequence[Any]], acknowledged: Mapping[tuple[str, str], Fact]
) -> Iterator[str]:
    """Every acknowledged request is stored under its key; every key led to one event of its own, every asked-for event has one key."""
    keys = {
        (actor, key): (uuid.UUID(str(hazard)), seq)
        for actor, key, hazard, seq in town.look.rows("SELECT actor, key, hazard_id, seq FROM request_key")
        if hazard is not None
    }
    there = {(uuid.UUID(str(row[0])), row[1]) for row in events}
    for asked, fact in acknowledged.items():
        if keys.get(asked) != fact or fact not in there:
            yield f"acknowledged and not stored: key {asked[1]} with event {fact}, stored {keys.get(asked)}"
    twice = [fact for fact, count in Counter(keys.values()).items() if count > 1]
    yield from (f"event {fact} answered two keys" for fact in twice)
    keyed = set(keys.values())
    for row in events:
        fact = (uuid.UUID(str(row[0])), row[1])
        if _was_asked_for(row) and fact not in keyed:
            yield f"event {fact} ({row[3]}) was asked for under no key"


def _was_asked_for(row: Sequence[Any]) -> bool:
    if row[2] not in ("hazard.reported", "hazard.acted", "hazard.migrated"):
        return False
    said = json.loads(bytes(row[5]))["data"]
    return "silent" not in said and "split_from" not in said


def _own_judges(events: Sequence[Sequence[Any]]) -> Iterator[str]:
    """Nobody re-checks what they handed in themselves."""
    done_by: dict[Any, str] = defaultdict(str)
    for hazard, seq, _, action, actor, *_rest in events:
        if action in _DONE:
            done_by[hazard] = actor
        if action in _JUDGED and actor == done_by[hazard]:
            yield f"{actor} judged own work on {hazard} by event {seq} ({action})"
