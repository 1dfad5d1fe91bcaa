"""When a limit speaks next: reminders before it runs out, the rungs of its ladder after, the last rung again and again.

Steps are numbered as people see them: rungs 0, 1, …; reminders −1 (the last before the end), −2, ….
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tests.sim.oracle.days import Days
from tests.sim.oracle.flows import Limit, Rung

Ladder = Sequence[Rung]


@dataclass(frozen=True)
class Fired:
    """The step a pending one follows."""

    step: "Step"
    at: datetime


@dataclass(frozen=True)
class Step:
    """The pending step of one limit."""

    name: str
    #: `state`, `clock` or `started`
    kind: str
    level: int
    cycle: int
    due: datetime
    #: when the limit itself runs out
    end: datetime
    #: what the limit counts from
    start: datetime
    unsure: bool
    #: when this step was planned; no look before that can have missed it
    since: datetime
    #: it comes early because nobody acknowledged the one before
    early: bool = False
    fired: Fired | None = None

    @property
    def place(self) -> tuple[int, int]:
        """Level and cycle."""
        return self.level, self.cycle


@dataclass(frozen=True)
class Terms:
    """All a limit is counted by."""

    limit: Limit
    ladder: Ladder
    urgency: str | None
    #: the hazard's instants and marks
    instants: Mapping[str, datetime]
    days: Days

    def origin(self, start: datetime) -> datetime:
        """What it counts from: a clock's own instant, else when it began."""
        return self.instants.get(self.limit.starts_from, start) if self.limit.starts_from else start

    def end(self, start: datetime) -> tuple[datetime, bool] | None:
        """When it runs out and whether that is unsure; None while the instant it ends at is not known."""
        if self.limit.at is not None:
            at = self.instants.get(self.limit.at)
            return None if at is None else (at, False)
        assert self.limit.span is not None
        wanted, origin = self.limit.span.of(self.urgency), self.origin(start)
        end = self.days.end(wanted, origin)
        return end, self.days.unsure(wanted, origin, end)

    def reminders(self, start: datetime, end: datetime) -> list[datetime]:
        """The instants of its reminders, those that lie inside it."""
        origin = self.origin(start)
        found = {
            origin + (end - origin) / 2 if before is None else self.days.ahead(before, end)
            for before in self.limit.remind
        }
        return sorted(at for at in found if origin < at < end)

    def rung(self, level: int, end: datetime) -> tuple[datetime, bool]:
        """When a rung comes by its own offset."""
        after = self.ladder[level].after.of(self.urgency)
        due = self.days.beyond(after, end)
        return due, self.days.unsure(after, end, due)

    def steps(self, blank: Step, *, unsure: bool) -> list[Step]:
        """Every reminder and rung of a limit with this end, in order; `blank` says all that does not differ."""
        reminders = self.reminders(blank.start, blank.end)
        found = [
            replace(blank, level=number - len(reminders), cycle=0, due=at, unsure=unsure)
            for number, at in enumerate(reminders)
        ]
        for level in range(len(self.ladder)):
            due, doubt = self.rung(level, blank.end)
            found.append(replace(blank, level=level, cycle=0, due=due, unsure=unsure or doubt))
        return found


def all_steps(terms: Terms, kind: str, start: datetime, now: datetime) -> list[Step]:
    """The steps of a limit that counts from `start`, planned now; none while its end is not known."""
    end = terms.end(start)
    if end is None:
        return []
    blank = Step(terms.limit.name, kind, 0, 0, end[0], end[0], start, end[1], now)
    return terms.steps(blank, unsure=end[1])


def first_step(terms: Terms, kind: str, start: datetime, now: datetime) -> Step | None:
    """The first step still to come: a reminder in the future, or rung 0 whether or not its time has passed."""
    return next((s for s in all_steps(terms, kind, start, now) if s.level >= 0 or s.due > now), None)


