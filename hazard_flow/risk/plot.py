"""A point's colours over time as steps: the higher, the worse. Pure; the template draws it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hazard_flow.risk.colours import number

WIDTH, HEIGHT, ROW = 720, 132, 28
#: the least that is drawn of a colour, so that a short one is seen
LEAST = 3.0
#: time a new point's plot shows at least
SPAN_MIN = timedelta(days=1)


@dataclass(frozen=True)
class Segment:
    """One colour from one instant to the next."""

    tier: int
    x: float
    width: float
    y: float
    height: float
    since: datetime
    until: datetime


@dataclass(frozen=True)
class Plot:
    """The segments and the instants at the ends of the axis."""

    segments: tuple[Segment, ...]
    begins: datetime
    ends: datetime
    width: int = WIDTH
    height: int = HEIGHT


def plot(past: Sequence[tuple[datetime, str]], now: datetime) -> Plot | None:
    """Colours by the instant each began, the oldest first, up to now; None where there are none."""
    if not past:
        return None
    begins = min(past[0][0], now - SPAN_MIN)
    whole = max((now - begins).total_seconds(), 1.0)
    segments = []
    for place, (since, colour) in enumerate(past):
        until = past[place + 1][0] if place + 1 < len(past) else now
        first = max(0.0, (since - begins).total_seconds() / whole * WIDTH)
        last = max(first, (until - begins).total_seconds() / whole * WIDTH)
        tier = number(colour)
        top = (tier - 1) * ROW + 6
        segments.append(
            Segment(
                tier,
                round(min(first, WIDTH - LEAST), 2),
                round(max(last - first, LEAST), 2),
                top,
                HEIGHT - top - 14,
                since,
                until,
            )
        )
    return Plot(tuple(segments), begins, now)
