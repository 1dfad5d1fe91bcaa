"""Whole series through the live fold, skipping only what provably cannot matter: stretches where no sample is near a limit.

Away from any sample that counts towards a level or keeps an alert firing, a normal alert stays normal and a firing one ends with the
first sample after its off-delay. So only stretches around such samples are folded, and the state is carried from one to the next.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import cast

from hazard_flow.telemetry import flatness
from hazard_flow.telemetry.alerts import Change
from hazard_flow.telemetry.marks import (
    Track,
    combination_ticks,
    facts_of,
    look_back,
    reach_of,
    ticks,
    windows_of,
)
from hazard_flow.telemetry.replay_desk import Event, Subject
from hazard_flow.telemetry.replay_values import Episode as Shown
from hazard_flow.telemetry.replay_values import Series
from hazard_flow.telemetry.rules import Combination, NoData, Part, Rules, Stuck, Threshold
from hazard_flow.telemetry.scanning import Episode, Step, scan

AnyRule = Threshold | Combination | Stuck | NoData


@dataclass(frozen=True)
class Told:
    """An episode with its rule and subject."""

    rule: AnyRule
    subject: Subject
    episode: Episode

    def events(self) -> Iterator[Event]:
        """Its steps as events."""
        for step in self.episode.steps:
            if step.change is not Change.FELL:
                yield Event.of(self.rule, self.subject, step)

    def episode_shown(self) -> Shown:
        """As a reader gets it."""
        one = self.episode
        return Shown(
            rule=self.rule.id,
            subject=self.subject.device or self.subject.site,
            family=self.rule.family,
            alert_class=self.rule.alert_class,
            started_at=instant(one.began_at),
            normal_at=None if one.normal_at is None else instant(one.normal_at),
            level=one.level,
            peak_level=one.peak_level,
        )


def instant(seconds: float) -> datetime:
    """The instant as the rest of the house knows it."""
    return datetime.fromtimestamp(seconds, UTC)


def in_order(series: Series, rules: Rules) -> tuple[Track, Sequence[float]]:
    """The samples in observed order without exact repeats and those too late, and the instants of receipt."""
    observed, values = _plain(series.observed), _plain(series.values)
    received = None if series.received is None else _plain(series.received)
    if received is None and _ascends(observed):
        return Track(observed, values), observed
    late = rules.late_window.total_seconds()
    heard = observed if received is None else received
    kept = sorted(
        {(at, value) for at, value, came in zip(observed, values, heard, strict=True) if came - at <= late}
    )
    return Track([at for at, _ in kept], [value for _, value in kept]), sorted(heard)


def _plain(numbers: Sequence[float]) -> Sequence[float]:
    """As Python's own numbers: those of arrays are slow one by one."""
    to_list = getattr(numbers, "tolist", None)
    return numbers if to_list is None else cast(Sequence[float], to_list())


def _ascends(times: Sequence[float]) -> bool:
    return all(before < after for before, after in pairwise(times))


def fold_threshold(rule: Threshold, rules: Rules, track: Track, interval: float | None) -> list[Episode]:
    """The episodes of one rule on one track."""
    windows = windows_of(rule, rules, interval)
    off_delay, back = rules.off_delay.total_seconds(), look_back(rule, windows)
    found: list[Episode] = []
    state: Episode | None = None
    for since, stretch in _stretches(rule, track, back, off_delay):
        said = scan(
            ticks(rule, windows, stretch, since=since), off_delay=off_delay, state=state, sign=rule.sign
        )
        carried = () if state is None else found.pop().steps
        for number, episode in enumerate(said):
            found.append(episode if number or not carried else _with_steps(episode, carried))
        state = found[-1] if found and found[-1].normal_at is None else None
    return found


def _with_steps(episode: Episode, before: tuple[Step, ...]) -> Episode:
    return replace(episode, steps=(*before, *episode.steps))


def _stretches(rule: Threshold, track: Track, back: float, off_delay: float) -> Iterator[tuple[float, Track]]:
    """Stretches around the samples that matter, each with the instant its ticks begin and `back` seconds before it."""
    times, values = track
    least = min(rule.sign * rule.lowest.above, rule.sign * rule.lowest.clear_below)
    warm = (
        [n for n, value in enumerate(values) if value >= least]
        if rule.sign > 0
        else [n for n, value in enumerate(values) if -value >= least]
    )
    place, apart = 0, off_delay + back
    while place < len(warm):
        last = place
        while last + 1 < len(warm) and times[warm[last + 1]] - times[warm[last]] <= apart:
            last += 1
        since = times[warm[place]]
        end = (
            bisect_right(times, times[bisect_left(times, times[warm[last]] + off_delay)])
            if (times[-1] >= times[warm[last]] + off_delay)
            else len(times)
        )
        if last + 1 < len(warm):
            end = min(end, warm[last + 1])
        begin = bisect_left(times, since - back)
        yield since, Track(times[begin:end], values[begin:end])
        place = last + 1


