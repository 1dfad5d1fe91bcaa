"""How late timers fire, counted in buckets: the histogram behind `hazard_flow_firing_lateness_seconds`."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise

#: upper bounds in seconds; a worker wakes at least once a second, so what is beyond the second bucket waited for something
BOUNDS = (0.25, 1.0, 2.5, 10.0, 60.0, 600.0, 3600.0, 21_600.0, 86_400.0)
_PREFIX = "late.le_"
_REST = "late.le_inf"
_SUM = "late.sum_ms"


def lateness(due: Iterable[datetime], now: datetime) -> Counter[str]:
    """Counts of firings at `now` by the first bound they stay within, and the sum of their delays in milliseconds."""
    counted: Counter[str] = Counter()
    for at in due:
        seconds = max(0.0, (now - at).total_seconds())
        bound = next((b for b in BOUNDS if seconds <= b), None)
        counted[_REST if bound is None else _name(bound)] += 1
        counted[_SUM] += round(seconds * 1000)
    return counted


def buckets(counts: Counter[str]) -> tuple[list[tuple[str, float]], float]:
    """From such counts, perhaps of many workers: Prometheus' cumulative (bound, count) pairs, and the sum in seconds."""
    single = [counts[_name(bound)] for bound in BOUNDS] + [counts[_REST]]
    heaped = [sum(single[: place + 1]) for place in range(len(single))]
    assert all(lower <= upper for lower, upper in pairwise(heaped)), "buckets are cumulative"
    bounds = [f"{bound:g}" for bound in BOUNDS] + ["+Inf"]
    pairs = [(bound, float(count)) for bound, count in zip(bounds, heaped, strict=True)]
    return pairs, counts[_SUM] / 1000


def _name(bound: float) -> str:
    return f"{_PREFIX}{bound:g}"
