"""A timer is due: tell the people of its rung, raise the colour, plan the next rung. Walks through the door like everything else."""

from datetime import datetime
from typing import Any

from hazard_flow.errors import NotFound
from hazard_flow.hazards.batch import Batch
from hazard_flow.hazards.chain import Happening, append, instant_text
from hazard_flow.hazards.changes import Fire, Outcome
from hazard_flow.hazards.effects import raise_colour
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.tags import EventTag
from hazard_flow.hazards.telling import messages, parts_of
from hazard_flow.hazards.timing import planned_of, rule_of, run_of, timer_row
from hazard_flow.identity.actor import person_key
from hazard_flow.schedule.models import Timer
from hazard_flow.workflow.deadlines import add
from hazard_flow.workflow.definition import Duration, TimerRule, Workflow
from hazard_flow.workflow.plan import PlannedTimer, collapse, next_after


def fire(batch: Batch, change: Fire) -> Outcome:
    """Fire one due timer. On a hazard that has moved on it is a recorded no-op."""
    timer = change.timer
    hazard = batch.hazards.get(timer.subject_id)
    if hazard is None:
        raise NotFound("the timer's hazard")
    workflow = batch.rules.pinned(hazard.workflow, hazard.workflow_version)
    rule = rule_of(workflow, hazard, timer)
    batch.drop_timer(timer)
    if rule is None or not hazard.is_open:
        return _void(batch, hazard, change)
    due = collapse(
        rule,
        workflow.ladders[rule.ladder],
        planned_of(timer),
        run_of(hazard, timer.started_at),
        batch.rules.reckoning_at(hazard.division),
        now=batch.now,
    )
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
        outcome = _remind(batch, hazard, workflow, change, data)
    else:
        outcome = _escalate(batch, hazard, workflow, rule, change, due.fire, data)
    _plan_next(batch, hazard, workflow, rule, timer, due.fire)
    return outcome


def _void(batch: Batch, hazard: Hazard, change: Fire) -> Outcome:
    timer = change.timer
    data = {
        "timer": timer.name,
        "level": timer.level,
        "cycle": timer.cycle,
        "due_at": instant_text(timer.due_at),
    }
    event = append(hazard, Happening(EventTag.TIMER_VOID, None, change.actor.key, data), batch.now)
    batch.events.append(event)
    return Outcome(hazard=hazard, event=event)


def _remind(batch: Batch, hazard: Hazard, workflow: Workflow, change: Fire, data: dict[str, Any]) -> Outcome:
    told = batch.directory.tell(["holder"], parts_of(hazard, workflow.states[hazard.state].holder))
    data |= {"told": [person_key(p) for p in told.people], "unreachable": list(told.unreachable)}
    event = append(hazard, Happening(EventTag.REMINDED, None, change.actor.key, data), batch.now)
    batch.events.append(event)
    batch.outbox += messages(
        hazard,
        people=told.people,
        channels=["inbox"],
        template="reminder",
        now=batch.now,
        name=data["timer"],
        level=data["level"],
        expires_at=data["expires_at"],
    )
    return Outcome(hazard=hazard, event=event)


def _escalate(
    batch: Batch,
    hazard: Hazard,
    workflow: Workflow,
    rule: TimerRule,
    change: Fire,
    fired: PlannedTimer,
    data: dict[str, Any],
) -> Outcome:
    rung = workflow.ladders[rule.ladder][fired.level]
    told = batch.directory.tell(rung.tell, parts_of(hazard, workflow.states[hazard.state].holder))
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
        name=fired.name,
        level=fired.level,
        cycle=fired.cycle,
        colour=rung.colour,
        expires_at=data["expires_at"],
        late_ms=data["late_ms"],
        acknowledge_by=_acknowledge_by(batch, hazard, rung.acknowledge_within),
    )
    return Outcome(hazard=hazard, event=event)


def _acknowledge_by(batch: Batch, hazard: Hazard, within: Duration | None) -> str | None:
    if within is None:
        return None
    reckoning = batch.rules.reckoning_at(hazard.division)
    at: datetime = add(within, batch.now, zone=reckoning.zone, calendar=reckoning.calendar)
    return instant_text(at)


def _plan_next(
    batch: Batch, hazard: Hazard, workflow: Workflow, rule: TimerRule, timer: Timer, fired: PlannedTimer
) -> None:
    planned = next_after(
        rule,
        workflow.ladders[rule.ladder],
        fired,
        run_of(hazard, timer.started_at),
        batch.rules.reckoning_at(hazard.division),
        fired_at=batch.now,
    )
    batch.add_timer(timer_row(batch, hazard, planned, kind=timer.rule, started_at=timer.started_at))
