"""The Kaplan–Meier median: what half of all needed, with those that are not done yet counted for as long as they were watched. Pure.

Kaplan and Meier, Nonparametric Estimation from Incomplete Observations, JASA 53 (1958): S(t) = Π (1 − dᵢ / nᵢ) over the times up to t.
"""

from collections import Counter
from collections.abc import Iterable


def median(spans: Iterable[tuple[float, bool]]) -> tuple[float | None, bool]:
    """The least span at which half are done, and False; where half never are, the longest that was watched, and True (it is no less).

    `spans` are (how long, whether it was done then); in any unit, not negative. Nothing watched: (None, False).
    """
    done: Counter[float] = Counter()
    left: Counter[float] = Counter()
    for span, is_done in spans:
        (done if is_done else left)[span] += 1
    times = sorted({*done, *left})
    if not times:
        return None, False
    watched, surviving = done.total() + left.total(), 1.0
    for time in times:
        surviving *= 1 - done[time] / watched
        # 1e-12: a product of fractions that make a half exactly may come out a hair above it
        if surviving <= 0.5 + 1e-12:
            return time, False
        # who was watched this long is at risk until now, and no longer
        watched -= done[time] + left[time]
    return times[-1], True
