"""The desk's small plots as numbers for an SVG: sparklines of the list, bars of the load. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hazard_flow.telemetry.alerts import Sample
from hazard_flow.telemetry.desk.kpis import buckets

SPARK_WIDTH, SPARK_HEIGHT = 70, 22
#: points of a sparkline at most
SPARK_POINTS = 36
WIDTH, HEIGHT = 560, 124
LEFT, RIGHT, TOP, BOTTOM = 30.0, 554.0, 16.0, 100.0
#: bars between two words under the axis, at the least
LABELS_MAX = 7


def spark(samples: Sequence[Sample], *, since: datetime, until: datetime, low: float, high: float) -> str:
    """The path of a sparkline of the samples in a span, on a field of 70 × 22; empty where fewer than two were measured."""
    shown = [one for one in samples if since <= one.observed_at <= until]
    if len(shown) < 2:
        return ""
    step = -(-len(shown) // SPARK_POINTS)
    # the newest stays, and of the others the highest of each group: a peak must not fall between the points
    groups = [shown[start : start + step] for start in range(0, len(shown), step)]
    kept = [max(group, key=lambda one: one.value) for group in groups[:-1]] + [groups[-1][-1]]
    top = max(high, *(one.value for one in kept))
    span = (until - since).total_seconds()

    def x(at: datetime) -> float:
        return round(1 + (SPARK_WIDTH - 2) * (at - since).total_seconds() / span, 1)

    def y(value: float) -> float:
        return round(SPARK_HEIGHT - 2 - (SPARK_HEIGHT - 4) * (max(value, low) - low) / (top - low), 1)

    return "M" + " ".join(f"{x(one.observed_at)} {y(one.value)}" for one in kept)


@dataclass(frozen=True)
class Bar:
    """One piece of the span."""

    x: float
    y: float
    width: float
    height: float
    n: int
    is_over: bool
    #: the clock under it; empty under most
    text: str


@dataclass(frozen=True)
class Bars:
    """All a template draws."""

    bars: tuple[Bar, ...]
    #: (y, number) of the lines behind them
    grid: tuple[tuple[float, int], ...]
    #: y of the line that marks too many
    limit: float
    total: int
    worst: int
    width: int = WIDTH
    height: int = HEIGHT
    left: float = LEFT
    right: float = RIGHT
    bottom: float = BOTTOM


def load(
    raised: Sequence[datetime],
    *,
    since: datetime,
    until: datetime,
    width: timedelta,
    limit: int,
    zone: ZoneInfo,
    pattern: str,
) -> Bars:
    """New alarms in each piece of a span, with the line above which there are too many."""
    counted = buckets(raised, since=since, until=until, width=width)
    top = max(2 * limit, *counted)
    pace = (RIGHT - LEFT) / len(counted)
    every = -(-len(counted) // LABELS_MAX)

    def height(n: float) -> float:
        return round((BOTTOM - TOP) * n / top, 1)

    return Bars(
        bars=tuple(
            Bar(
                x=round(LEFT + pace * place + pace * 0.2, 1),
                y=round(BOTTOM - height(n), 1),
                width=round(pace * 0.6, 1),
                height=height(n),
                n=n,
                is_over=n > limit,
                text=f"{(since + place * width).astimezone(zone):{pattern}}" if place % every == 0 else "",
            )
            for place, n in enumerate(counted)
        ),
        grid=tuple((round(BOTTOM - height(n), 1), n) for n in (0, top // 2, top)),
        limit=round(BOTTOM - height(limit), 1),
        total=sum(counted),
        worst=max(counted),
    )