def due_now(terms: Terms, pending: Step, now: datetime) -> tuple[Step, list[tuple[int, int]]]:
    """Which step speaks at a look, and which below it stay silent: after an outage only the highest whose time has come."""
    higher = [
        s for s in terms.steps(pending, unsure=pending.unsure) if s.level > pending.level and s.due <= now
    ]
    reached = [pending, *higher]
    chosen, silent = reached[-1], [step.place for step in reached[:-1]]
    if chosen.level == len(terms.ladder) - 1:
        while (again := _again(terms, chosen, chosen.due)).due <= now:
            silent.append(chosen.place)
            chosen = again
    return chosen, silent


def next_step(terms: Terms, fired: Step, at: datetime, *, seen: bool = False) -> Step:
    """The step after one that spoke at `at`; `seen`: somebody acknowledged it, so that nothing comes early."""
    told = Fired(fired, at)
    fresh = replace(fired, cycle=0, since=at, early=False, fired=told)
    if fired.level < 0:
        later = [one for one in terms.reminders(fired.start, fired.end) if one > fired.due]
        if later:
            return replace(fresh, level=-len(later), due=later[0])
        due, doubt = terms.rung(0, fired.end)
        return replace(fresh, level=0, due=due, unsure=fired.unsure or doubt)
    if fired.level >= len(terms.ladder) - 1:
        return replace(_again(terms, fired, at), since=at, early=False, fired=told)
    due, doubt = terms.rung(fired.level + 1, fired.end)
    step = replace(fresh, level=fired.level + 1, due=due, unsure=doubt)
    patience = terms.ladder[fired.level].patience
    if patience is None or seen:
        return step
    limit = terms.days.end(patience, at)
    if limit >= due:
        return step
    return replace(step, due=limit, unsure=terms.days.unsure(patience, at, limit), early=True)


def own_time(terms: Terms, pending: Step) -> Step:
    """A pending rung once somebody acknowledged: at its own offset, never earlier than it stands."""
    if pending.level < 1 or pending.cycle > 0:
        return pending
    due, doubt = terms.rung(pending.level, pending.end)
    return replace(pending, due=due, unsure=doubt, early=False) if due > pending.due else pending


def seen_from(terms: Terms, pending: Step) -> Step:
    """The same rung after the urgency changed: whether it comes early is a question of where its own offset is now."""
    if pending.level < 1 or pending.cycle > 0:
        return pending
    is_early = pending.due < terms.rung(pending.level, pending.end)[0]
    return pending if is_early == pending.early else replace(pending, early=is_early)


def under_new_rules(terms: Terms, kind: str, pending: Step, now: datetime) -> Step | None:
    """A limit that goes on under another workflow: counted anew from its old start, as far climbed as it is."""
    steps = all_steps(terms, kind, pending.start, now)
    if not steps:
        return None
    if pending.level < 1:
        return first_step(terms, kind, pending.start, now)
    top = len(terms.ladder) - 1
    if pending.cycle > 0 and pending.level >= top:
        spoken = next(s for s in steps if s.level == top)
        return replace(spoken, cycle=pending.cycle, due=pending.due, unsure=pending.unsure)
    level = min(pending.level + (1 if pending.cycle else 0), top)
    step = next(s for s in steps if s.level == level)
    if pending.early and not pending.cycle and pending.due < step.due:
        return replace(step, due=pending.due, unsure=pending.unsure, early=True)
    return step


def _again(terms: Terms, fired: Step, at: datetime) -> Step:
    """The next turn of the last rung after `at`, on the beat of its own due times."""
    span = terms.ladder[-1].repeat
    assert span is not None, "the last rung of every ladder repeats"
    due, cycle = fired.due, fired.cycle
    while True:
        before, cycle = due, cycle + 1
        due = terms.days.beyond(span, before)
        if due > at:
            return replace(fired, cycle=cycle, due=due, unsure=terms.days.unsure(span, before, due))
