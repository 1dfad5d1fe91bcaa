"""The hazard's timers: which end, which carry over, which begin. Decides with `workflow.plan`, writes rows into the batch.

Three kinds of rule. `state` timers live while the hazard is in a state that names them; the same name in the next state is carried over,
never restarted. `clock` timers run across states until a mark or state ends them. `started` timers were begun by an action.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from hazard_flow.hazards.batch import Batch
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.proceedings import read
from hazard_flow.schedule.models import Timer
from hazard_flow.storage.base import new_id
from hazard_flow.workflow.definition import Action, Rung, State, TimerRule, Workflow
from hazard_flow.workflow.moves import timer_moves
from hazard_flow.workflow.plan import PlannedTimer, Run, expiry, first_timer, next_after, rekey

SUBJECT = "hazard"


@dataclass(frozen=True)
class Before:
    """The hazard as it was before the action; all empty for one about to be opened."""

    state: State | None
    workflow: Workflow | None
    #: instants and marks by name, and the urgency
    values: Mapping[str, Any]


def before(hazard: Hazard, workflow: Workflow) -> Before:
    """Remember what timers hang on, before an action changes it."""
    return Before(state=workflow.states[hazard.state], workflow=workflow, values=_values(hazard))


def _values(hazard: Hazard) -> dict[str, Any]:
    standing = {flag: opened.at for flag, opened in read(hazard.proceedings).open.items()}
    return {**instants(hazard), **standing, "urgency": hazard.urgency}


UNBORN = Before(state=None, workflow=None, values={})
_INSTANTS = ("found_at", "reported_at", "due_at", "original_due_at", "completed_at")
#: mark of the instant a hazard came under its present workflow
PINNED_AT = "pinned_at"


def replan(
    batch: Batch,
    hazard: Hazard,
    workflow: Workflow,
    *,
    action: Action,
    before: Before,
    ended: Collection[str] = (),
) -> None:
    """Bring the hazard's timers in line with what the action made of it; `ended` are timers the action ends."""
    pending = batch.timers.setdefault(hazard.id, {})
    left = before.workflow
    switched = left is not None and left.id != workflow.id
    moves = timer_moves(
        workflow,
        action,
        before=before.state,
        after=workflow.states[hazard.state],
        running=frozenset(pending),
        changed=_changed(before, hazard),
        marks=frozenset(hazard.marks) | frozenset(read(hazard.proceedings).open),
        ended=ended,
        known=frozenset(instants(hazard)),
        switched=switched,
    )
    earlier = {name: timer.started_at for name, timer in pending.items()}
    same = {
        name
        for name, (_, rule) in moves.start.items()
        if switched and left is not None and name in pending and _is_same(batch, hazard, left, workflow, rule)
    }
    for name in sorted(moves.end - same):
        batch.drop_timer(pending.get(name))
    for name in same:
        pending[name].fence, pending[name].rule = hazard.state_seq, moves.start[name][0]
    for name in moves.carry:
        if pending[name].rule == "state":
            pending[name].fence = hazard.state_seq
    for name in sorted(moves.rekey):
        _rekey(batch, hazard, workflow, pending[name])
    for name, (kind, rule) in moves.start.items():
        if name in same:
            continue
        started_at = earlier.get(name, batch.now) if switched else batch.now
        _begin(batch, hazard, workflow, rule, kind=kind, started_at=started_at)
    if action.key == "acknowledge":
        _wait_for_offsets(batch, hazard, workflow)


def _is_same(batch: Batch, hazard: Hazard, left: Workflow, target: Workflow, rule: TimerRule) -> bool:
    """Whether a running timer runs out at the same instant under the new workflow and tells the same people then: it goes on climbing."""
    timer = batch.timers[hazard.id][rule.name]
    old = [
        *left.clocks.values(),
        *left.started().values(),
        *(r for s in left.states.values() for r in s.timers.values()),
    ]
    ladders = {_unlined(left.ladders[r.ladder]) for r in old if r.name == rule.name}
    end = expiry(rule, run_of(hazard, timer.started_at), batch.rules.reckoning)
    return (
        ladders == {_unlined(target.ladders[rule.ladder])} and end is not None and end[0] == timer.expires_at
    )


