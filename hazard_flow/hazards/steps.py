"""What the firing of a due timer is, apart from the hazard it happens to: which rung, whom by role, over which channels, and what follows.

Limits counted in days run out together at midnight, so that thousands of hazards stand alike; a batch decides once for all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hazard_flow.hazards.batch import Batch
from hazard_flow.hazards.chain import instant_text
from hazard_flow.hazards.standing import HazardLike
from hazard_flow.hazards.tags import EventTag
from hazard_flow.hazards.telling import flag_of_timer, reminded
from hazard_flow.hazards.timing import planned_of, run_of
from hazard_flow.schedule.rows import TimerRow
from hazard_flow.workflow.deadlines import Reckoning, add
from hazard_flow.workflow.definition import Duration, Rung, TimerRule, Workflow
from hazard_flow.workflow.plan import Collapsed, PlannedTimer, collapse, next_after


@dataclass(frozen=True, slots=True)
class Step:
    """One firing, ready to happen to any hazard that stands like the one it was decided for."""

    tag: EventTag
    fires: PlannedTimer
    follows: PlannedTimer
    addressees: tuple[str, ...]
    channels: tuple[str, ...]
    colour: str | None
    #: the request whose applicant may not decide it, and so is passed over
    flag: str | None
    #: what its event and its messages say whichever hazard it is
    data: Mapping[str, Any]
    template: str
    params: Mapping[str, Any]


def step_of(batch: Batch, hazard: HazardLike, workflow: Workflow, rule: TimerRule, timer: TimerRow) -> Step:
    """What this due timer does now. Reminders hang on the hazard's own instants; a rung only on what `alike` names."""
    if timer.level < 0:
        return _decide(batch, hazard, workflow, rule, timer)
    alike = (
        hazard.workflow, hazard.workflow_version, hazard.state, hazard.urgency, hazard.division,
        timer.name, timer.rule, timer.level, timer.cycle, timer.due_at, timer.expires_at, timer.provisional,
    )  # fmt: skip
    known = batch.steps.get(alike)
    if known is None:
        known = batch.steps[alike] = _decide(batch, hazard, workflow, rule, timer)
    return known


def _decide(batch: Batch, hazard: HazardLike, workflow: Workflow, rule: TimerRule, timer: TimerRow) -> Step:
    ladder, run = workflow.ladders[rule.ladder], run_of(hazard, timer.started_at)
    reckoning = batch.rules.reckoning_at(hazard.division)
    due = collapse(rule, ladder, planned_of(timer), run, reckoning, now=batch.now)
    follows = next_after(rule, ladder, due.fire, run, reckoning, fired_at=batch.now)
    data = _told_of(due, batch.now)
    if due.fire.level < 0:
        return _reminder(
            due.fire,
            follows,
            data,
            addressees=reminded(timer.rule, ladder),
            flag=flag_of_timer(workflow, timer.name),
        )
    rung = ladder[due.fire.level]
    patience = _end_of_patience(rung.acknowledge_within, batch.now, reckoning)
    return _rung(
        rule, rung, due.fire, follows, data, patience=patience, flag=flag_of_timer(workflow, timer.name)
    )


def _told_of(due: Collapsed, now: datetime) -> dict[str, Any]:
    return {
        "timer": due.fire.name,
        "level": due.fire.level,
        "cycle": due.fire.cycle,
        "due_at": instant_text(due.fire.due_at),
        "expires_at": instant_text(due.fire.expires_at),
        "late_ms": int((now - due.fire.due_at).total_seconds() * 1000),
        "collapsed": [{"level": level, "cycle": cycle} for level, cycle in due.skipped],
    }


def _reminder(
    fires: PlannedTimer,
    follows: PlannedTimer,
    data: dict[str, Any],
    *,
    addressees: tuple[str, ...],
    flag: str | None,
) -> Step:
    params = {
        "addressees": list(addressees),
        "name": fires.name,
        "level": fires.level,
        "expires_at": data["expires_at"],
        "late_ms": data["late_ms"],
    }
    return Step(
        EventTag.REMINDED, fires, follows, addressees, ("inbox",), colour=None, flag=flag, data=data, template="reminder",
        params=params,
    )  # fmt: skip


def _rung(
    rule: TimerRule, rung: Rung, fires: PlannedTimer, follows: PlannedTimer, data: dict[str, Any], *, patience: str | None,
    flag: str | None,
) -> Step:  # fmt: skip
    addressees, channels = list(rung.tell), list(rung.by)
    params = {
        "addressees": addressees,
        "name": fires.name,
        "level": fires.level,
        "cycle": fires.cycle,
        "colour": rung.colour,
        "expires_at": data["expires_at"],
        "late_ms": data["late_ms"],
        "acknowledge_by": patience,
    }
    said = {"ladder": rule.ladder, "colour": rung.colour, "addressees": addressees, "channels": channels}
    return Step(
        EventTag.ESCALATED, fires, follows, rung.tell, rung.by, colour=rung.colour, flag=flag, data=data | said,
        template="escalation", params=params,
    )  # fmt: skip


def _end_of_patience(within: Duration | None, now: datetime, reckoning: Reckoning) -> str | None:
    return (
        None
        if within is None
        else instant_text(add(within, now, zone=reckoning.zone, calendar=reckoning.calendar))
    )
