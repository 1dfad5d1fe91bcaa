"""A timer is due: tell the people of its rung, raise the colour, plan the next rung. Walks through the door like everything else."""

import uuid

from hazard_flow.errors import HazardFlowError, NotFound
from hazard_flow.hazards.acting import act
from hazard_flow.hazards.batch import Batch
from hazard_flow.hazards.chain import Happening, append, instant_text
from hazard_flow.hazards.changes import Act, Fire, Outcome
from hazard_flow.hazards.effects import raise_colour
from hazard_flow.hazards.standing import HazardLike
from hazard_flow.hazards.steps import Step, step_of
from hazard_flow.hazards.tags import EventTag
from hazard_flow.hazards.telling import barred, holder_of, messages, parts_of, reach
from hazard_flow.hazards.timing import rule_of, timer_row
from hazard_flow.identity.actor import person_key, system_actor
from hazard_flow.identity.directory import Told
from hazard_flow.schedule.rows import TimerRow
from hazard_flow.workflow.definition import TimerRule, Workflow
from hazard_flow.workflow.plan import PlannedTimer


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
    step = step_of(batch, hazard, workflow, rule, timer)
    if rule.if_silent is not None and step.fires.level >= 0:
        silent = _act_by_itself(batch, hazard, rule, change, step.fires)
        if silent is not None:
            return silent
    outcome = _climb(batch, hazard, workflow, step, change)
    batch.add_timer(timer_row(batch, hazard, step.follows, kind=timer.rule, started_at=timer.started_at))
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


def _climb(batch: Batch, hazard: HazardLike, workflow: Workflow, step: Step, change: Fire) -> Outcome:
    told = _told(batch, hazard, workflow, step)
    raise_colour(hazard, step.colour)
    data = {**step.data, "told": [person_key(p) for p in told.people], "unreachable": list(told.unreachable)}
    event = append(hazard, Happening(step.tag, None, change.actor.key, data), batch.now)
    batch.events.append(event)
    batch.outbox += messages(
        hazard,
        people=told.people,
        channels=step.channels,
        template=step.template,
        now=batch.now,
        **step.params,
    )
    return Outcome(event=event)


def _told(batch: Batch, hazard: HazardLike, workflow: Workflow, step: Step) -> Told:
    past = barred(hazard, workflow, step.flag) if step.flag is not None else None
    asked = (step.addressees, parts_of(hazard, holder_of(hazard, workflow)), past)
    known = batch.told.get(asked)
    if known is None:
        known = batch.told[asked] = reach(batch.directory, asked[0], asked[1], past=past)
    return known
