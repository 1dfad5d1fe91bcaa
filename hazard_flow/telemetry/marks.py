"""Samples into ticks: what each sample means to one rule, by itself and with those before it. Pure; instants are seconds since 1970.

Every condition here is existential: it asks whether some samples exist, never that others do not. So a sample that arrives late can turn
a tick on and never off, and any order of arrival ends with the same ticks. Conditions that speak of absence (silence, a flat line)
are judged by the clock instead, in `sweeps`.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from math import inf
from typing import NamedTuple

from hazard_flow.telemetry.rules import Combination, Level, Move, Part, Rules, Threshold


class Tick(NamedTuple):
    """One sample in its place: the worst level it reaches, whether it keeps an alert firing, the worst level still held.

    `began_at` and `peak` are those of the samples that reach the level together.
    """

    at: float
    value: float
    reached: int
    keeps: bool
    held: int
    began_at: float
    peak: float


class Track(NamedTuple):
    """The samples of one quantity of one device, in the order of their instants."""

    times: Sequence[float]
    values: Sequence[float]


def windows_of(rule: Threshold, rules: Rules, interval: float | None) -> tuple[float, ...]:
    """The span in seconds within which each level's samples must lie, of a device expected every `interval` seconds."""
    expected = timedelta(seconds=interval) if interval else None
    return tuple(rules.window_of(level, expected).total_seconds() for level in rule.levels)


def look_back(rule: Threshold, windows: Sequence[float]) -> float:
    """How many seconds before a sample its tick depends on."""
    return max(windows) + (rule.move.within.total_seconds() if rule.move else 0.0)


def ticks(rule: Threshold, windows: Sequence[float], track: Track, *, since: float = -inf) -> Iterator[Tick]:
    """The ticks of all samples from `since` on; `track` reaches `look_back` further."""
    watched = [_Level(rule.sign, level, window) for level, window in zip(rule.levels, windows, strict=True)]
    trail = _Trail(rule.sign, rule.move) if rule.move else None
    times, values = track
    place, count = 0, len(times)
    while place < count:
        at, end = times[place], place + 1
        while end < count and times[end] == at:
            end += 1
        # Samples of one instant count for each other, whichever came first.
        group = values[place:end]
        moved = [trail is None or trail.has_moved(at, value) for value in group]
        for level in watched:
            level.take(at, group, moved)
        if trail is not None:
            trail.take(at, group)
        if at >= since:
            for value, is_moved in zip(group, moved, strict=True):
                yield _tick(rule.sign, watched, at, value, is_moved)
        place = end


def _tick(sign: int, watched: Sequence["_Level"], at: float, value: float, moved: bool) -> Tick:
    lowest = watched[0]
    reached, held = 0, lowest.level
    for level in watched:
        if moved and level.is_reached(value):
            reached = level.level
        if level.is_held(at):
            held = level.level
    if not reached:
        return Tick(at, value, 0, sign * value >= lowest.clear, held, at, value)
    began, peak = lowest.highs[0][0], max(high for _, high in lowest.highs)
    return Tick(at, value, reached, True, held, began, sign * peak)


class _Level:
    """One level over the samples so far."""

    def __init__(self, sign: int, level: Level, window: float) -> None:
        self._sign, self._k, self._window = sign, level.k, window
        self.level, self._above, self.clear = level.level, sign * level.above, sign * level.clear_below
        self.highs: deque[tuple[float, float]] = deque()
        self._kept_at = -inf

    def take(self, at: float, values: Sequence[float], moved: Sequence[bool]) -> None:
        """The samples of the next instant."""
        for value, is_moved in zip(values, moved, strict=True):
            signed = self._sign * value
            if signed >= self._above and is_moved:
                self.highs.append((at, signed))
            if signed >= self.clear:
                self._kept_at = at
        while self.highs and self.highs[0][0] <= at - self._window:
            self.highs.popleft()

    def is_reached(self, value: float) -> bool:
        """Whether a sample of the newest instant reaches the level together with those before it."""
        return self._sign * value >= self._above and len(self.highs) >= self._k

    def is_held(self, at: float) -> bool:
        """Whether something within the window kept the level."""
        return at - self._kept_at < self._window


