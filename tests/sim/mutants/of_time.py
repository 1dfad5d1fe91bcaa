"""Faults in what is due when: expiries, calendars, rungs, outages, what runs on and what ends."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from hazard_flow.hazards import acting, door, firing, migrating, recounting, steps, timing
from hazard_flow.hazards.batch import Batch
from hazard_flow.hazards.changes import Fire, Outcome
from hazard_flow.hazards.models import Hazard
from hazard_flow.schedule.models import Timer
from hazard_flow.timers import engine
from hazard_flow.workflow import plan
from hazard_flow.workflow.calendar import Calendar
from hazard_flow.workflow.moves import TimerMoves
from hazard_flow.workflow.plan import Collapsed, PlannedTimer
from tests.sim.mutants import lives
from tests.sim.mutants.planting import Hits, Mutant

Any_ = Callable[..., Any]


def _later(by: timedelta) -> Callable[[Any_, Hits], Any_]:
    def make(real: Any_, hits: Hits) -> Any_:
        def expiry(*args: Any, **more: Any) -> Any:
            found = real(*args, **more)
            if found is None:
                return None
            hits()
            return found[0] + by, found[1]

        return expiry

    return make


def _works(answer: Callable[[date], bool | None]) -> Callable[[Any_, Hits], Any_]:
    def make(real: Any_, hits: Hits) -> Any_:
        def is_workday(self: Calendar, day: date) -> bool:
            said, truth = answer(day), bool(real(self, day))
            if said is None or said == truth:
                return truth
            hits()
            return said

        return is_workday

    return make


def _a_rung_left_out(real: Any_, hits: Hits) -> Any_:
    def next_after(rule: Any, ladder: Any, fired: PlannedTimer, *args: Any, **more: Any) -> PlannedTimer:
        if 0 <= fired.level < len(ladder) - 2:
            hits()
            fired = replace(fired, level=fired.level + 1)
        found: PlannedTimer = real(rule, ladder, fired, *args, **more)
        return found

    return next_after


def _last_rung_once(real: Any_, hits: Hits) -> Any_:
    def next_after(rule: Any, ladder: Any, fired: PlannedTimer, *args: Any, **more: Any) -> PlannedTimer:
        found: PlannedTimer = real(rule, ladder, fired, *args, **more)
        if fired.level < len(ladder) - 1:
            return found
        hits()
        return replace(found, due_at=found.due_at + timedelta(days=3_650))

    return next_after


def _endless_patience(real: Any_, hits: Hits) -> Any_:
    def next_after(rule: Any, ladder: Any, fired: PlannedTimer, *args: Any, **more: Any) -> PlannedTimer:
        asked: PlannedTimer = real(rule, ladder, fired, *args, **more)
        found: PlannedTimer = real(rule, ladder, fired, *args, **{**more, "acknowledged": True})
        if found != asked:
            hits()
        return found

    return next_after


def _no_collapse(_real: Any_, hits: Hits) -> Any_:
    def collapse(_rule: Any, _ladder: Any, pending: PlannedTimer, *_args: Any, **_more: Any) -> Collapsed:
        hits()
        return Collapsed(pending)

    return collapse


def _collapse_to_the_lowest(real: Any_, hits: Hits) -> Any_:
    def collapse(rule: Any, ladder: Any, pending: PlannedTimer, *args: Any, **more: Any) -> Collapsed:
        found: Collapsed = real(rule, ladder, pending, *args, **more)
        if not found.skipped:
            return found
        hits()
        return Collapsed(pending, (*found.skipped[1:], (found.fire.level, found.fire.cycle)))

    return collapse


def _all_alike(real: Any_, hits: Hits) -> Any_:
    """What was decided for one hazard of a batch is taken for every other whose timer has the same name and level."""

    def step_of(batch: Any, hazard: Any, workflow: Any, rule: Any, timer: Any) -> Any:
        if timer.level < 0:
            return real(batch, hazard, workflow, rule, timer)
        alike = (hazard.workflow, timer.name, timer.level)
        found = batch.steps.get(alike)
        if found is None:
            found = batch.steps[alike] = real(batch, hazard, workflow, rule, timer)
        elif found.fires.due_at != timer.due_at:
            hits()
        return found

    return step_of


def _reminder_after_the_end(real: Any_, hits: Hits) -> Any_:
    def reminders(rule: Any, run: Any, expires_at: datetime, *args: Any) -> set[datetime]:
        found = real(rule, run, expires_at, *args)
        if found:
            hits()
        return {expires_at + (expires_at - at) for at in found}

    return reminders


def _moves(change: Callable[[TimerMoves, Mapping[str, Any]], TimerMoves]) -> Callable[[Any_, Hits], Any_]:
    def make(real: Any_, hits: Hits) -> Any_:
        def timer_moves(*args: Any, **more: Any) -> TimerMoves:
            found: TimerMoves = real(*args, **more)
            other = change(found, more)
            if other != found:
                hits()
            return other

        return timer_moves

    return make


def _nothing_ends(found: TimerMoves, _asked: Mapping[str, Any]) -> TimerMoves:
    return replace(found, end=found.end & found.start.keys())


def _first_start_lost(found: TimerMoves, asked: Mapping[str, Any]) -> TimerMoves:
    begins = sorted(name for name, (kind, _) in found.start.items() if kind == "state")
    if not begins or asked["before"] is None:
        return found
    return replace(found, start={name: rule for name, rule in found.start.items() if name != begins[0]})


def _urgency_ignored(found: TimerMoves, _asked: Mapping[str, Any]) -> TimerMoves:
    return replace(found, rekey=frozenset())


def _no_reset(real: Any_, hits: Hits) -> Any_:
    def timer_moves(workflow: Any, action: Any, **more: Any) -> TimerMoves:
        rules = [rule for state in workflow.states.values() for rule in state.timers.values()]
        if any(action.key in rule.reset_by for rule in rules):
            hits()
            action = replace(action, key="")
        found: TimerMoves = real(workflow, action, **more)
        return found

    return timer_moves


def _starts_over(real: Any_, hits: Hits) -> Any_:
    """A limit of the same name in the next state begins anew instead of going on."""

    def timer_moves(workflow: Any, action: Any, **more: Any) -> TimerMoves:
        found: TimerMoves = real(workflow, action, **more)
        before, after = more["before"], more["after"]
        again = {name for name in found.carry if before is not after and name in after.timers}
        if not again:
            return found
        hits()
        start = {**found.start, **{name: ("state", after.timers[name]) for name in again}}
        return replace(found, start=start, carry=found.carry - again, end=found.end | again)

    return timer_moves


def _ended_and_fired(real: Any_, hits: Hits) -> Any_:
    """The fence is passed over: what an act of the same look ended fires all the same."""

    def fire(batch: Batch, change: Fire) -> Outcome:
        if change.timer.id in batch.dropped_timers:
            hits()
            batch.dropped_timers.discard(change.timer.id)
            change = replace(
                change, timer=change.timer._replace(fence=batch.hazards[change.timer.subject_id].state_seq)
            )
        found: Outcome = real(batch, change)
        return found

    return fire


def _extension_in_words_only(real: Any_, hits: Hits) -> Any_:
    def adopt(hazard: Hazard, action: Any, clean: Mapping[str, Any]) -> dict[str, Any]:
        due_at = hazard.due_at
        changed: dict[str, Any] = real(hazard, action, clean)
        if "due_at" in changed:
            hits()
            hazard.due_at = due_at
        return changed

    return adopt


def _ladder_ends_when_seen(_real: Any_, hits: Hits) -> Any_:
    def wait(batch: Batch, hazard: Hazard, *_args: Any) -> None:
        for timer in list(batch.timers.get(hazard.id, {}).values()):
            if timer.level > 0:
                hits()
                batch.drop_timer(timer)

    return wait


def _seen_changes_nothing(real: Any_, hits: Hits) -> Any_:
    def wait(batch: Batch, hazard: Hazard, workflow: Any) -> None:
        before = dict(batch.timers.get(hazard.id, {}))
        real(batch, hazard, workflow)
        for name, timer in before.items():
            if batch.timers[hazard.id][name] != timer:
                hits()
                batch.move_timer(batch.timers[hazard.id][name], due_at=timer.due_at)

    return wait


def _not_counted_again(real: Any_, hits: Hits) -> Any_:
    def recount_timer(*args: Any) -> None:
        hits()

    return recount_timer


def _silence_means_nothing(_real: Any_, hits: Hits) -> Any_:
    def act_by_itself(*_args: Any) -> Outcome | None:
        hits()
        return None

    return act_by_itself


def _own_limit_ignored(real: Any_, hits: Hits) -> Any_:
    def own_limit(rules: Any, workflow: Any, rule: Any, **more: Any) -> Any:
        if real(rules, workflow, rule, **more) != rule:
            hits()
        return rule

    return own_limit


def _parked_is_gone(real: Any_, hits: Hits) -> Any_:
    def park(session: Any, timer_id: Any, **more: Any) -> Timer | None:
        timer: Timer | None = real(session, timer_id, **more)
        if timer is not None:
            hits()
            session.delete(timer)
        return timer

    return park


_WEEKEND = 5
MUTANTS = (
    Mutant("an hour late", "a limit runs out an hour late", plan, "expiry", _later(timedelta(hours=1)), lives.PLAIN),
    Mutant("a day early", "a limit runs out a day early", plan, "expiry", _later(timedelta(days=-1)), lives.PLAIN),
    Mutant("weekends worked", "Saturday and Sunday count as working days", Calendar, "is_workday", _works(lambda _: True), lives.PLAIN),
    Mutant("holidays worked", "a holiday on a weekday counts as a working day", Calendar, "is_workday",
           _works(lambda day: day.weekday() < _WEEKEND), lives.TURN_OF_THE_YEAR),
    Mutant("a rung left out", "the second rung is passed over", steps, "next_after", _a_rung_left_out, lives.PLAIN),
    Mutant("last rung once", "the last rung speaks once", steps, "next_after", _last_rung_once, lives.PLAIN),
    Mutant("endless patience", "a notice nobody acknowledges brings nothing early", steps, "next_after", _endless_patience, lives.PLAIN),
    Mutant("all alike", "hazards that stand otherwise are taken for alike", firing, "step_of", _all_alike, lives.TOLD),
    Mutant("no collapse", "after an outage every rung speaks", steps, "collapse", _no_collapse, lives.OUTAGES),
    Mutant("lowest collapse", "after an outage the lowest rung speaks for all", steps, "collapse", _collapse_to_the_lowest, lives.OUTAGES),
    Mutant("late reminder", "reminders come after the end", plan, "_reminders", _reminder_after_the_end, lives.PLAIN),
    Mutant("nothing ends", "limits of a state that was left stay pending", timing, "timer_moves", _moves(_nothing_ends), lives.PLAIN,
           (migrating,)),
    Mutant("a limit lost", "the first limit of the next state does not begin", timing, "timer_moves", _moves(_first_start_lost),
           lives.PLAIN),
    Mutant("urgency ignored", "a limit stays as it was when the urgency rises", timing, "timer_moves", _moves(_urgency_ignored),
           lives.PLAIN),
    Mutant("no reset", "an act that resets a limit leaves it as it was", timing, "timer_moves", _no_reset, lives.WORKING),
    Mutant("ended and fired", "a limit that ended in the same look fires all the same", door, "fire", _ended_and_fired, lives.TOLD),
    Mutant("starts over", "a limit of the same name starts over in the next state", timing, "timer_moves", _starts_over, lives.WORKING),
    Mutant("words only", "an approved extension is written down, and the deadline stays", acting, "adopt", _extension_in_words_only,
           lives.ASKING),
    Mutant("seen ends it", "a notice that was acknowledged climbs no further", timing, "_wait_for_offsets", _ladder_ends_when_seen,
           lives.PLAIN),
    Mutant("seen is nothing", "an acknowledgement does not stop the next rung from coming early", timing, "_wait_for_offsets",
           _seen_changes_nothing, lives.PLAIN),
    Mutant("not counted again", "an import of working days moves no running limit", recounting, "_recount_timer", _not_counted_again,
           lives.NOTICE),
    Mutant("silence is nothing", "what should happen by itself does not", firing, "_act_by_itself", _silence_means_nothing,
           lives.UNANSWERED),
    Mutant("own limit ignored", "a place's own limit is passed over", timing, "own_limit", _own_limit_ignored, lives.LOCAL),
    Mutant("parked is gone", "a timer that cannot be fired is deleted", engine, "park", _parked_is_gone, lives.POISONED),
)  # fmt: skip
