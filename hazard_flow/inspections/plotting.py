"""A track beside the lines it was to follow, laid flat for a picture of a few hundred pixels. Pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from hazard_flow.assets.geometry import Line, LonLat
from hazard_flow.assets.places import Place
from hazard_flow.inspections.rules import TrackRules
from hazard_flow.inspections.tracks import Point

WIDTH, HEIGHT, EDGE = 640, 360, 24
#: corners of one drawn track: more than any screen shows
CORNERS_MAX = 1_500


@dataclass(frozen=True)
class Plot:
    """Polylines as SVG says them, and dots."""

    width: int
    height: int
    lines: Sequence[str]
    #: what counts, and what was too fast or interrupted
    walked: Sequence[str]
    driven: Sequence[str]
    places: Sequence[tuple[float, float]]
    #: metres of the drawn scale bar and its length in the picture
    scale_m: int
    scale_px: float


def plot(
    lines: Iterable[Line], points: Sequence[Point], places: Sequence[LonLat], rules: TrackRules
) -> Plot | None:
    """The picture; None where there is nothing to draw."""
    ways = [line.points for line in lines]
    sure = [one for one in points if one.accuracy_m <= rules.accuracy_max_m]
    walked_way = [*(corner for way in ways for corner in way), *((one.lon, one.lat) for one in sure)]
    every = walked_way or list(places)
    if not every:
        return None
    # where somebody stood far away is told as a doubt; here it would make a dot of everything else
    paper = _Paper.around(every)
    walked, driven = _pieces(sure, rules)
    scale_m = _round_number(paper.metres_across / 4)
    return Plot(
        width=WIDTH,
        height=HEIGHT,
        lines=[paper.polyline(way) for way in ways],
        walked=[paper.polyline(_thinned(piece)) for piece in walked],
        driven=[paper.polyline(_thinned(piece)) for piece in driven],
        places=[at for one in places if _inside(at := paper.at(one))],
        scale_m=scale_m,
        scale_px=round(scale_m * paper.px_a_metre, 1),
    )


def _pieces(points: Sequence[Point], rules: TrackRules) -> tuple[list[list[LonLat]], list[list[LonLat]]]:
    walked: list[list[LonLat]] = []
    driven: list[list[LonLat]] = []
    is_joined = False
    for before, after in pairwise(points):
        seconds = (after.at - before.at).total_seconds()
        if seconds > rules.gap_max_seconds:
            is_joined = False
            continue
        metres = Place(before.lon, before.lat).metres_to(Place(after.lon, after.lat))
        ends = [(before.lon, before.lat), (after.lon, after.lat)]
        if metres * 3.6 > rules.speed_max_kmh * max(seconds, 1e-9):
            driven.append(ends)
            is_joined = False
        elif is_joined:
            walked[-1].append(ends[1])
        else:
            walked.append(ends)
            is_joined = True
    return walked, driven


@dataclass(frozen=True)
class _Paper:
    west: float
    north: float
    px_a_lon: float
    px_a_lat: float
    left: float
    top: float

    @classmethod
    def around(cls, every: Sequence[LonLat]) -> "_Paper":
        lons, lats = [one[0] for one in every], [one[1] for one in every]
        west, east, south, north = min(lons), max(lons), min(lats), max(lats)
        narrow = math.cos(math.radians((south + north) / 2))
        # a single place still lies on a patch of some hundred metres
        wide, high = max((east - west) * narrow, 0.002), max(north - south, 0.002)
        px = min((WIDTH - 2 * EDGE) / wide, (HEIGHT - 2 * EDGE) / high)
        left = (WIDTH - (east - west) * narrow * px) / 2
        top = (HEIGHT - (north - south) * px) / 2
        return cls(west, north, px * narrow, px, left, top)

    @property
    def px_a_metre(self) -> float:
        return self.px_a_lat / (math.pi * 6_371_000 / 180)

    @property
    def metres_across(self) -> float:
        return WIDTH / self.px_a_metre

    def at(self, one: LonLat) -> tuple[float, float]:
        return (
            round(self.left + (one[0] - self.west) * self.px_a_lon, 1),
            round(self.top + (self.north - one[1]) * self.px_a_lat, 1),
        )

    def polyline(self, way: Sequence[LonLat]) -> str:
        return " ".join(f"{x:g},{y:g}" for x, y in map(self.at, way))


def _inside(at: tuple[float, float]) -> bool:
    return 0 <= at[0] <= WIDTH and 0 <= at[1] <= HEIGHT


def _thinned(way: Sequence[LonLat]) -> Sequence[LonLat]:
    step = max(1, math.ceil(len(way) / CORNERS_MAX))
    return [*way[::step], way[-1]] if step > 1 else way


def _round_number(metres: float) -> int:
    power = 10 ** math.floor(math.log10(max(metres, 1)))
    return int(max(n * power for n in (1, 2, 5) if n * power <= max(metres, 1)))
