"""When a timer fires next: reminders before the expiry, then the rungs of its ladder, then the last rung for ever. Pure arithmetic.

Levels: rungs are 0, 1, …; reminders are negative, −1 the one nearest to the expiry. Offsets count from the expiry. Rung n+1 comes at the
earlier of its offset and the end of rung n's time to acknowledge. The last rung repeats at its own cadence, `cycle` counting the periods.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from hazard_flow.workflow import deadlines
from hazard_flow.workflow.deadlines import Reckoning
from hazard_flow.workflow.definition import Duration, Rung, TimerRule

Ladder = tuple[Rung, ...]


@dataclass(frozen=True)
class PlannedTimer:
    """One firing to come."""

    name: str
    level: int
    cycle: int
    due_at: datetime
    #: when the limit itself runs out
    expires_at: datetime
    #: counted over working days of a year that is not official yet
    provisional: bool = False


@dataclass(frozen=True)
class Run:
    """The hazard as one of its timers sees it."""

    #: when the state was entered, the clock's start happened, or `reset_by` last happened
    started_at: datetime
    urgency: str | None = None
    #: instants of the hazard by field name: found_at, due_at, review_at, …
    instants: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class Collapsed:
    """What to fire when several steps are overdue: the highest, and the (level, cycle) left out below it."""

    fire: PlannedTimer
    skipped: tuple[tuple[int, int], ...] = ()


def expiry(rule: TimerRule, run: Run, reckoning: Reckoning) -> tuple[datetime, bool] | None:
    """When the limit runs out, and whether that is provisional. None while the instant it hangs on is not set."""
    if rule.at is not None:
        at = run.instants.get(rule.at)
        return None if at is None else (at, False)
    spans = rule.within or rule.every
    span = spans.for_(run.urgency) if spans else None
    start = run.instants.get(rule.starts_from, run.started_at) if rule.starts_from else run.started_at
    if span is None:
        return None
    at = deadlines.add(span, start, zone=reckoning.zone, calendar=reckoning.calendar)
    return at, _provisional(start, at, span, reckoning)


def first_timer(
    rule: TimerRule, ladder: Ladder, run: Run, reckoning: Reckoning, *, now: datetime
) -> PlannedTimer | None:
    """The first firing at or after `now`: a reminder, or rung 0 (which may already be overdue). None while there is no expiry."""
    for step in steps(rule, ladder, run, reckoning):
        if step.level >= 0 or step.due_at > now:
            return step
    return None


def steps(rule: TimerRule, ladder: Ladder, run: Run, reckoning: Reckoning) -> tuple[PlannedTimer, ...]:
    """All reminders and rungs in order, each at its own offset, the first cycle only."""
    end = expiry(rule, run, reckoning)
    return _steps(rule, ladder, run, reckoning, expires_at=end[0], provisional=end[1]) if end else ()


def next_after(
    rule: TimerRule,
    ladder: Ladder,
    fired: PlannedTimer,
    run: Run,
    reckoning: Reckoning,
    *,
    fired_at: datetime,
    acknowledged: bool = False,
) -> PlannedTimer:
    """The firing that follows one that happened at `fired_at`; there always is one.

    After an acknowledgement call it again with `acknowledged=True`: the next rung then waits for its own offset, it is not cancelled.
    """
    assert ladder, f"the timer {rule.name} has no ladder"
    if fired.level < 0:
        return _after_reminder(rule, ladder, fired, run, reckoning)
    if fired.level >= len(ladder) - 1:
        return _repeat(ladder[-1], fired, fired_at, reckoning)
    level = fired.level + 1
    due_at, unsure = _rung_at(ladder, level, run.urgency, fired.expires_at, reckoning)
    wait = ladder[fired.level].acknowledge_within
    if wait is not None and not acknowledged:
        patience = deadlines.add(wait, fired_at, zone=reckoning.zone, calendar=reckoning.calendar)
        if patience < due_at:
            due_at, unsure = patience, _provisional(fired_at, patience, wait, reckoning)
    return replace(fired, level=level, cycle=0, due_at=due_at, provisional=unsure)


def own_offset(ladder: Ladder, pending: PlannedTimer, urgency: str | None, reckoning: Reckoning) -> datetime:
    """When a pending rung would come by its own offset, had no patience run out before."""
    return _rung_at(ladder, min(pending.level, len(ladder) - 1), urgency, pending.expires_at, reckoning)[0]


def collapse(
    rule: TimerRule, ladder: Ladder, pending: PlannedTimer, run: Run, reckoning: Reckoning, *, now: datetime
) -> Collapsed:
    """What to fire now for a pending timer that is due: after an outage only the highest step whose own offset has passed."""
    assert pending.due_at <= now, "nothing is due"
    overdue = [pending, *_overdue_above(rule, ladder, pending, run, reckoning, now=now)]
    chosen = overdue[-1]
    skipped = [(step.level, step.cycle) for step in overdue[:-1]]
    if chosen.level == len(ladder) - 1:
        while (again := _repeat(ladder[-1], chosen, chosen.due_at, reckoning)).due_at <= now:
            skipped.append((chosen.level, chosen.cycle))
            chosen = again
    return Collapsed(chosen, tuple(skipped))


def _overdue_above(
    rule: TimerRule, ladder: Ladder, pending: PlannedTimer, run: Run, reckoning: Reckoning, *, now: datetime
) -> list[PlannedTimer]:
    expires_at, provisional = pending.expires_at, pending.provisional
    if pending.level < -1:  # further reminders stand between it and the first rung
        later = _steps(rule, ladder, run, reckoning, expires_at=expires_at, provisional=provisional)
        return [step for step in later if step.level > pending.level and step.due_at <= now]
    found = []
    for level in range(pending.level + 1, len(ladder)):
        due_at, unsure = _rung_at(ladder, level, run.urgency, expires_at, reckoning)
        if due_at <= now:
            found.append(PlannedTimer(rule.name, level, 0, due_at, expires_at, provisional or unsure))
    return found


def rekey(
    rule: TimerRule, ladder: Ladder, pending: PlannedTimer, run: Run, reckoning: Reckoning, *, now: datetime
) -> PlannedTimer:
    """The pending firing after the urgency changed: its span counts anew from the old start. A ladder already being climbed goes on."""
    if pending.level > 0 or pending.due_at <= now:
        return pending
    return first_timer(rule, ladder, run, reckoning, now=now) or pending


def upcoming(
    rule: TimerRule, ladder: Ladder, pending: PlannedTimer, run: Run, reckoning: Reckoning, *, count: int = 3
) -> tuple[PlannedTimer, ...]:
    """The next firings if nobody moves and nobody acknowledges, the pending one first."""
    found = [pending]
    while len(found) < count:
        found.append(next_after(rule, ladder, found[-1], run, reckoning, fired_at=found[-1].due_at))
    return tuple(found)


def _steps(
    rule: TimerRule,
    ladder: Ladder,
    run: Run,
    reckoning: Reckoning,
    *,
    expires_at: datetime,
    provisional: bool,
) -> tuple[PlannedTimer, ...]:
    reminders = sorted(_reminders(rule, run, expires_at, reckoning))
    found = [
        PlannedTimer(rule.name, index - len(reminders), 0, due_at, expires_at, provisional)
        for index, due_at in enumerate(reminders)
    ]
    for level in range(len(ladder)):
        due_at, unsure = _rung_at(ladder, level, run.urgency, expires_at, reckoning)
        found.append(PlannedTimer(rule.name, level, 0, due_at, expires_at, provisional or unsure))
    return tuple(found)


def _reminders(rule: TimerRule, run: Run, expires_at: datetime, reckoning: Reckoning) -> set[datetime]:
    start = run.instants.get(rule.starts_from, run.started_at) if rule.starts_from else run.started_at
    found = set()
    for remind in rule.remind:
        if remind.half_way:
            found.add(start + (expires_at - start) / 2)
        elif remind.before is not None:
            found.add(
                deadlines.before(remind.before, expires_at, zone=reckoning.zone, calendar=reckoning.calendar)
            )
    # a reminder outside the span it reminds of would come with the order itself, or after the fact
    return {at for at in found if start < at < expires_at}


def _after_reminder(
    rule: TimerRule, ladder: Ladder, fired: PlannedTimer, run: Run, reckoning: Reckoning
) -> PlannedTimer:
    later = sorted(at for at in _reminders(rule, run, fired.expires_at, reckoning) if at > fired.due_at)
    if later:
        return replace(fired, level=-len(later), due_at=later[0])
    due_at, unsure = _rung_at(ladder, 0, run.urgency, fired.expires_at, reckoning)
    return replace(fired, level=0, cycle=0, due_at=due_at, provisional=fired.provisional or unsure)


def _rung_at(
    ladder: Ladder, level: int, urgency: str | None, expires_at: datetime, reckoning: Reckoning
) -> tuple[datetime, bool]:
    return _rungs_at(ladder, urgency, expires_at, reckoning)[level]


@lru_cache(maxsize=deadlines.REMEMBERED)
def _rungs_at(
    ladder: Ladder, urgency: str | None, expires_at: datetime, reckoning: Reckoning
) -> tuple[tuple[datetime, bool], ...]:
    found = []
    for rung in ladder:
        span = rung.after.for_(urgency)
        assert span is not None, "the loader lets no rung without an offset pass"
        at = deadlines.after_expiry(span, expires_at, zone=reckoning.zone, calendar=reckoning.calendar)
        found.append((at, _provisional(expires_at, at, span, reckoning)))
    return tuple(found)


def _repeat(last: Rung, fired: PlannedTimer, fired_at: datetime, reckoning: Reckoning) -> PlannedTimer:
    """The next period of the last rung after `fired_at`, on the cadence of its own due times, so that late firing doesn't drift."""
    assert last.repeat is not None, "the loader lets no ladder without an end pass"
    due_at, cycle = fired.due_at, fired.cycle
    while True:
        start, cycle = due_at, cycle + 1
        due_at = deadlines.after_expiry(last.repeat, start, zone=reckoning.zone, calendar=reckoning.calendar)
        if due_at > fired_at:
            return replace(
                fired,
                cycle=cycle,
                due_at=due_at,
                provisional=_provisional(start, due_at, last.repeat, reckoning),
            )


def _provisional(start: datetime, end: datetime, span: Duration, reckoning: Reckoning) -> bool:
    return deadlines.is_provisional(span, start, end, zone=reckoning.zone, calendar=reckoning.calendar)
