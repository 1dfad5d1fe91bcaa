"""The ground under the map: districts, water, green and streets out of a GeoJSON file. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from hazard_flow.assets.frames import to_wgs84
from hazard_flow.assets.map.layers import Area, Feature, LonLat, Style, Viewport, Way
from hazard_flow.errors import FieldError, Refused
from hazard_flow.i18n import Label
from hazard_flow.resources import PACKAGE
from hazard_flow.storage.json_text import from_outside

#: limits of a file: what a browser lays out without a pause
BYTES_MAX = 4_000_000
FEATURES_MAX = 2_000
VERTICES_MAX = 60_000
NAME_LENGTH_MAX = 60
_DEPTH_MAX = 12

#: what a feature's `kind` may be; without one it is a district
STYLES = (
    Style("district", "map.ground.district", "ground-district"),
    Style("water", "map.ground.water", "ground-water", size_px=6),
    Style("green", "map.ground.green", "ground-green"),
    Style("road", "map.ground.road", "ground-road", size_px=3),
)
_KINDS = frozenset(style.key for style in STYLES)
_DEMO = PACKAGE / "assets" / "map" / "demo_city.geojson"


@dataclass(frozen=True)
class Ground:
    """A ground laid out: features with the box each lies in, in the order they are drawn."""

    features: tuple[tuple[Feature, tuple[float, float, float, float]], ...]

    def within(self, viewport: Viewport) -> Iterator[Feature]:
        """What of it lies in view."""
        for feature, (west, south, east, north) in self.features:
            if (
                west <= viewport.east
                and east >= viewport.west
                and south <= viewport.north
                and north >= viewport.south
            ):
                yield feature

    @property
    def box(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north of all of it."""
        if not self.features:
            return None
        wests, souths, easts, norths = zip(*(box for _, box in self.features), strict=True)
        return min(wests), min(souths), max(easts), max(norths)


#: wide things first: what is drawn later lies above
_ORDER = {"district": 0, "green": 1, "water": 2, "road": 3}


def read(body: bytes, crs: str) -> Ground:
    """A file as it was handed in; raises Refused naming the feature and what is wrong with it."""
    if len(body) > BYTES_MAX:
        raise _wrong("too_large", at_most=f"{BYTES_MAX // 1_000_000} MB")
    try:
        whole = from_outside(body, depth_max=_DEPTH_MAX)
    except (ValueError, RecursionError) as error:
        raise _wrong("not_json") from error
    if not isinstance(whole, dict) or not isinstance(whole.get("features"), list):
        raise _wrong("not_geojson")
    listed = whole["features"]
    if len(listed) > FEATURES_MAX:
        raise _wrong("too_many_features", at_most=FEATURES_MAX)
    drawn: list[tuple[Feature, tuple[float, float, float, float]]] = []
    vertices = 0
    for number, one in enumerate(listed, 1):
        for feature in _features(one, number, crs):
            rings = feature.rings if isinstance(feature, Area) else (feature.points,)
            points = [point for ring in rings for point in ring]
            vertices += len(points)
            lons, lats = [p[0] for p in points], [p[1] for p in points]
            drawn.append((feature, (min(lons), min(lats), max(lons), max(lats))))
    if vertices > VERTICES_MAX:
        raise _wrong("too_many_points", at_most=VERTICES_MAX)
    if not drawn:
        raise _wrong("no_features")
    drawn.sort(key=lambda entry: _ORDER[entry[0].style])
    return Ground(tuple(drawn))


@lru_cache(maxsize=8)
def known(body: bytes, crs: str) -> Ground:
    """The same for a file that is stored, read once a process."""
    return read(body, crs)


@lru_cache(maxsize=1)
def demo() -> Ground:
    """The invented city of the demo."""
    return read(_DEMO.read_bytes(), "WGS84")


def _features(one: Any, number: int, crs: str) -> Iterator[Area | Way]:
    if not isinstance(one, dict) or not isinstance(one.get("geometry"), dict):
        raise _wrong("no_geometry", number=number)
    given = one.get("properties")
    said: dict[str, Any] = given if isinstance(given, dict) else {}
    kind = str(said.get("kind") or "district")
    if kind not in _KINDS:
        raise _wrong("unknown_ground", number=number, value=kind[:40], known=", ".join(sorted(_KINDS)))
    shape, places = one["geometry"].get("type"), one["geometry"].get("coordinates")
    name = _name(said)
    if shape == "Polygon":
        yield Area(_rings(places, number, crs), kind, name)
    elif shape == "MultiPolygon":
        for part in _list(places, number):
            yield Area(_rings(part, number, crs), kind, name)
    elif shape == "LineString":
        yield Way(_line(places, number, crs, least=2), kind)
    elif shape == "MultiLineString":
        for part in _list(places, number):
            yield Way(_line(part, number, crs, least=2), kind)
    else:
        raise _wrong("unknown_shape", number=number, value=str(shape)[:40])


def _name(said: Mapping[str, Any]) -> Label | None:
    zh = str(said.get("name") or said.get("name_zh") or "")[:NAME_LENGTH_MAX]
    return Label(zh=zh, en=str(said.get("name_en") or zh)[:NAME_LENGTH_MAX]) if zh else None


def _rings(places: Any, number: int, crs: str) -> tuple[tuple[LonLat, ...], ...]:
    rings = tuple(_line(ring, number, crs, least=4) for ring in _list(places, number))
    if not rings:
        raise _wrong("bad_coordinates", number=number)
    return rings


def _line(places: Any, number: int, crs: str, *, least: int) -> tuple[LonLat, ...]:
    found = tuple(_point(place, number, crs) for place in _list(places, number))
    if len(found) < least:
        raise _wrong("bad_coordinates", number=number)
    return found


def _point(place: Any, number: int, crs: str) -> LonLat:
    if not isinstance(place, list) or len(place) < 2 or not all(_is_number(one) for one in place[:2]):
        raise _wrong("bad_coordinates", number=number)
    lon, lat = float(place[0]), float(place[1])
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise _wrong("bad_coordinates", number=number)
    return to_wgs84(lon, lat, crs)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _list(value: Any, number: int) -> Sequence[Any]:
    if not isinstance(value, list):
        raise _wrong("bad_coordinates", number=number)
    return value


def _wrong(code: str, **params: Any) -> Refused:
    return Refused("ground", fields=[FieldError("file", f"ground_{code}", params)])


def as_stored(body: bytes) -> bytes:
    """The file without the blanks a program writes for people."""
    return json.dumps(
        from_outside(body, depth_max=_DEPTH_MAX), ensure_ascii=False, separators=(",", ":")
    ).encode()
