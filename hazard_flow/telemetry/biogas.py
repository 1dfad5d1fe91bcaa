"""Whether gas at a site looks like biogas from sewer or landfill rather than a leak: pure, from the site's own record alone.

A leak has a source: one head sees more of it than the other, and sooner. Biogas rises from everywhere, so two heads of one well agree and
move together, and it follows the warmth of the day. The answer is a remark for whoever goes there: it never hides an alarm, lowers a level
or keeps a hazard from being opened, for biogas burns as well.
"""

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from statistics import fmean, median
from typing import NamedTuple

#: how far back the record is looked at
LOOK_BACK = timedelta(hours=48)
#: readings are averaged over these spans before they are compared
SHORT, LONG = timedelta(minutes=5), timedelta(hours=1)
#: from here on there is gas to be compared at all, %LEL
PRESENT_LEL = 10.0
#: so many short spans with gas are needed for a judgement: two hours
SPANS_MIN = 24
#: the lower of two agreeing heads shows at least this share of the higher
AGREES_FROM = 0.85
#: correlation of two heads' movements from which they move together
TOGETHER_FROM = 0.4
#: with this many hours of gas the day's warmth must show in it, by this correlation
WARMTH_HOURS, WARMTH_FROM = 24, 0.2


class Track(NamedTuple):
    """A device's samples: seconds since 1970 ascending, and values."""

    times: Sequence[float]
    values: Sequence[float]


def resembles_biogas(heads: Sequence[Track], warmth: Track) -> bool:
    """Whether the record of a site's gas heads (and its thermometer, °C) up to now looks like biogas; in doubt, no."""
    spans = [_means(head, SHORT) for head in heads]
    if len(spans) < 2:
        return False
    first, second = sorted(spans, key=len)[-2:]
    gassy = sorted(at for at in first.keys() & second.keys() if max(first[at], second[at]) >= PRESENT_LEL)
    if len(gassy) < SPANS_MIN:
        return False
    if median(min(first[at], second[at]) / max(first[at], second[at]) for at in gassy) < AGREES_FROM:
        return False
    step = SHORT.total_seconds()
    moves = [
        (first[at] - first[before], second[at] - second[before])
        for before, at in pairwise(gassy)
        if at - before == step
    ]
    return _correlation(moves) >= TOGETHER_FROM and _follows_warmth(heads, warmth)


def _follows_warmth(heads: Sequence[Track], warmth: Track) -> bool:
    """Whether the level goes with the warmth; yes where the record is too short to tell."""
    degrees = _means(warmth, LONG)
    pairs = [
        (level, degrees[at])
        for head in heads
        for at, level in _means(head, LONG).items()
        if level >= PRESENT_LEL and at in degrees
    ]
    return len(pairs) < WARMTH_HOURS * len(heads) or _correlation(pairs) >= WARMTH_FROM


def _means(track: Track, span: timedelta) -> dict[float, float]:
    """The mean of each span that has samples, by the instant it begins."""
    seconds = span.total_seconds()
    gathered: dict[float, list[float]] = {}
    for at, value in zip(track.times, track.values, strict=True):
        gathered.setdefault(at // seconds * seconds, []).append(value)
    return {begin: fmean(values) for begin, values in gathered.items()}


def _correlation(pairs: Sequence[tuple[float, float]]) -> float:
    """Pearson's, from -1 to 1; 0 where nothing moves."""
    if len(pairs) < 2:
        return 0.0
    left, right = fmean(a for a, _ in pairs), fmean(b for _, b in pairs)
    shared = sum((a - left) * (b - right) for a, b in pairs)
    spread = sum((a - left) ** 2 for a, _ in pairs) * sum((b - right) ** 2 for _, b in pairs)
    return float(shared / spread**0.5) if spread > 0 else 0.0
