"""The hazard's timers: which end, which carry over, which begin. Decides with `workflow.plan`, writes rows into the batch.

Three kinds of rule. `state` timers live while the hazard is in a state that names them; the same name in the next state is carried over,
never restarted. `clock` timers run across states until a mark or state ends them. `started` timers were begun by an action.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hazard_flow.hazards.batch import Batch
from hazard_flow.hazards.limits import own_limit
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.proceedings import read
from hazard_flow.hazards.standing import HazardLike
from hazard_flow.schedule.models import Timer
from hazard_flow.schedule.rows import TimerRow
from hazard_flow.storage.base import new_id
from hazard_flow.workflow.deadlines import Reckoning
from hazard_flow.workflow.definition import Action, State, TimerRule, Workflow
from hazard_flow.workflow.migration import carried_on
from hazard_flow.workflow.moves import timer_moves
from hazard_flow.workflow.plan import PlannedTimer, Run, first_timer, next_after, own_offset, rekey

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
    switched = before.workflow is not None and before.workflow.id != workflow.id
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
    earlier = dict(pending) if switched else {}
    for name in sorted(moves.end):
        batch.drop_timer(pending.get(name))
    for name in moves.carry:
        if pending[name].rule == "state":
            batch.move_timer(pending[name], fence=hazard.state_seq)
    for name in sorted(moves.rekey):
        _rekey(batch, hazard, workflow, pending[name])
    for name, (kind, rule) in moves.start.items():
        timer = begun(batch, hazard, workflow, rule, kind=kind, before=before, running=earlier.get(name))
        if timer is not None:
            batch.add_timer(timer)
    if action.key == "acknowledge":
        _wait_for_offsets(batch, hazard, workflow)


def _changed(before: Before, hazard: Hazard) -> frozenset[str]:
    after = _values(hazard)
    return frozenset(name for name in after if after[name] != before.values.get(name))


def _rekey(batch: Batch, hazard: Hazard, workflow: Workflow, timer: TimerRow) -> None:
    """The urgency changed: the span counts anew from its old start, fired rungs stay fired."""
    rule = rule_of(workflow, hazard, timer)
    if rule is None:
        return
    planned = rekey(
        own_limit(batch.rules, workflow, rule, division=hazard.division, at=timer.started_at),
        workflow.ladders[rule.ladder],
        planned_of(timer),
        run_of(hazard, timer.started_at),
        batch.rules.reckoning_at(hazard.division),
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
            batch.rules.reckoning_at(hazard.division),
            fired_at=batch.now,
            acknowledged=True,
        )
        if later.due_at > timer.due_at:
            batch.move_timer(timer, due_at=later.due_at, provisional=later.provisional)


def begun(
    batch: Batch,
    hazard: Hazard,
    workflow: Workflow,
    rule: TimerRule,
    *,
    kind: str,
    before: Before,
    running: TimerRow | None,
) -> TimerRow | None:
    """The row of a timer that begins now; under other rules the one that is `running` goes on as far as it has climbed."""
    started_at = running.started_at if running else batch.now
    rule = own_limit(batch.rules, workflow, rule, division=hazard.division, at=started_at)
    run, ladder = run_of(hazard, started_at), workflow.ladders[rule.ladder]
    reckoning = batch.rules.reckoning_at(hazard.division)
    if running is None:
        planned = first_timer(rule, ladder, run, reckoning, now=batch.now)
    else:
        own = _own_offset(before, running, reckoning)
        planned = carried_on(rule, ladder, planned_of(running), run, reckoning, own_due_at=own, now=batch.now)
    if planned is None:
        return None
    return timer_row(batch, hazard, planned, kind=kind, started_at=started_at)


def _own_offset(before: Before, timer: TimerRow, reckoning: Reckoning) -> datetime | None:
    """Where the rung's own offset put it, by the ladder and the urgency from before the action."""
    if before.workflow is None or before.state is None:
        return None
    rule = _rule_in(before.workflow, before.state, timer)
    if rule is None:
        return None
    return own_offset(
        before.workflow.ladders[rule.ladder], planned_of(timer), before.values.get("urgency"), reckoning
    )


def timer_row(
    batch: Batch, hazard: HazardLike, planned: PlannedTimer, *, kind: str, started_at: datetime
) -> TimerRow:
    """The row of a planned firing."""
    return TimerRow(
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
    )


def rule_of(workflow: Workflow, hazard: HazardLike, timer: Timer | TimerRow) -> TimerRule | None:
    """The rule a pending timer follows; None when the state it was made for has been left."""
    if timer.rule == "state" and timer.fence != hazard.state_seq:
        return None
    return _rule_in(workflow, workflow.states[hazard.state], timer)


def _rule_in(workflow: Workflow, state: State, timer: Timer | TimerRow) -> TimerRule | None:
    if timer.rule == "clock":
        return workflow.clocks.get(timer.name)
    if timer.rule == "started":
        return workflow.started().get(timer.name)
    return state.timers.get(timer.name)


def run_of(hazard: HazardLike, started_at: datetime) -> Run:
    """The hazard as a timer sees it."""
    return Run(started_at=started_at, urgency=hazard.urgency, instants=instants(hazard))


def instants(hazard: HazardLike) -> dict[str, datetime]:
    """The hazard's instants by name, those that are set: columns, and the marks (`review_at`, `pinned_at`)."""
    found = {name: datetime.fromisoformat(at) for name, at in hazard.marks.items()}
    for name in _INSTANTS:
        at = getattr(hazard, name)
        if at is not None:
            found[name] = at
    return found


def planned_of(timer: Timer | TimerRow) -> PlannedTimer:
    """A row as the planner's value."""
    return PlannedTimer(
        timer.name, timer.level, timer.cycle, timer.due_at, timer.expires_at, timer.provisional
    )
