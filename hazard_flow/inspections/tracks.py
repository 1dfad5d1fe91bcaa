"""A walked track against the line it was to follow (domain 5.1): how much is covered, how fast, where it breaks off. Pure.

A metre of line counts as covered when the track comes within 20 m of it at a walking or cycling pace; a round is valid from 90 % on.
The numbers are data (`rules.v1.yaml`), marked as our own defaults.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from hazard_flow.assets.geometry import Line, LonLat
from hazard_flow.assets.places import Place
from hazard_flow.inspections.rules import TrackRules

#: a device that speaks every second for a long shift
POINTS_MAX = 40_000


@dataclass(frozen=True)
class Point:
    """One fix: when, where (WGS84, decimal degrees), how sure, and whether the device said it was made up."""

    at: datetime
    lon: float
    lat: float
    accuracy_m: float = 0.0
    is_mocked: bool = False


@dataclass(frozen=True)
class Judged:
    """What a track is worth against the lines of a round. Metres, kilometres an hour."""

    due_m: float
    covered_m: float
    #: of each line, by the caller's key
    covered_by: Mapping[str, float]
    walked_m: float
    #: over the time it moved; None for a track of no length
    speed_kmh: float | None
    #: part of the way that was too fast to look at anything
    too_fast_m: float
    gaps: int
    unsure: int
    mocked: int
    is_valid: bool
    #: why not, as codes: `too_little`, `too_slow`, `too_fast`, `mocked`, `no_track`
    because: tuple[str, ...]

    def told(self) -> dict[str, Any]:
        """The figures as the round keeps them."""
        return {
            "walked_m": round(self.walked_m),
            "speed_kmh": None if self.speed_kmh is None else round(self.speed_kmh, 1),
            "too_fast_m": round(self.too_fast_m),
            "gaps": self.gaps,
            "unsure": self.unsure,
            "mocked": self.mocked,
            "because": list(self.because),
        }


def judge(points: Sequence[Point], lines: Mapping[str, Line], rules: TrackRules) -> Judged:
    """What these fixes, oldest first, are worth against these lines."""
    sure = [one for one in points if one.accuracy_m <= rules.accuracy_max_m]
    walked_m = moving_s = too_fast_m = 0.0
    gaps = 0
    pieces: list[list[LonLat]] = [[]]
    for before, after in pairwise(sure):
        seconds = (after.at - before.at).total_seconds()
        metres = Place(before.lon, before.lat).metres_to(Place(after.lon, after.lat))
        if seconds > rules.gap_max_seconds:
            gaps += 1
            pieces.append([])
            continue
        walked_m += metres
        moving_s += seconds
        if metres * 3.6 > rules.speed_max_kmh * max(seconds, 1e-9):
            too_fast_m += metres
            pieces.append([])
            continue
        if not pieces[-1]:
            pieces[-1].append((before.lon, before.lat))
        pieces[-1].append((after.lon, after.lat))
    due_m = math.fsum(line.length_m for line in lines.values())
    ways = [piece for piece in pieces if piece]
    covered_by = {key: line.covered_m(ways, within_m=rules.within_m) for key, line in lines.items()}
    covered_m = math.fsum(covered_by.values())
    speed = walked_m / moving_s * 3.6 if moving_s > 0 and walked_m > 0 else None
    mocked = sum(one.is_mocked for one in points)
    because = tuple(_because(rules, due_m, covered_m, speed, mocked, has_track=len(sure) > 1))
    return Judged(
        due_m=due_m,
        covered_m=covered_m,
        covered_by=covered_by,
        walked_m=walked_m,
        speed_kmh=speed,
        too_fast_m=too_fast_m,
        gaps=gaps,
        unsure=len(points) - len(sure),
        mocked=mocked,
        is_valid=not because,
        because=because,
    )


def _because(
    rules: TrackRules, due_m: float, covered_m: float, speed: float | None, mocked: int, *, has_track: bool
) -> Iterator[str]:
    if not has_track:
        yield "no_track"
        return
    if covered_m * 100 < rules.covered_percent * due_m:
        yield "too_little"
    if speed is None or speed < rules.speed_min_kmh:
        yield "too_slow"
    elif speed > rules.speed_max_kmh:
        yield "too_fast"
    if mocked:
        yield "mocked"


def packed(points: Sequence[Point]) -> list[list[float]]:
    """As a row keeps them: seconds after the first, degrees to a centimetre or so, accuracy, mocked."""
    if not points:
        return []
    start = points[0].at
    return [
        [
            round((one.at - start).total_seconds(), 1),
            round(one.lon, 7),
            round(one.lat, 7),
            round(one.accuracy_m, 1),
            int(one.is_mocked),
        ]
        for one in points
    ]


def unpacked(rows: Sequence[Sequence[float]], start: datetime) -> list[Point]:
    """`packed`, read again."""
    return [
        Point(start + timedelta(seconds=float(s)), float(lon), float(lat), float(accuracy), bool(mocked))
        for s, lon, lat, accuracy, mocked in rows
    ]
