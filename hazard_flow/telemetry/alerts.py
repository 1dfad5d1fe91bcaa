"""Alerts in plain values: samples, transitions, and other systems' statements folded into episodes. Pure.

An alert belongs to (rule, subject) and lives in episodes. `firing` may rise and fall between its levels; `normal` ends the episode.
How samples make episodes stands in `marks` and `scanning`.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal

Condition = Literal["firing", "normal"]


class Change(StrEnum):
    """What happened to an alert."""

    RAISED = "raised"  # a new episode, or one that proves not to have ended
    ROSE = "rose"  # to the worse level within the episode
    FELL = "fell"  # to the lower level within the episode
    ENDED = "ended"  # the signal is normal; says nothing about the gas
    CUT = "cut"  # a later message about it left other alerts out


@dataclass(frozen=True)
class Sample:
    """One measured value at its observed instant; `key` names it."""

    observed_at: datetime
    key: str
    value: float


@dataclass(frozen=True)
class Said:
    """One episode of an outside system's alert, as far as it told us."""

    condition: Condition
    level: int
    #: the worst level of the episode
    peak_level: int
    #: the outside system's own word for it
    episode: str
    started_at: datetime
    seen_to_at: datetime


@dataclass(frozen=True)
class Transition:
    """A step of an alert that somebody may have to act on."""

    change: Change
    level: int
    episode: str
    at: datetime
    value: float | None = None


def fold_statement(
    state: Said | None, *, firing: bool, level: int, episode: str, at: datetime
) -> tuple[Said, Transition | None]:
    """One episode of an outside system's alert after a statement about it; `state` is that episode's own (None: unheard of).

    The order of arrival does not matter: whoever says firing raises the episode once, even after its resolved; a resolved alone is
    only remembered.
    """
    if state is None:
        condition: Condition = "firing" if firing else "normal"
        state = Said(condition, level if firing else 0, level if firing else 0, episode, at, at)
        return state, Transition(Change.RAISED, level, episode, at) if firing else None
    state = replace(state, seen_to_at=max(state.seen_to_at, at))
    if firing and level > state.peak_level:
        change = Change.ROSE if state.peak_level else Change.RAISED
        return replace(state, level=level, peak_level=level), Transition(change, level, episode, at)
    if not firing and state.condition == "firing":
        return replace(state, condition="normal"), Transition(Change.ENDED, state.level, episode, at)
    return state, None
