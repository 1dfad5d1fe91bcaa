"""From one version of a workflow to another: the state a hazard goes on in, and how far its ladders have been climbed. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from hazard_flow.errors import FieldError, Refused
from hazard_flow.workflow.deadlines import Reckoning
from hazard_flow.workflow.definition import State, TimerRule, Workflow
from hazard_flow.workflow.plan import Ladder, PlannedTimer, Run, first_timer, steps


def counterpart(old: Workflow, new: Workflow, state: str, *, names: Mapping[str, str]) -> State:
    """The state of `new` a hazard standing in `state` of `old` goes on in: the one it is mapped to, else the one of the same name.

    Raises Refused where there is none, where it lies in another stage (a version never moves a hazard along), or where the two versions
    are for different levels.
    """
    wanted = names.get(state, state)
    if old.applies_to.get("level") != new.applies_to.get("level"):
        raise Refused(fields=[FieldError("to_version", "other_level", {"to": new.id})])
    found = new.states.get(wanted)
    if found is None:
        params = {"to": new.id, "state": state, "wanted": wanted}
        raise Refused(fields=[FieldError("state", "no_counterpart", params)])
    stage = old.states[state].stage
    if found.stage != stage:
        params = {"to": new.id, "state": state, "stage": stage, "wanted": wanted, "other": found.stage}
        raise Refused(fields=[FieldError("state", "other_stage", params)])
    return found


def carried_on(
    rule: TimerRule,
    ladder: Ladder,
    pending: PlannedTimer,
    run: Run,
    reckoning: Reckoning,
    *,
    own_due_at: datetime | None,
    now: datetime,
) -> PlannedTimer | None:
    """The next firing of a timer that goes on under another rule and ladder; None where the rule has no instant to expire at.

    The limit counts anew from its old start. Rungs that fired stay fired; the last rung, which tells the highest regulator, is left out
    only where it has spoken. Patience that was running out keeps its end: the people it was granted to were told that instant. It was, if
    the pending rung stands before `own_due_at`, where its own offset in the old ladder put it (`plan.own_offset`).
    """
    fresh = first_timer(rule, ladder, run, reckoning, now=now)
    if fresh is None or pending.level < 1:
        return fresh
    top = len(ladder) - 1
    has_repeated = pending.cycle > 0
    level = min(pending.level + has_repeated, top)
    if has_repeated and pending.level >= top:
        return replace(
            fresh,
            level=top,
            cycle=pending.cycle,
            due_at=pending.due_at,
            provisional=pending.provisional,
        )
    due = next(step for step in steps(rule, ladder, run, reckoning) if step.level == level)
    was_early = own_due_at is not None and pending.due_at < own_due_at
    if was_early and not has_repeated and pending.due_at < due.due_at:
        return replace(due, due_at=pending.due_at, provisional=pending.provisional)
    return due
