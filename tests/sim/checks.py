"""What must be true of the city after every step, and what the whole check of an episode adds. Reads rows, not the code that wrote them."""

import json
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from hazard_flow.hazards import queries
from hazard_flow.identity.actor import Actor
from hazard_flow.notifications.dispatch import LEASE
from hazard_flow.notifications.retries import RETRY_DOWN_MAX
from hazard_flow.storage.scope import SYSTEM
from tests.harness import checks as stored
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
_OUTBOX = "SELECT id, state, due_at, sent_at, delivered_by, reason, channel FROM outbox"
_ERRANDS = "SELECT outbox_id, state FROM errand"
_EVENTS = "SELECT hazard_id, seq, type, action, actor, body FROM hazard_event ORDER BY hazard_id, seq"
#: acts that say the work is done, and acts by which somebody else judges it
_DONE, _JUDGED = ("submit", "fix_on_site"), ("pass", "confirm_fix")


def after_step(town: Town) -> None:
    """The cheap ones: no open hazard without a pending timer."""
    for (number,) in town.look.rows(SILENT):
        town.wrong(f"{number} is open and nothing is pending")


def whole(town: Town, acknowledged: Mapping[tuple[str, str], Fact]) -> None:
    """Everything that can be said of a city between two steps."""
    with town.database.reading(SYSTEM) as session:
        found = [*stored.broken_chains(session), *stored.doubled(session)]
        found += [problem for problem in stored.silent_hazards(session, town.now) if not _is_parked(town, problem)]
    found += [f"message {template} tells of an event that never was" for (template,) in town.look.rows(_ORPHANS)]
    found += [f"timer {name} is parked and nobody was told" for (name,) in town.look.rows(_UNTOLD)]
    found += _unsettled(town)
    events = town.look.rows(_EVENTS)
    found += _keys(town, events, acknowledged)
    found += _own_judges(events)
    found += _addressees(town)
    for problem in found:
        town.wrong(problem)


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


def _is_parked(town: Town, problem: str) -> bool:
    """A hazard whose only timers are parked is no silent one as long as keepers know; that they do is checked apart."""
    number = problem.split(" ", 1)[0]
    parked = town.look.rows(
        "SELECT 1 FROM timer t JOIN hazard h ON h.id = t.subject_id WHERE h.number = ? AND t.parked_at IS NOT NULL", number
    )
    return "nothing is pending" in problem and bool(parked)


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


def _keys(town: Town, events: Sequence[Sequence[Any]], acknowledged: Mapping[tuple[str, str], Fact]) -> Iterator[str]:
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
    for hazard, seq, _, action, actor, _body in events:
        if action in _DONE:
            done_by[hazard] = actor
        if action in _JUDGED and actor == done_by[hazard]:
            yield f"{actor} judged own work on {hazard} by event {seq} ({action})"


def _addressees(town: Town) -> Iterator[str]:
    """Whoever the next firing of each open hazard would reach works here today, in some role."""
    seated = {
        uuid.UUID(str(row[0]))
        for row in town.look.rows(
            "SELECT DISTINCT m.person_id FROM membership m JOIN person p ON p.id = m.person_id WHERE p.active AND m.ended_at IS NULL"
        )
    }
    with town.database.reading(SYSTEM) as session:
        for hazard in session.scalars(stored.sa.select(stored.Hazard).where(stored.Hazard.closed_at.is_(None))):
            ahead = stored.forecast(session, hazard, now=town.now, each=1)
            gone = {person for one in ahead for person in one.people} - seated
            if gone:
                yield f"{hazard.number}: the next firing would reach {len(gone)} people who are not there"
