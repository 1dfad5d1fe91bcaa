"""Counting the time limits of a hazard again after the working days changed.

What people agreed on (`due_at`) never moves, nor does what fired: a limit that ran out and was told stays run out, only the next step of
its ladder is counted anew. Each limit that moves leaves an event with both instants, and whoever holds the hazard is told; a limit that
became shorter is told in words of its own.
"""

from typing import Any

from hazard_flow.errors import NotFound
from hazard_flow.hazards.batch import Batch
from hazard_flow.hazards.chain import EventRow, Happening, append, instant_text
from hazard_flow.hazards.changes import Outcome, Recount
from hazard_flow.hazards.limits import own_limit
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.tags import EventTag
from hazard_flow.hazards.telling import TASK_CHANNELS, holder_of, messages, parts_of
from hazard_flow.hazards.timing import planned_of, rule_of, run_of, timer_row
from hazard_flow.identity.actor import person_key
from hazard_flow.schedule.rows import TimerRow
from hazard_flow.workflow.definition import TimerRule, Workflow
from hazard_flow.workflow.plan import PlannedTimer, expiry, next_after, steps


def recount(batch: Batch, change: Recount) -> Outcome:
    """Count all pending limits of a hazard again; the last event written, or none where nothing moved."""
    hazard = batch.hazards.get(change.hazard_id)
    if hazard is None:
        raise NotFound("hazard")
    event: EventRow | None = None
    if hazard.is_open:
        workflow = batch.rules.pinned(hazard.workflow, hazard.workflow_version)
        for timer in sorted(batch.timers.get(hazard.id, {}).values(), key=lambda one: one.name):
            event = _recount_timer(batch, hazard, workflow, timer, change) or event
    return Outcome(hazard=hazard, event=event)


def _recount_timer(
    batch: Batch, hazard: Hazard, workflow: Workflow, timer: TimerRow, change: Recount
) -> EventRow | None:
    rule = rule_of(workflow, hazard, timer)
    if rule is None:
        return None
    was, planned = planned_of(timer), _counted(batch, hazard, workflow, rule, timer)
    if planned is None or planned == was:
        return None
    _move(batch, hazard, timer, planned)
    if (planned.due_at, planned.expires_at) == (was.due_at, was.expires_at):
        return None  # the year became official and nothing moved
    return _record(batch, hazard, workflow, was, planned, change)


def _counted(
    batch: Batch, hazard: Hazard, workflow: Workflow, rule: TimerRule, timer: TimerRow
) -> PlannedTimer | None:
    """The step a timer waits for, by the calendar of now; None where the limit hangs on an instant that is not set."""
    rule = own_limit(batch.rules, workflow, rule, division=hazard.division, at=timer.started_at)
    ladder, run = workflow.ladders[rule.ladder], run_of(hazard, timer.started_at)
    reckoning = batch.rules.reckoning_at(hazard.division)
    fired = batch.firings.fired_before(timer)
    if fired is not None and fired.step.level >= 0:
        seen = batch.firings.is_acknowledged(timer, fired)
        return next_after(rule, ladder, fired.step, run, reckoning, fired_at=fired.at, acknowledged=seen)
    # A repeat without a firing of its own before it came along from another workflow: it keeps the beat it had there.
    if timer.cycle > 0 or expiry(rule, run, reckoning) is None:
        return None
    # A reminder counts from the end of the limit: those that came before the pending one were given and do not come again.
    ahead = (
        step
        for step in steps(rule, ladder, run, reckoning)
        if step.level >= timer.level and (step.level >= 0 or step.due_at > batch.now)
    )
    return next(ahead)


def _move(batch: Batch, hazard: Hazard, timer: TimerRow, planned: PlannedTimer) -> None:
    """The same row where it is the same step: what it follows and what was parked stays known."""
    if (planned.level, planned.cycle) == (timer.level, timer.cycle):
        batch.move_timer(
            timer, due_at=planned.due_at, expires_at=planned.expires_at, provisional=planned.provisional
        )
        return
    row = timer_row(batch, hazard, planned, kind=timer.rule, started_at=timer.started_at)
    batch.add_timer(row._replace(created_at=timer.created_at))


def _record(
    batch: Batch, hazard: Hazard, workflow: Workflow, was: PlannedTimer, now: PlannedTimer, change: Recount
) -> EventRow:
    limit_moved = now.expires_at != was.expires_at
    before, after = (was.expires_at, now.expires_at) if limit_moved else (was.due_at, now.due_at)
    told = batch.directory.tell(["holder"], parts_of(hazard, holder_of(hazard, workflow)))
    years = {at.year for at in (before, after)}
    data: dict[str, Any] = {
        "timer": now.name,
        "level": now.level,
        "cycle": now.cycle,
        "moved": "limit" if limit_moved else "rung",
        "shortened": after < before,
        "due_before": instant_text(was.due_at),
        "due_after": instant_text(now.due_at),
        "expires_before": instant_text(was.expires_at),
        "expires_after": instant_text(now.expires_at),
        "provisional": now.provisional,
        "calendar": batch.rules.book.calendars.source_of(hazard.division, years),
        "told": [person_key(p) for p in told.people],
        "unreachable": list(told.unreachable),
    }
    event = append(hazard, Happening(EventTag.RECOUNTED, None, change.actor.key, data), batch.now)
    batch.events.append(event)
    batch.outbox += messages(
        hazard,
        people=told.people,
        channels=TASK_CHANNELS,
        template=_template(limit_moved=limit_moved, shortened=after < before),
        now=batch.now,
        addressees=["holder"],
        name=now.name,
        level=now.level,
        counted_before=instant_text(before),
        counted_after=instant_text(after),
    )
    return event


def _template(*, limit_moved: bool, shortened: bool) -> str:
    if not limit_moved:
        return "recounted_rung"
    return "recounted_shorter" if shortened else "recounted"
