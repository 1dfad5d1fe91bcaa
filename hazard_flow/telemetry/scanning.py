"""Ticks into episodes, and new episodes against those already stored. Pure; instants are seconds since 1970.

The episodes of an alert are a function of its samples alone. A sample that arrives in its turn carries the last episode on; a late one
has its neighbourhood worked out again, and the difference is what happened: an episode more, a longer one, two that prove to be one.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from hazard_flow.telemetry.alerts import Change
from hazard_flow.telemetry.marks import Tick


@dataclass(frozen=True)
class Step:
    """One change within an episode, at the sample that made it."""

    change: Change
    level: int
    at: float
    value: float


@dataclass(frozen=True)
class Episode:
    """One episode of an alert."""

    #: its first sample that counted, and the one with which it fired
    began_at: float
    fired_at: float
    level: int
    peak_level: int
    peak_value: float
    #: newest sample that kept it firing: normal is counted from here
    kept_at: float
    seen_to_at: float
    #: the sample that ended it; None while it fires
    normal_at: float | None = None
    #: +1 or -1: which values are the worse
    sign: int = 1
    steps: tuple[Step, ...] = field(default=(), compare=False)


def scan(
    ticks: Iterable[Tick], *, off_delay: float, state: Episode | None = None, sign: int = 1
) -> list[Episode]:
    """The episodes that the ticks make, in order; `state` is the one firing before the first of them (given back first, carried on)."""
    found: list[Episode] = []
    now = replace(state, steps=()) if state is not None else None
    for tick in ticks:
        if now is None:
            if tick.reached:
                now = _raised(tick, sign)
            continue
        now = _carried(now, tick, off_delay)
        if now.normal_at is not None:
            found.append(now)
            now = None
    return found if now is None else [*found, now]


def _raised(tick: Tick, sign: int) -> Episode:
    step = Step(Change.RAISED, tick.reached, tick.at, tick.value)
    return Episode(
        began_at=tick.began_at,
        fired_at=tick.at,
        level=tick.reached,
        peak_level=tick.reached,
        peak_value=tick.peak,
        kept_at=tick.at,
        seen_to_at=tick.at,
        sign=sign,
        steps=(step,),
    )


def _carried(now: Episode, tick: Tick, off_delay: float) -> Episode:
    level, steps, normal_at = now.level, now.steps, None
    kept_at = tick.at if tick.keeps else now.kept_at
    if tick.reached > level:
        level = tick.reached
        steps = (*steps, Step(Change.ROSE, level, tick.at, tick.value))
    elif not tick.keeps and tick.at - kept_at >= off_delay:
        normal_at = tick.at
        steps = (*steps, Step(Change.ENDED, level, tick.at, tick.value))
    elif tick.held < level:
        level = tick.held
        steps = (*steps, Step(Change.FELL, level, tick.at, tick.value))
    return replace(
        now,
        level=level,
        peak_level=max(now.peak_level, level),
        peak_value=now.sign * max(now.sign * now.peak_value, now.sign * tick.value),
        kept_at=kept_at,
        seen_to_at=tick.at,
        normal_at=normal_at,
        steps=steps,
    )


@dataclass(frozen=True)
class Settled:
    """What becomes of stored episodes: `stored` is the place of the one `episode` now is (None: it is new), `merged` those within it."""

    stored: int | None
    merged: tuple[int, ...]
    episode: Episode
    steps: tuple[Step, ...]


def covering(stored: Sequence[Episode], at: float) -> int | None:
    """Which stored episode was firing just before an instant."""
    inside = (
        n
        for n, one in enumerate(stored)
        if one.fired_at < at and (one.normal_at is None or one.normal_at >= at)
    )
    return next(inside, None)


def begin_of(stored: Sequence[Episode], at: float) -> float:
    """From where ticks are wanted for samples from `at` on: from there, or from where the episode fired that they fall into."""
    place = covering(stored, at)
    return at if place is None or _is_in_turn(stored[place], at) else stored[place].fired_at


def _is_in_turn(episode: Episode, at: float) -> bool:
    return episode.normal_at is None and at > episode.seen_to_at


def fold(
    stored: Sequence[Episode],
    ticks: Iterable[Tick],
    *,
    at: float,
    has: Collection[float],
    off_delay: float,
    sign: int = 1,
) -> list[Settled]:
    """The episodes after new samples, the earliest of them of `at`. `stored` are those not over by then, in the order they fired.

    `ticks` begin at `begin_of`; `has` are the instants of samples there are: an episode worked out anew raises itself at the sample that
    raised it, and where that is kept no more it is taken at its word.
    """
    place, begin = covering(stored, at), begin_of(stored, at)
    state = None
    if place is not None and (begin == at or begin not in has):
        state = replace(stored[place], normal_at=None)
    found = scan(ticks, off_delay=off_delay, state=state, sign=sign)
    places = [n for n, one in enumerate(stored) if n == place or one.fired_at >= begin]
    settled = _settle([stored[n] for n in places], found)
    return [
        replace(
            one,
            stored=None if one.stored is None else places[one.stored],
            merged=tuple(places[n] for n in one.merged),
        )
        for one in settled
    ]


def _settle(stored: Sequence[Episode], episodes: Sequence[Episode]) -> list[Settled]:
    """Match the episodes worked out again with the stored ones from the same instant on, both in order.

    A stored episode lies in the one that was firing when it fired: no later sample can undo that. The steps are what is new.
    """
    found = []
    for episode in episodes:
        until = float("inf") if episode.normal_at is None else episode.normal_at
        inside = [n for n, one in enumerate(stored) if episode.fired_at <= one.fired_at < until]
        if not inside:
            found.append(Settled(None, (), episode, _told(episode)))
        else:
            first = stored[inside[0]]
            found.append(Settled(inside[0], tuple(inside[1:]), episode, _differences(first, episode)))
    return found


def _told(episode: Episode) -> tuple[Step, ...]:
    """The raise at the worst level there was, and the end."""
    worst = [step for step in episode.steps if step.change in (Change.RAISED, Change.ROSE)]
    ended = [step for step in episode.steps if step.change is Change.ENDED]
    return (*worst, *ended)


def _differences(before: Episode, after: Episode) -> tuple[Step, ...]:
    risen = [
        step
        for step in after.steps
        if step.change in (Change.RAISED, Change.ROSE) and step.level > before.peak_level
    ]
    ended = [step for step in after.steps if step.change is Change.ENDED and before.normal_at is None]
    if before.normal_at is not None and after.normal_at is None:
        risen.append(Step(Change.RAISED, after.level, after.seen_to_at, after.peak_value))
    return (*risen, *ended)
