"""Shapes of assets: GeoJSON geometries (RFC 7946) and the same in WKT, read strictly, kept as short text. Pure."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hazard_flow.assets.frames import to_wgs84
from hazard_flow.assets.geometry import Line
from hazard_flow.storage.json_text import from_json, from_outside, to_json

Box = tuple[float, float, float, float]

#: vertices of one shape; a longer pipe is several segments
VERTICES_MAX = 10_000
#: how deep coordinates nest, by type
_DEPTHS = {"Point": 0, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
_FEWEST = {"LineString": 2, "MultiLineString": 2, "Polygon": 4, "MultiPolygon": 4}
_AREAS = frozenset({"Polygon", "MultiPolygon"})
_LINES = frozenset({"LineString", "MultiLineString"})
_WKT = re.compile(
    r"\s*(POINT|LINESTRING|MULTILINESTRING|POLYGON|MULTIPOLYGON)\s*Z?\s*(\(.*\))\s*",
    re.IGNORECASE | re.DOTALL,
)
_WKT_NAMES = {name.upper(): name for name in _DEPTHS}
_PAIR = re.compile(r"[^(),]+")
_JSON_DEPTH_MAX = 8
#: of a degree: a tenth of a millimetre
_DECIMALS = 9


class BadShape(ValueError):
    """The shape cannot be kept; the code of the sentence that says why."""


@dataclass(frozen=True)
class Shape:
    """A geometry: its type and coordinates as nested lists of [longitude, latitude]."""

    type: str
    coordinates: Any

    @classmethod
    def read(cls, given: Any) -> "Shape":
        """From a GeoJSON object, its text, or WKT; raises BadShape. A third coordinate (height) is left out."""
        if isinstance(given, str):
            given = _parsed(given)
        if not isinstance(given, Mapping):
            raise BadShape("not_a_shape")
        kind, raw = given.get("type"), given.get("coordinates")
        if kind not in _DEPTHS:
            raise BadShape("not_a_shape")
        found = cls(str(kind), _coordinates(raw, _DEPTHS[kind], _FEWEST.get(kind, 1), is_ring=kind in _AREAS))
        if sum(1 for _ in found.points()) > VERTICES_MAX:
            raise BadShape("too_many_vertices")
        return found

    @classmethod
    def stored(cls, text: str) -> "Shape":
        """As it stands in an asset's row."""
        kept = from_json(text)
        return cls(kept["type"], kept["coordinates"])

    @property
    def is_line(self) -> bool:
        return self.type in _LINES

    def text(self) -> str:
        """GeoJSON, as an asset's row holds it."""
        return to_json({"type": self.type, "coordinates": self.coordinates})

    def wkt(self) -> str:
        """Well-known text, for a cell of a table."""
        return f"{self.type.upper()} {_bracketed(self.coordinates, _DEPTHS[self.type])}"

    def points(self) -> Iterator[tuple[float, float]]:
        """Every vertex."""
        yield from _points(self.coordinates, _DEPTHS[self.type])

    def box(self, crs: str) -> Box:
        """West, south, east, north in WGS-84."""
        placed = [to_wgs84(lon, lat, crs) for lon, lat in self.points()]
        lons, lats = [lon for lon, _ in placed], [lat for _, lat in placed]
        return min(lons), min(lats), max(lons), max(lats)

    def in_wgs84(self, crs: str) -> "Shape":
        """The same for display; unchanged where the frame agrees with GPS."""
        if crs != "GCJ02":
            return self
        return Shape(self.type, _moved(self.coordinates, _DEPTHS[self.type], crs))

    def length_m(self) -> float | None:
        """Along the ground, of a line; None of anything else. The frame hardly matters: GCJ-02 stretches by less than 1 in 10 000."""
        if not self.is_line:
            return None
        parts = [self.coordinates] if self.type == "LineString" else self.coordinates
        return sum(Line(tuple((lon, lat) for lon, lat in part)).length_m for part in parts)


def _parsed(text: str) -> Any:
    if text.lstrip().startswith("{"):
        try:
            return from_outside(text, depth_max=_JSON_DEPTH_MAX)
        except (ValueError, RecursionError) as error:
            raise BadShape("not_a_shape") from error
    found = _WKT.fullmatch(text)
    if found is None or len(text) > VERTICES_MAX * 60:
        raise BadShape("not_a_shape")
    # brackets become lists and pairs of numbers become pairs: then it is JSON
    pairs = _PAIR.sub(lambda one: _pair(one[0]), found[2])
    body = pairs.replace("(", "[").replace(")", "]")
    try:
        value = from_outside(body, depth_max=_JSON_DEPTH_MAX)
    except (ValueError, RecursionError) as error:
        raise BadShape("not_a_shape") from error
    name = _WKT_NAMES[found[1].upper()]
    return {"type": name, "coordinates": value[0] if name == "Point" else value}


def _pair(words: str) -> str:
    numbers = words.split()
    return f"[{','.join(numbers)}]" if numbers else ""


def _coordinates(raw: Any, depth: int, fewest: int, *, is_ring: bool) -> Any:
    if not isinstance(raw, list):
        raise BadShape("not_a_shape")
    if depth == 0:
        return _position(raw)
    if depth == 1:
        if len(raw) < fewest:
            raise BadShape("shape_too_short")
        line = [_position(one) for one in raw]
        if is_ring and line[0] != line[-1]:
            raise BadShape("ring_not_closed")
        return line
    if not raw:
        raise BadShape("not_a_shape")
    return [_coordinates(one, depth - 1, fewest, is_ring=is_ring) for one in raw]


def _position(raw: Any) -> list[float]:
    if not isinstance(raw, list) or not 2 <= len(raw) <= 4:
        raise BadShape("not_a_shape")
    lon, lat = raw[0], raw[1]
    for number in (lon, lat):
        if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
            raise BadShape("not_a_shape")
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise BadShape("off_the_globe")
    return [round(float(lon), _DECIMALS), round(float(lat), _DECIMALS)]


def _points(raw: Any, depth: int) -> Iterator[tuple[float, float]]:
    if depth == 0:
        yield raw[0], raw[1]
    else:
        for one in raw:
            yield from _points(one, depth - 1)


def _moved(raw: Any, depth: int, crs: str) -> Any:
    return list(to_wgs84(raw[0], raw[1], crs)) if depth == 0 else [_moved(one, depth - 1, crs) for one in raw]


def _bracketed(raw: Any, depth: int) -> str:
    if depth == 0:
        return f"({raw[0]!r} {raw[1]!r})"
    if depth == 1:
        return f"({', '.join(f'{lon!r} {lat!r}' for lon, lat in raw)})"
    return f"({', '.join(_bracketed(one, depth - 1) for one in raw)})"