class _Trail:
    """The least value within a move's span, so that every sample can be held against it."""

    def __init__(self, sign: int, move: Move) -> None:
        self._sign, self._move, self._span = sign, move, move.within.total_seconds()
        self._least: deque[tuple[float, float]] = deque()

    def has_moved(self, at: float, value: float) -> bool:
        """Whether the value moved so far from some sample before it."""
        while self._least and self._least[0][0] < at - self._span:
            self._least.popleft()
        if not self._least:
            return False
        before, signed = self._least[0][1], self._sign * value
        if not self._move.percent:
            return signed - before >= self._move.amount
        return before != 0 and (signed - before) * 100 >= self._move.amount * abs(before)

    def take(self, at: float, values: Sequence[float]) -> None:
        """The samples of the next instant."""
        for value in values:
            signed = self._sign * value
            while self._least and self._least[-1][1] >= signed:
                self._least.pop()
            self._least.append((at, signed))


def combination_ticks(
    rule: Combination, tracks: Mapping[tuple[str, str], Track], *, since: float = -inf
) -> Iterator[Tick]:
    """The ticks of a site's samples, by device and quantity; every sample of a quantity the rule names is one."""
    within = rule.within.total_seconds()
    facts = [facts_of(part, tracks) for part in rule.parts]
    seen: list[deque[tuple[float, str, float]]] = [deque() for _ in rule.parts]
    taken = [0] * len(facts)
    for at, value in sorted(
        {
            (at, value)
            for (_, quantity), track in tracks.items()
            if _names(rule, quantity)
            for at, value in zip(*track, strict=True)
        }
    ):
        fresh = False
        for number, part_facts in enumerate(facts):
            while taken[number] < len(part_facts) and part_facts[taken[number]][0] <= at:
                seen[number].append(part_facts[taken[number]])
                taken[number] += 1
            while seen[number] and seen[number][0][0] <= at - within:
                seen[number].popleft()
            fresh = fresh or (bool(seen[number]) and seen[number][-1][0] == at)
        held = [
            len({device for _, device, _ in seen[n]}) >= part.devices for n, part in enumerate(rule.parts)
        ]
        satisfied = fresh and (all(held) if rule.all_of else any(held))
        if at >= since:
            began = min(
                (queue[0][0] for queue, is_held in zip(seen, held, strict=True) if is_held), default=at
            )
            shown = seen[0][-1][2] if satisfied and seen[0] else value
            yield Tick(
                at,
                shown,
                rule.level if satisfied else 0,
                satisfied,
                rule.level,
                began if satisfied else at,
                shown,
            )


def _names(rule: Combination, quantity: str) -> bool:
    return any(part.quantity == quantity for part in rule.parts)


def facts_of(part: Part, tracks: Mapping[tuple[str, str], Track]) -> list[tuple[float, str, float]]:
    """When and at which device a part held, in order."""
    alone = alone_of(part)
    windows = (1.0,)
    return sorted(
        (tick.at, device, tick.value)
        for (device, quantity), track in tracks.items()
        if quantity == part.quantity
        for tick in ticks(alone, windows, track)
        if tick.reached
    )


def alone_of(part: Part) -> Threshold:
    """The part as a rule of one sample."""
    above = part.above if part.above is not None else -inf * part.sign
    return Threshold("", part.quantity, (Level(1, above, above, 1, 1),), "", sign=part.sign, move=part.move)


def reach_of(rule: Combination) -> float:
    """How many seconds before a sample the combination depends on."""
    moves = [part.move.within.total_seconds() for part in rule.parts if part.move]
    return rule.within.total_seconds() + max(moves, default=0.0)
