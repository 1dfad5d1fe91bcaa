"""Alerts as pure state: samples and statements in, transitions out. Nothing here knows a database, a hazard or a clock.

An alert belongs to (rule, subject) and lives in episodes. `firing` may rise and fall between its levels; `normal` ends the episode.
Folding a stream in any batches gives the same transitions as folding it whole.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from hazard_flow.telemetry.rules import Threshold

Condition = Literal["firing", "normal"]


class Change(StrEnum):
    """What happened to an alert."""

    RAISED = "raised"  # a new episode
    ROSE = "rose"  # to the worse level within the episode
    FELL = "fell"  # to the lower level within the episode
    ENDED = "ended"  # the signal is normal; says nothing about the gas
    CUT = "cut"  # a later message about it left other alerts out


@dataclass(frozen=True, order=True)
class Sample:
    """One measured value in its place of the observed order; `key` settles equal instants."""

    observed_at: datetime
    key: str
    value: float


@dataclass(frozen=True)
class AlertState:
    """One episode of one alert."""

    condition: Condition
    level: int
    #: the worst level of the episode
    peak_level: int
    #: names the episode: the observed instant (or the outside system's own word) it began with
    episode: str
    started_at: datetime
    #: newest sample at or above the lowest `clear_below`: normal is counted from here
    last_high_at: datetime
    #: newest sample folded
    seen_to_at: datetime


@dataclass(frozen=True)
class Transition:
    """A step of an alert that somebody may have to act on."""

    change: Change
    level: int
    episode: str
    at: datetime
    value: float | None = None


def fold_samples(
    rule: Threshold,
    state: AlertState | None,
    samples: Sequence[Sample],
    *,
    new: Iterable[str],
    off_delay: timedelta,
    window: timedelta,
) -> tuple[AlertState | None, list[Transition]]:
    """The alert after the new samples of one device, and its transitions in order.

    `samples` are in observed order and reach back `rule.window - 1` samples before the first new one; `new` names by key the ones not
    folded before. `state` is the latest episode (None: never fired). A sample older than what was folded already can raise or worsen
    the alert, because k of n around it may be reached, but never lowers or ends it.
    """
    fresh = set(new)
    transitions: list[Transition] = []
    first = next((place for place, sample in enumerate(samples) if sample.key in fresh), len(samples))
    for place in range(first, len(samples)):
        state, step = _one_sample(rule, state, samples, place, off_delay=off_delay, window=window)
        if step is not None:
            transitions.append(step)
    return state, transitions


def _one_sample(
    rule: Threshold,
    state: AlertState | None,
    samples: Sequence[Sample],
    place: int,
    *,
    off_delay: timedelta,
    window: timedelta,
) -> tuple[AlertState | None, Transition | None]:
    sample = samples[place]
    back = [
        s
        for s in samples[max(0, place + 1 - rule.window) : place + 1]
        if sample.observed_at - s.observed_at <= window
    ]
    reached = _reached(rule, back)
    if state is None or state.condition == "normal":
        # An ended episode owns its samples: those up to its end must not raise it a second time when they are seen again.
        own = [s for s in back if state is None or s.observed_at > state.last_high_at]
        reached = min(reached, _reached(rule, own))
        return _raised(rule, state, sample, own, reached) if reached else (state, None)
    late = sample.observed_at < state.seen_to_at
    high = sample.observed_at if sample.value >= rule.lowest.clear_below else state.last_high_at
    state = replace(
        state,
        last_high_at=max(state.last_high_at, high),
        seen_to_at=max(state.seen_to_at, sample.observed_at),
    )
    if reached > state.level:
        state = replace(state, level=reached, peak_level=max(state.peak_level, reached))
        return state, Transition(Change.ROSE, reached, state.episode, sample.observed_at, sample.value)
    if late:
        return state, None
    if sample.value < rule.lowest.clear_below and sample.observed_at - state.last_high_at >= off_delay:
        ended = Transition(Change.ENDED, state.level, state.episode, sample.observed_at, sample.value)
        return replace(state, condition="normal"), ended
    lower = _fallen(rule, state.level, back)
    if lower < state.level:
        return replace(state, level=lower), Transition(
            Change.FELL, lower, state.episode, sample.observed_at, sample.value
        )
    return state, None


def _reached(rule: Threshold, back: Sequence[Sample]) -> int:
    """The worst level that k of the last n samples reach; 0 for none."""
    worst = 0
    for level in rule.levels:
        if sum(sample.value >= level.above for sample in back[-level.n :]) >= level.k:
            worst = level.level
    return worst


def _fallen(rule: Threshold, present: int, back: Sequence[Sample]) -> int:
    """The level left after n samples in a row under `clear_below` of the present one."""
    for lower, level in zip(rule.levels, rule.levels[1:], strict=False):
        if (
            level.level == present
            and len(back) >= level.n
            and all(s.value < level.clear_below for s in back[-level.n :])
        ):
            return lower.level
    return present


def _raised(
    rule: Threshold, before: AlertState | None, sample: Sample, back: Sequence[Sample], reached: int
) -> tuple[AlertState, Transition]:
    began = next(s for s in back if s.value >= rule.lowest.above).observed_at
    high = max(s.observed_at for s in back if s.value >= rule.lowest.clear_below)
    seen = max(sample.observed_at, before.seen_to_at) if before else sample.observed_at
    state = AlertState("firing", reached, reached, began.isoformat(), began, high, seen)
    return state, Transition(Change.RAISED, reached, state.episode, sample.observed_at, sample.value)


def fold_statement(
    state: AlertState | None, *, firing: bool, level: int, episode: str, at: datetime
) -> tuple[AlertState, Transition | None]:
    """One episode of an outside system's alert after a statement about it; `state` is that episode's own (None: unheard of).

    The order of arrival does not matter: whoever says firing raises the episode once, even after its resolved; a resolved alone is
    only remembered.
    """
    if state is None:
        condition: Condition = "firing" if firing else "normal"
        state = AlertState(condition, level if firing else 0, level if firing else 0, episode, at, at, at)
        return state, Transition(Change.RAISED, level, episode, at) if firing else None
    state = replace(state, seen_to_at=max(state.seen_to_at, at))
    if firing and level > state.peak_level:
        change = Change.ROSE if state.peak_level else Change.RAISED
        return replace(state, level=level, peak_level=level), Transition(change, level, episode, at)
    if not firing and state.condition == "firing":
        return replace(state, condition="normal"), Transition(Change.ENDED, state.level, episode, at)
    return state, None