def fold_combination(
    rule: Combination, rules: Rules, tracks: Mapping[tuple[str, str], Track]
) -> list[Episode]:
    """The episodes of a rule on a site: only around instants at which the part that is seen most seldom held is anything folded."""
    off_delay, around = rules.off_delay.total_seconds(), rule.within.total_seconds()
    anchors = _anchors(rule, tracks)
    found: list[Episode] = []
    state: Episode | None = None
    for first, last in _spans(anchors, 2 * around + off_delay):
        until = last + around + off_delay
        until = _next_after(tracks, until)
        cut = {key: _between(track, first - around - reach_of(rule), until) for key, track in tracks.items()}
        said = scan(combination_ticks(rule, cut, since=first - around), off_delay=off_delay, state=state)
        carried = () if state is None else found.pop().steps
        found += [_with_steps(one, carried if not number else ()) for number, one in enumerate(said)]
        state = found[-1] if found and found[-1].normal_at is None else None
    return found


def _anchors(rule: Combination, tracks: Mapping[tuple[str, str], Track]) -> list[float]:
    """Instants without which the rule cannot hold: of an `all` those of one part, of an `any` those of every part."""
    facts: list[list[float]] = []
    for part in sorted(rule.parts, key=lambda part: part.above is None):
        held = [at for at, _, _ in facts_of(part, _near(part, tracks))]
        if rule.all_of:
            return held
        facts.append(held)
    return sorted(at for held in facts for at in held)


def _near(part: Part, tracks: Mapping[tuple[str, str], Track]) -> Mapping[tuple[str, str], Track]:
    """The tracks of a part's quantity that reach its limit at all."""
    mine = {key: track for key, track in tracks.items() if key[1] == part.quantity}
    if part.above is None:
        return mine
    return {
        key: track
        for key, track in mine.items()
        if (max(track.values) >= part.above if part.sign > 0 else min(track.values) <= part.above)
    }


def _spans(instants: Sequence[float], apart: float) -> Iterator[tuple[float, float]]:
    """The instants gathered into spans that lie further than `apart` from each other."""
    begin = 0
    for place in range(1, len(instants) + 1):
        if place == len(instants) or instants[place] - instants[place - 1] > apart:
            yield instants[begin], instants[place - 1]
            begin = place


def _between(track: Track, since: float, until: float) -> Track:
    begin, end = bisect_left(track.times, since), bisect_right(track.times, until)
    return Track(track.times[begin:end], track.values[begin:end])


def _next_after(tracks: Mapping[tuple[str, str], Track], at: float) -> float:
    """The first sample of the site at or after an instant: the one that can end an episode."""
    places = [(track, bisect_left(track.times, at)) for track in tracks.values()]
    return min((track.times[place] for track, place in places if place < len(track.times)), default=at)


def fold_stuck(rule: Stuck, rules: Rules, track: Track, interval: float, subject: Subject) -> Iterator[Told]:
    """The episodes of a reading that does not move, told `settle` after each instant of the grid."""
    times, values = track
    span, settle = flatness.window(rule, interval), rules.settle.total_seconds()
    now: Episode | None = None
    for at in flatness.grid(times[0], times[-1] + flatness.GRID):
        begin, end = bisect_right(times, at - span), bisect_right(times, at)
        if begin == end:
            continue  # nothing was heard: neither stuck nor moving
        inside = values[begin:end]
        low = min(inside)
        flat = low >= rule.min_value and flatness.is_flat(rule, end - begin, low, max(inside))
        if flat and now is None:
            step = Step(Change.RAISED, 1, at + settle, inside[-1])
            now = Episode(at, at + settle, 1, 1, inside[-1], at, at, steps=(step,))
        elif not flat and now is not None:
            yield Told(rule, subject, _ended(now, at + settle, inside[-1]))
            now = None
    if now is not None:
        yield Told(rule, subject, now)


def _ended(episode: Episode, at: float, value: float) -> Episode:
    step = Step(Change.ENDED, episode.level, at, value)
    return replace(episode, normal_at=at, steps=(*episode.steps, step))