def _unlined(ladder: Sequence[Rung]) -> str:
    """What a ladder says, wherever in its file it stands."""
    return repr([replace(rung, line=0) for rung in ladder])


def _changed(before: Before, hazard: Hazard) -> frozenset[str]:
    after = _values(hazard)
    return frozenset(name for name in after if after[name] != before.values.get(name))


def _rekey(batch: Batch, hazard: Hazard, workflow: Workflow, timer: Timer) -> None:
    """The urgency changed: the span counts anew from its old start, fired rungs stay fired."""
    rule = rule_of(workflow, hazard, timer)
    if rule is None:
        return
    planned = rekey(
        rule,
        workflow.ladders[rule.ladder],
        planned_of(timer),
        run_of(hazard, timer.started_at),
        batch.rules.reckoning,
        now=batch.now,
    )
    if planned != planned_of(timer):
        batch.add_timer(timer_row(batch, hazard, planned, kind=timer.rule, started_at=timer.started_at))


def _wait_for_offsets(batch: Batch, hazard: Hazard, workflow: Workflow) -> None:
    """Acknowledged: the next rung comes at its own offset, no longer at the end of the patience of the one before."""
    for timer in list(batch.timers.get(hazard.id, {}).values()):
        rule = rule_of(workflow, hazard, timer)
        if rule is None or timer.level < 1 or timer.cycle > 0:
            continue
        below = PlannedTimer(timer.name, timer.level - 1, 0, timer.due_at, timer.expires_at)
        later = next_after(
            rule,
            workflow.ladders[rule.ladder],
            below,
            run_of(hazard, timer.started_at),
            batch.rules.reckoning,
            fired_at=batch.now,
            acknowledged=True,
        )
        timer.due_at = max(later.due_at, timer.due_at)


def _begin(
    batch: Batch, hazard: Hazard, workflow: Workflow, rule: TimerRule, *, kind: str, started_at: datetime
) -> None:
    planned = first_timer(
        rule, workflow.ladders[rule.ladder], run_of(hazard, started_at), batch.rules.reckoning, now=batch.now
    )
    if planned is not None:
        batch.add_timer(timer_row(batch, hazard, planned, kind=kind, started_at=started_at))


def timer_row(
    batch: Batch, hazard: Hazard, planned: PlannedTimer, *, kind: str, started_at: datetime
) -> Timer:
    """The row of a planned firing."""
    return Timer(
        id=new_id(),
        home_id=hazard.home_id,
        subject_kind=SUBJECT,
        subject_id=hazard.id,
        name=planned.name,
        level=planned.level,
        cycle=planned.cycle,
        due_at=planned.due_at,
        expires_at=planned.expires_at,
        started_at=started_at,
        fence=hazard.state_seq,
        rule=kind,
        provisional=planned.provisional,
        created_at=batch.now,
        attempts=0,
    )


def rule_of(workflow: Workflow, hazard: Hazard, timer: Timer) -> TimerRule | None:
    """The rule a pending timer follows; None when the state it was made for has been left."""
    if timer.rule == "clock":
        return workflow.clocks.get(timer.name)
    if timer.rule == "started":
        return workflow.started().get(timer.name)
    return workflow.states[hazard.state].timers.get(timer.name) if timer.fence == hazard.state_seq else None


def run_of(hazard: Hazard, started_at: datetime) -> Run:
    """The hazard as a timer sees it."""
    return Run(started_at=started_at, urgency=hazard.urgency, instants=instants(hazard))


def instants(hazard: Hazard) -> dict[str, datetime]:
    """The hazard's instants by name, those that are set: columns, and the marks (`review_at`, `pinned_at`)."""
    found = {name: datetime.fromisoformat(at) for name, at in hazard.marks.items()}
    columns = {name: getattr(hazard, name) for name in _INSTANTS}
    return found | {name: at for name, at in columns.items() if at is not None}


def planned_of(timer: Timer) -> PlannedTimer:
    """A row as the planner's value."""
    return PlannedTimer(
        timer.name, timer.level, timer.cycle, timer.due_at, timer.expires_at, timer.provisional
    )
