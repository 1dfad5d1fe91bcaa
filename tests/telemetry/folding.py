"""Rules and streams in plain numbers for the tests of the fold: minutes instead of instants, arrival in any order."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from hazard_flow.telemetry.marks import Track, look_back, ticks, windows_of
from hazard_flow.telemetry.rulefile import read_rules, shipped_rules
from hazard_flow.telemetry.rules import Rules, Threshold
from hazard_flow.telemetry.scanning import Episode, begin_of, fold, scan

MINUTE = 60.0
START = 1_790_000_000.0
RULES = shipped_rules()
OFF_DELAY = RULES.off_delay.total_seconds()
Point = tuple[float, float]


def rule(name: str, rules: Rules = RULES) -> Threshold:
    """A rule of the shipped file by its id."""
    return next(one for one in rules.thresholds if one.id == name)


def stream(values: Sequence[float], *, every: float = MINUTE) -> list[Point]:
    """Values so many seconds apart."""
    return [(START + n * every, value) for n, value in enumerate(values)]


def whole(watched: Threshold, points: Iterable[Point], *, interval: float | None = MINUTE) -> list[Episode]:
    """The episodes of all points at once."""
    track = Track(*_columns(points))
    said = ticks(watched, windows_of(watched, RULES, interval), track)
    return scan(said, off_delay=OFF_DELAY, sign=watched.sign)


def arrived(
    watched: Threshold, batches: Iterable[Sequence[Point]], *, interval: float | None = MINUTE
) -> list[Episode]:
    """The episodes after the batches, one after the other, as the field folds them: from what is stored around the new ones."""
    windows = windows_of(watched, RULES, interval)
    back = look_back(watched, windows)
    stored: list[Episode] = []
    points: list[Point] = []
    for batch in batches:
        if not batch:
            continue
        points = sorted([*points, *batch])
        at = min(when for when, _ in batch)
        near = [n for n, one in enumerate(stored) if one.normal_at is None or one.normal_at >= at]
        rows = [stored[n] for n in near]
        begin = begin_of(rows, at)
        track = Track(*_columns(point for point in points if point[0] >= begin - back))
        said = ticks(watched, windows, track, since=begin)
        results = fold(rows, said, at=at, has=set(track.times), off_delay=OFF_DELAY, sign=watched.sign)
        gone = {
            near[n]
            for result in results
            for n in (*result.merged, *([] if result.stored is None else [result.stored]))
        }
        kept = [one for n, one in enumerate(stored) if n not in gone]
        stored = sorted([*kept, *(result.episode for result in results)], key=lambda one: one.fired_at)
    return [replace(one, steps=()) for one in stored]


def _columns(points: Iterable[Point]) -> tuple[list[float], list[float]]:
    ordered = sorted(points)
    return [at for at, _ in ordered], [value for _, value in ordered]


def changed(text: str, old: str, new: str) -> Rules:
    """The rules of a file with one thing changed."""
    assert old in text
    return read_rules(text.replace(old, new, 1).encode(), name="changed.yaml")
