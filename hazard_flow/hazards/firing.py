"""A timer is due: tell the people of its rung, raise the colour, plan the next rung. Walks through the door like everything else."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from hazard_flow.errors import HazardFlowError, NotFound
from hazard_flow.hazards.acting import act
from hazard_flow.hazards.batch import Batch
from hazard_flow.hazards.chain import Happening, append, instant_text
from hazard_flow.hazards.changes import Act, Fire, Outcome
from hazard_flow.hazards.effects import raise_colour
from hazard_flow.hazards.standing import HazardLike
from hazard_flow.hazards.tags import EventTag
from hazard_flow.hazards.telling import barred_from_timer, holder_of, messages, parts_of, reach, reminded
from hazard_flow.hazards.timing import planned_of, rule_of, run_of, timer_row
from hazard_flow.identity.actor import person_key, system_actor
from hazard_flow.identity.directory import Told
from hazard_flow.schedule.rows import TimerRow
from hazard_flow.workflow.deadlines import add
from hazard_flow.workflow.definition import Duration, TimerRule, Workflow
from hazard_flow.workflow.plan import PlannedTimer, Run, collapse, next_after


def fire(batch: Batch, change: Fire) -> Outcome:
    """Fire one due timer. On a hazard that has moved on it is a recorded no-op."""
    timer = batch.current(change.timer)
    hazard = batch.standing(timer.subject_id)
    if hazard is None:
        raise NotFound("the timer's hazard")
    workflow = batch.rules.pinned(hazard.workflow, hazard.workflow_version)
    # An act of silence of this very batch may have ended it, or begun it anew under another workflow: that one has its own turn.
    rule = None if timer.id in batch.dropped_timers else rule_of(workflow, hazard, timer)
    batch.drop_timer(timer)
    if rule is None or not hazard.is_open:
        return _void(batch, hazard, change)
    run = run_of(hazard, timer.started_at)
    due = collapse(
        rule,
        workflow.ladders[rule.ladder],
        planned_of(timer),
        run,
        batch.rules.reckoning_at(hazard.division),
        now=batch.now,
    )
    if rule.if_silent is not None and due.fire.level >= 0:
        silent = _act_by_itself(batch, hazard, rule, change, due.fire)
        if silent is not None:
            return silent
    skipped = [{"level": level, "cycle": cycle} for level, cycle in due.skipped]
    data = {
        "timer": timer.name,
        "level": due.fire.level,
        "cycle": due.fire.cycle,
        "due_at": instant_text(due.fire.due_at),
        "expires_at": instant_text(due.fire.expires_at),
        "late_ms": int((batch.now - due.fire.due_at).total_seconds() * 1000),
        "collapsed": skipped,
    }
    if due.fire.level < 0:
        outcome = _remind(batch, hazard, workflow, rule, change, data)
    else:
        outcome = _escalate(batch, hazard, workflow, rule, change, due.fire, data)
    _plan_next(batch, hazard, workflow, rule, timer, due.fire, run)
    return outcome


def overtake(batch: Batch, hazard_id: uuid.UUID) -> None:
    """What was to happen by itself before now happens before a person acts, however late the workers are.

    A request whose time ran out is refused at that instant; an answer that comes afterwards finds nothing to answer.
    """
    hazard = batch.hazards.get(hazard_id)
    while hazard is not None and hazard.is_open and (timer := _run_out(batch, hazard)) is not None:
        fire(batch, Fire(timer=timer, actor=system_actor("timers")))


def _run_out(batch: Batch, hazard: HazardLike) -> TimerRow | None:
    workflow = batch.rules.pinned(hazard.workflow, hazard.workflow_version)
    for timer in sorted(batch.timers.get(hazard.id, {}).values(), key=lambda t: t.expires_at):
        rule = rule_of(workflow, hazard, timer)
        if rule is not None and rule.if_silent and max(timer.due_at, timer.expires_at) <= batch.now:
            return timer
    return None


def _act_by_itself(
    batch: Batch, hazard: HazardLike, rule: TimerRule, change: Fire, fired: PlannedTimer
) -> Outcome | None:
    """Nobody acted in time: the workflow's own act happens. None where it is refused; then people hear of it up the ladder instead.

    It was due when the time ran out, whichever rung of the ladder an outage has reached since.
    """
    late_ms = int((batch.now - fired.expires_at).total_seconds() * 1000)
    silent = {"timer": fired.name, "due_at": instant_text(fired.expires_at), "late_ms": late_ms}
    by_itself = Act(
        hazard_id=hazard.id,
        action=str(rule.if_silent),
        actor=change.actor,
        request_key=f"timer:{change.timer.id}",
        signal={"silent": silent},
    )
    try:
        return act(batch, by_itself)
    except HazardFlowError:
        return None


def _void(batch: Batch, hazard: HazardLike, change: Fire) -> Outcome:
    timer = change.timer
    data = {
        "timer": timer.name,
        "level": timer.level,
        "cycle": timer.cycle,
        "due_at": instant_text(timer.due_at),
    }
    event = append(hazard, Happening(EventTag.TIMER_VOID, None, change.actor.key, data), batch.now)
    batch.events.append(event)
    return Outcome(event=event)


def _remind(
    batch: Batch, hazard: HazardLike, workflow: Workflow, rule: TimerRule, change: Fire, data: dict[str, Any]
) -> Outcome:
    addressees = reminded(change.timer.rule, workflow.ladders[rule.ladder])
    told = _told(batch, hazard, workflow, change.timer.name, addressees)
    data |= {"told": [person_key(p) for p in told.people], "unreachable": list(told.unreachable)}
    event = append(hazard, Happening(EventTag.REMINDED, None, change.actor.key, data), batch.now)
    batch.events.append(event)
    batch.outbox += messages(
        hazard,
        people=told.people,
        channels=["inbox"],
        template="reminder",
        now=batch.now,
        addressees=list(addressees),
        name=data["timer"],
        level=data["level"],
        expires_at=data["expires_at"],
        late_ms=data["late_ms"],
    )
    return Outcome(event=event)


def _escalate(
    batch: Batch,
    hazard: HazardLike,
    workflow: Workflow,
    rule: TimerRule,
    change: Fire,
    fired: PlannedTimer,
    data: dict[str, Any],
) -> Outcome:
    rung = workflow.ladders[rule.ladder][fired.level]
    told = _told(batch, hazard, workflow, fired.name, rung.tell)
    raise_colour(hazard, rung.colour)
    data |= {
        "ladder": rule.ladder,
        "colour": rung.colour,
        "addressees": list(rung.tell),
        "channels": list(rung.by),
        "told": [person_key(p) for p in told.people],
        "unreachable": list(told.unreachable),
    }
    event = append(hazard, Happening(EventTag.ESCALATED, None, change.actor.key, data), batch.now)
    batch.events.append(event)
    batch.outbox += messages(
        hazard,
        people=told.people,
        channels=rung.by,
        template="escalation",
        now=batch.now,
        addressees=list(rung.tell),
        name=fired.name,
        level=fired.level,
        cycle=fired.cycle,
        colour=rung.colour,
        expires_at=data["expires_at"],
        late_ms=data["late_ms"],
        acknowledge_by=_acknowledge_by(batch, hazard, rung.acknowledge_within),
    )
    return Outcome(event=event)


def _told(batch: Batch, hazard: HazardLike, workflow: Workflow, timer: str, words: Sequence[str]) -> Told:
    past = barred_from_timer(hazard, workflow, timer)
    return reach(batch.directory, words, parts_of(hazard, holder_of(hazard, workflow)), past=past)


def _acknowledge_by(batch: Batch, hazard: HazardLike, within: Duration | None) -> str | None:
    if within is None:
        return None
    reckoning = batch.rules.reckoning_at(hazard.division)
    at: datetime = add(within, batch.now, zone=reckoning.zone, calendar=reckoning.calendar)
    return instant_text(at)


def _plan_next(
    batch: Batch,
    hazard: HazardLike,
    workflow: Workflow,
    rule: TimerRule,
    timer: TimerRow,
    fired: PlannedTimer,
    run: Run,
) -> None:
    planned = next_after(
        rule,
        workflow.ladders[rule.ladder],
        fired,
        run,
        batch.rules.reckoning_at(hazard.division),
        fired_at=batch.now,
    )
    batch.add_timer(timer_row(batch, hazard, planned, kind=timer.rule, started_at=timer.started_at))
