"""Whether a reading moves. Pure; seconds since 1970.

That nothing moved can only be said afterwards: a sample still on its way might show that it did. So lines are judged on a fixed grid of
instants, each `settle` later, by what had arrived then. The same samples give the same answers in whatever order they came.
"""

from collections.abc import Iterator
from math import floor

from hazard_flow.telemetry.rules import Stuck

#: seconds between two instants of the grid
GRID = 3_600.0


def window(rule: Stuck, interval: float) -> float:
    """The seconds a line must be flat over, of a device expected every `interval` seconds; one sample may be missing."""
    return (rule.samples + 1) * interval


def is_flat(rule: Stuck, count: int, low: float, high: float) -> bool:
    """Whether so many samples between these values are a stuck head."""
    return count >= rule.samples and low >= rule.min_value and high - low <= rule.change


def grid(after: float, until: float) -> Iterator[float]:
    """The instants of the grid after one instant, up to and with another."""
    place = floor(after / GRID) + 1
    while place * GRID <= until:
        yield place * GRID
        place += 1
