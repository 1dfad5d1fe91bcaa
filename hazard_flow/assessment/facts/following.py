"""Keeps the facts up with the event feed. A worker's job; the hazards an event is about are folded anew from all their events.

One that is told twice comes to the same row, so a run that dies leaves nothing behind and two at once follow each other.
"""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assessment import feed
from hazard_flow.assessment.facts.folding import Deed, deed_of, facts_of
from hazard_flow.assessment.facts.models import HazardFact
from hazard_flow.hazards.models import Hazard, HazardEvent
from hazard_flow.hazards.rules import Rules, rules_of
from hazard_flow.hazards.tags import EventTag
from hazard_flow.schedule.bulk import among, insert_rows
from hazard_flow.storage.json_text import parsed
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database

JOB = "facts"
FOLLOW_EVERY_SECONDS = 5.0
CURSOR = "facts"
#: events of one transaction, and transactions of one run, so that the worker's watchdog sees it alive
BATCH, BATCHES_A_RUN = 1_000, 20
_COLUMNS = tuple(column.key for column in sa.inspect(HazardFact).columns if column.key != "hazard_id")


def run(database: Database, _now: datetime) -> int:
    """Follow the feed to its end, or as far as one run may go; how many events were read."""
    read = 0
    for _ in range(BATCHES_A_RUN):
        with database.transaction(SYSTEM) as session:
            more = follow(session)
        read += more
        if more < BATCH:
            break
    return read


def follow(session: Session, *, limit: int = BATCH) -> int:
    """One stretch of the feed, in this transaction; how many leaves it was. The session must see everything."""
    cursor = feed.held_cursor(session, CURSOR)
    events = feed.read_on(session, rules_of(session), since=cursor.next_leaf, limit=limit)
    end = feed.end_of(session, since=cursor.next_leaf, limit=limit)
    keep(session, sorted({event.hazard_id for event in events}))
    passed, cursor.next_leaf = end - cursor.next_leaf, end
    session.flush()
    return passed


def keep(session: Session, hazard_ids: Sequence[uuid.UUID]) -> None:
    """Write the rows of these hazards as they are now."""
    if not hazard_ids:
        return
    rules = rules_of(session)
    hazards = session.scalars(sa.select(Hazard).where(among(session, Hazard.id, set(hazard_ids)))).all()
    deeds = _deeds(session, hazards)
    rows = [facts_of(one, deeds[one.id], is_hidden=_is_hidden(rules, one)) for one in hazards]
    insert_rows(session, HazardFact.__table__, rows, key=("hazard_id",), update=_COLUMNS)


def _deeds(session: Session, hazards: Sequence[Hazard]) -> dict[uuid.UUID, list[Deed]]:
    """What was done to each, in its order, and what notices it came to; reminders say nothing a figure counts."""
    found: dict[uuid.UUID, list[Deed]] = defaultdict(list)
    rows = session.execute(
        sa.select(HazardEvent.hazard_id, HazardEvent.action, HazardEvent.at, HazardEvent.body)
        .where(
            among(session, HazardEvent.hazard_id, {one.id for one in hazards}),
            HazardEvent.home_id.in_({one.home_id for one in hazards}),
            HazardEvent.type.in_((EventTag.REPORTED, EventTag.ACTED, EventTag.ESCALATED)),
        )
        .order_by(HazardEvent.hazard_id, HazardEvent.seq)
    )
    for hazard_id, action, at, body in rows:
        found[hazard_id].append(deed_of(action, at, parsed(body)["data"]))
    return found


def _is_hidden(rules: Rules, hazard: Hazard) -> bool:
    known = rules.workflows.get((hazard.workflow, hazard.workflow_version))
    state = known.states.get(hazard.state) if known is not None else None
    return state is not None and state.concealed
