"""What would have been different: firings of the rules in force beside those of a changed file, and the sums of it. Pure."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Literal

from hazard_flow.hazards.past import Fired
from hazard_flow.workflow.definition import COLOURS

Outcome = Literal["same", "earlier", "later", "readdressed", "new", "gone"]
OUTCOMES: tuple[Outcome, ...] = ("same", "earlier", "later", "readdressed", "new", "gone")
#: a worker wakes within seconds; less than this is no difference of rules
TOLERANCE = timedelta(minutes=1)


@dataclass(frozen=True)
class Difference:
    """One firing under both rules; at least one of `expected` and `replayed` is there, or `recorded` stands alone."""

    outcome: Outcome
    #: what really fired; None where nothing did
    recorded: Fired | None
    #: by the rules that were in force, fired to the minute
    expected: Fired | None
    #: by the changed file
    replayed: Fired | None

    @property
    def was(self) -> Fired | None:
        """What the rules in force made of it: as recorded, or as it should have been."""
        return self.recorded or self.expected

    @property
    def shown(self) -> Fired:
        """The firing that names timer and level."""
        found = self.replayed or self.was
        assert found is not None
        return found

    @property
    def shift(self) -> timedelta:
        """How much later the changed file fires; negative for earlier, nothing where one side is missing."""
        if self.expected is None or self.replayed is None:
            return timedelta(0)
        return self.replayed.at - self.expected.at

    @property
    def is_missed(self) -> bool:
        """Whether it should have fired at the time and did not: the machine stood still."""
        return self.recorded is None and self.expected is not None

    def within(self, since: datetime, until: datetime) -> bool:
        """Whether any side of it lies in a period."""
        sides = (self.recorded, self.expected, self.replayed)
        return any(side is not None and since <= side.at <= until for side in sides)


@dataclass(frozen=True)
class Comparison:
    """One hazard's firings compared, and the recorded ones that the rules in force do not explain."""

    differences: tuple[Difference, ...]
    unexplained: tuple[Fired, ...] = ()


def compare(recorded: Sequence[Fired], expected: Sequence[Fired], replayed: Sequence[Fired]) -> Comparison:
    """Pair the three by timer, level, cycle and the instant their run began.

    Both walks know when a timer's run began; the record does not, so a recorded firing belongs to the latest expected one of its step
    that is not later than itself: a worker fires late, never early.
    """
    real, unexplained = _explained(recorded, expected)
    changed = {(one.step, one.since): one for one in replayed}
    found = []
    for number, one in enumerate(expected):
        other = changed.pop((one.step, one.since), None)
        happened = real.get(number)
        if other is not None:
            found.append(Difference(_outcome(one, other), happened, one, other))
        else:
            found.append(Difference("gone", happened, one, None))
    found += [Difference("new", None, None, one) for one in changed.values()]
    found.sort(key=lambda d: (d.shown.at, d.shown.step))
    return Comparison(tuple(found), tuple(unexplained))


def _explained(recorded: Sequence[Fired], expected: Sequence[Fired]) -> tuple[dict[int, Fired], list[Fired]]:
    """Place in `expected` → the recorded firing it explains, and those nothing explains."""
    open_places: dict[tuple[str, int, int], list[int]] = defaultdict(list)
    for number, one in sorted(enumerate(expected), key=lambda entry: entry[1].at):
        open_places[one.step].append(number)
    real: dict[int, Fired] = {}
    unexplained = []
    for one in sorted(recorded, key=lambda fired: fired.at):
        fits = [n for n in open_places[one.step] if expected[n].at <= one.at + TOLERANCE]
        if not fits:
            unexplained.append(one)
            continue
        real[fits[-1]] = one
        open_places[one.step].remove(fits[-1])
    return real, unexplained


def _outcome(expected: Fired, replayed: Fired) -> Outcome:
    if abs(replayed.at - expected.at) > TOLERANCE:
        return "earlier" if replayed.at < expected.at else "later"
    return "same" if set(replayed.people) == set(expected.people) else "readdressed"


@dataclass(frozen=True)
class Totals:
    """The sums over some hazards. Pairs are (by the rules in force, by the changed file)."""

    counts: Mapping[Outcome, int] = field(default_factory=dict)
    median_earlier: timedelta | None = None
    median_later: timedelta | None = None
    #: colour → pair of notices; reminders and rungs without a colour count nowhere here
    colours: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    #: people told, each firing and person once
    told: tuple[int, int] = (0, 0)
    #: who is told more, or less, by most: person and pair
    most_changed: tuple[uuid.UUID, tuple[int, int]] | None = None
    missed: int = 0


def sums(differences: Iterable[Difference]) -> Totals:
    """Add it up."""
    every = list(differences)
    before = [one.was for one in every if one.was is not None]
    after = [one.replayed for one in every if one.replayed is not None]
    people = _people(before), _people(after)
    moved = sorted(one.shift for one in every if one.outcome in ("earlier", "later"))
    return Totals(
        counts=dict(Counter(one.outcome for one in every)),
        median_earlier=_median([-shift for shift in moved if shift < timedelta(0)]),
        median_later=_median([shift for shift in moved if shift > timedelta(0)]),
        colours={
            colour: (sum(f.colour == colour for f in before), sum(f.colour == colour for f in after))
            for colour in COLOURS
        },
        told=(people[0].total(), people[1].total()),
        most_changed=_most_changed(*people),
        missed=sum(one.is_missed for one in every),
    )


def _people(fired: Iterable[Fired]) -> Counter[uuid.UUID]:
    return Counter(person for one in fired for person in one.people)


def _median(spans: Sequence[timedelta]) -> timedelta | None:
    return timedelta(seconds=round(median(s.total_seconds() for s in spans))) if spans else None


def _most_changed(
    before: Counter[uuid.UUID], after: Counter[uuid.UUID]
) -> tuple[uuid.UUID, tuple[int, int]] | None:
    changes = {person: after[person] - before[person] for person in {*before, *after}}
    person = max(changes, key=lambda one: (abs(changes[one]), one.hex), default=None)
    if person is None or not changes[person]:
        return None
    return person, (before[person], after[person])
