"""The single door. Everything that changes a hazard, from a click to a timer, walks through `apply`.

In the caller's transaction, for a whole batch:
1. *seen before?* request keys are claimed in one statement; a key already answered gives its event again;
2. *load and lock* hazards, timers, evidence, people and facts, set-based;
3. *guard* each change; every failure is listed, not only the first;
4. *transition* by the workflow machine;
5. *event* appended to the hazard's own hash chain;
6. *timers* re-planned;
7. *outbox* rows.
No mail, no PDF, no HTTP in here. One bad change fails alone.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from hazard_flow.errors import HazardFlowError, StateConflict
from hazard_flow.hazards import documents, keys
from hazard_flow.hazards.acting import act
from hazard_flow.hazards.batch import Batch
from hazard_flow.hazards.changes import Act, Change, Fire, Migrate, Outcome, Recount, Report, Request
from hazard_flow.hazards.firing import fire, overtake
from hazard_flow.hazards.guarding import door_open
from hazard_flow.hazards.loading import load
from hazard_flow.hazards.migrating import migrate
from hazard_flow.hazards.opening import open_hazard
from hazard_flow.hazards.recounting import recount

#: One call takes no more than this; callers with more call again.
BATCH_MAX = 500


def apply(session: Session, changes: Sequence[Change], now: datetime) -> list[Outcome]:
    """Judge and carry out `changes` in order, one outcome each, inside the caller's transaction.

    Refusals come back in `Outcome.error` (`NotFound`, `StateConflict`, `VersionConflict`, `KeyReused`, `NotAllowed`, `Refused` with every
    missing field); a refused change leaves no trace. Raises only for our own mistakes and for the database's.
    """
    assert len(changes) <= BATCH_MAX, f"{len(changes)} changes in one batch; the limit is {BATCH_MAX}"
    with door_open(session):
        asked = keys.first_asked([c for c in changes if isinstance(c, Request)])
        answered = keys.claim(session, list(asked.values()), now)
        fresh = [c for c in changes if not isinstance(c, Request) or keys.key_of(c) not in answered]
        batch = load(session, fresh, now)
        documents.hold_numbers(batch, fresh)
        outcomes = [_once(batch, change, asked, answered) for change in changes]
        batch.write()
        keys.settle(session, answered)
    return outcomes


def apply_one(session: Session, change: Change, now: datetime) -> Outcome:
    """A batch of one; raises the outcome's error."""
    return apply(session, [change], now)[0].or_raise()


def _once(
    batch: Batch, change: Change, asked: Mapping[keys.Key, Request], answered: dict[keys.Key, Outcome]
) -> Outcome:
    if not isinstance(change, Request):
        return _carry_out(batch, change)
    key = keys.key_of(change)
    if not keys.same_request(asked[key], change):
        return Outcome(error=keys.reused(change.request_key))
    if key in answered:
        return answered[key] if answered[key].error else _replay(answered[key])
    answered[key] = _carry_out(batch, change)
    return answered[key]


def _replay(earlier: Outcome) -> Outcome:
    return Outcome(hazard=earlier.hazard, event=earlier.event, replayed=True)


def _carry_out(batch: Batch, change: Change) -> Outcome:
    try:
        if isinstance(change, Report):
            return open_hazard(batch, change)
        if isinstance(change, Act):
            return act(batch, _after_silence(batch, change))
        if isinstance(change, Migrate):
            return migrate(batch, change)
        if isinstance(change, Recount):
            return recount(batch, change)
        return fire(batch, change)
    except HazardFlowError as refused:
        hazard = None if isinstance(change, Report) else batch.hazards.get(_hazard_id(change))
        if isinstance(refused, StateConflict) and hazard is not None:
            refused.params.setdefault("number", hazard.number)
        return Outcome(hazard=hazard, error=refused)


def _after_silence(batch: Batch, change: Act) -> Act:
    """The change once what was to happen by itself has happened; the version its caller looked at was compared before."""
    hazard = batch.hazards.get(change.hazard_id)
    if hazard is None or change.expected_version not in (None, hazard.seq):
        return change
    overtake(batch, hazard.id)
    return replace(change, expected_version=None)


def _hazard_id(change: Act | Migrate | Fire | Recount) -> uuid.UUID:
    return change.timer.subject_id if isinstance(change, Fire) else change.hazard_id
