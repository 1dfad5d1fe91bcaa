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

from hazard_flow.telemetry.rules import Combination, Level, Part, Rules, Threshold


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


def ticks(
    rule: Threshold, windows: Sequence[float], track: Track, *, since: float = -inf
) -> Iterator[Tick]:
    """The ticks of all samples from `since` on; `track` reaches `look_back` further."""
    sign, move = rule.sign, rule.move
    levels = [(level.level, sign * level.above, sign * level.clear_below, level.k) for level in rule.levels]
    highs: list[deque[tuple[float, float]]] = [deque() for _ in levels]
    kept = [-inf] * len(levels)
    lowest: deque[tuple[float, float]] = deque()  # falling back to the least value within the move's span
    span = move.within.total_seconds() if move else 0.0
    times, values = track
    place, count = 0, len(times)
    while place < count:
        at, end = times[place], place
        if move:
            while lowest and lowest[0][0] < at - span:
                lowest.popleft()
        moved: list[bool] = []
        while end < count and times[end] == at:
            value = sign * values[end]
            moved.append(move is None or bool(lowest) and _moved(lowest[0][1], value, move.amount, move.percent))
            for number, (_, above, clear, _) in enumerate(levels):
                if value >= above and moved[-1]:
                    highs[number].append((at, value))
                if value >= clear:
                    kept[number] = at
            end += 1
        for number, window in enumerate(windows):
            while highs[number] and highs[number][0][0] <= at - window:
                highs[number].popleft()
        for offset in range(place, end):
            value = sign * values[offset]
            if move:
                while lowest and lowest[-1][1] >= value:
                    lowest.pop()
                lowest.append((at, value))
            if at < since:
                continue
            reached, held = 0, levels[0][0]
            for number, (level, above, _, k) in enumerate(levels):
                if value >= above and moved[offset - place] and len(highs[number]) >= k:
                    reached = level
                if at - kept[number] < windows[number]:
                    held = level
            began, peak = (highs[0][0][0], max(v for _, v in highs[0])) if reached else (at, value)
            yield Tick(at, values[offset], reached, value >= levels[0][2], held, began, sign * peak)
        place = end


def _moved(before: float, value: float, amount: float, percent: bool) -> bool:
    if not percent:
        return value - before >= amount
    return before != 0 and (value - before) * 100 >= amount * abs(before)


def combination_ticks(
    rule: Combination, tracks: Mapping[tuple[str, str], Track], *, since: float = -inf
) -> Iterator[Tick]:
    """The ticks of a site's samples, by device and quantity; every sample of a quantity the rule names is one."""
    within = rule.within.total_seconds()
    facts = [facts_of(part, tracks) for part in rule.parts]
    seen: list[deque[tuple[float, str, float]]] = [deque() for _ in rule.parts]
    taken = [0] * len(facts)
    for at, value in sorted(
        {(at, value) for (_, quantity), track in tracks.items() if _names(rule, quantity) for at, value in zip(*track)}
    ):
        fresh = False
        for number, part_facts in enumerate(facts):
            while taken[number] < len(part_facts) and part_facts[taken[number]][0] <= at:
                seen[number].append(part_facts[taken[number]])
                taken[number] += 1
            while seen[number] and seen[number][0][0] <= at - within:
                seen[number].popleft()
            fresh = fresh or bool(seen[number]) and seen[number][-1][0] == at
        held = [len({device for _, device, _ in seen[n]}) >= part.devices for n, part in enumerate(rule.parts)]
        satisfied = fresh and (all(held) if rule.all_of else any(held))
        if at >= since:
            began = min((queue[0][0] for queue, is_held in zip(seen, held) if is_held), default=at)
            shown = seen[0][-1][2] if satisfied and seen[0] else value
            yield Tick(at, shown, rule.level if satisfied else 0, satisfied, rule.level, began if satisfied else at, shown)


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
