"""Lines on the ground: their length, how far a point is from one, how much of one a track has covered. The one importer of shapely.

Degrees are laid flat around the line's own middle, metres in both directions: over a segment of some kilometres that is wrong by less
than a metre, far less than a satellite fix.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import shapely

#: metres of one degree of latitude on a sphere of 6 371 km
_DEGREE_M = math.pi * 6_371_000 / 180

#: (longitude, latitude) in decimal degrees
LonLat = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """A line of at least two points in one frame, decimal degrees."""

    points: tuple[LonLat, ...]

    def __post_init__(self) -> None:
        if len(self.points) < 2:
            raise ValueError("a line needs at least two points")

    @property
    def length_m(self) -> float:
        """Along the ground, in metres."""
        return float(self._flat.length)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north in decimal degrees."""
        lons, lats = [p[0] for p in self.points], [p[1] for p in self.points]
        return min(lons), min(lats), max(lons), max(lats)

    def metres_from(self, point: LonLat) -> float:
        """From a point to the nearest place on the line."""
        return float(self._flat.distance(shapely.Point(self._laid(point))))

    def covered_m(self, tracks: Iterable[Sequence[LonLat]], *, within_m: float) -> float:
        """How many metres of the line lie within reach of any of the tracks; what two of them cover counts once.

        Between two points of a track the straight way counts as walked: hand in as separate tracks what is interrupted.
        """
        reach = [self._reach(track, within_m) for track in tracks if track]
        if not reach:
            return 0.0
        return float(self._flat.intersection(shapely.union_all(reach)).length)

    def _reach(self, track: Sequence[LonLat], within_m: float) -> shapely.Geometry:
        flat = [self._laid(point) for point in track]
        way = shapely.Point(flat[0]) if len(set(flat)) == 1 else shapely.LineString(flat)
        return way.buffer(within_m)

    @cached_property
    def _flat(self) -> shapely.LineString:
        return shapely.LineString([self._laid(point) for point in self.points])

    @cached_property
    def _middle(self) -> LonLat:
        west, south, east, north = self.box
        return (west + east) / 2, (south + north) / 2

    def _laid(self, point: LonLat) -> tuple[float, float]:
        lon, lat = self._middle
        return (point[0] - lon) * _DEGREE_M * math.cos(math.radians(lat)), (point[1] - lat) * _DEGREE_M


def metres_apart(one: Sequence[LonLat], other: Sequence[LonLat]) -> float:
    """The least distance of two shapes: a point (one position), a line, or the ground inside a closed ring; 0 where they meet."""
    line = Line((*one, *other))
    return float(_shape(line, one).distance(_shape(line, other)))


def _shape(frame: Line, points: Sequence[LonLat]) -> shapely.Point | shapely.LineString | shapely.Polygon:
    flat = [frame._laid(point) for point in points]
    if len(flat) == 1:
        return shapely.Point(flat[0])
    closed = len(flat) >= 4 and flat[0] == flat[-1]
    return shapely.Polygon(flat) if closed else shapely.LineString(flat)
