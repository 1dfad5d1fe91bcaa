"""Reading a viewport out of an address. Pure."""

import math
from collections.abc import Mapping

from hazard_flow.assets.map.layers import ZOOM_MAX, ZOOM_MIN, Viewport
from hazard_flow.errors import BadRequest, FieldError

#: edge → least and greatest value; beyond this latitude the maps of browsers have no place
_EDGES = {"west": 180.0, "south": 85.06, "east": 180.0, "north": 85.06}
#: pixels of the widest view that is answered: a region a browser asks for is some screens wide
WIDE_PX_MAX = 12_000


def read(raw: Mapping[str, str]) -> Viewport:
    """The viewport of `west`, `south`, `east`, `north` and `zoom`; raises BadRequest listing everything that is wrong."""
    problems: list[FieldError] = []
    edges = {name: _number(raw, name, bound, problems) for name, bound in _EDGES.items()}
    zoom = _zoom(raw.get("zoom", ""), problems)
    if not problems and not (edges["west"] < edges["east"] and edges["south"] < edges["north"]):
        problems.append(FieldError("west", "bad_box"))
    if not problems:
        found = Viewport(**edges, zoom=zoom)
        if (found.east - found.west) / found.pixel_lon > WIDE_PX_MAX:
            problems.append(FieldError("zoom", "box_too_wide", {"at_most": WIDE_PX_MAX}))
        else:
            return found
    raise BadRequest("bad viewport", fields=problems)


def around(lon: float, lat: float, zoom: int, *, width_px: int, height_px: int) -> Viewport:
    """The viewport of a window of this size around a point."""
    tall = Viewport(lon, lat, lon, lat, zoom)
    half_lon, half_lat = tall.pixel_lon * width_px / 2, tall.pixel_lon * height_px / 2
    half_lat *= math.cos(math.radians(lat))
    return Viewport(lon - half_lon, lat - half_lat, lon + half_lon, lat + half_lat, zoom)


def read_place(raw: Mapping[str, str]) -> tuple[float, float, int] | None:
    """The middle and zoom of the map's own address; None where it names none. Raises BadRequest."""
    if not raw.get("lon") and not raw.get("lat"):
        return None
    problems: list[FieldError] = []
    lon = _number(raw, "lon", _EDGES["west"], problems)
    lat = _number(raw, "lat", _EDGES["south"], problems)
    zoom = _zoom(raw.get("zoom", "14"), problems)
    if problems:
        raise BadRequest("bad place", fields=problems)
    return lon, lat, zoom


def _number(raw: Mapping[str, str], name: str, bound: float, problems: list[FieldError]) -> float:
    try:
        value = float(raw.get(name, ""))
        if not -bound <= value <= bound:
            raise ValueError(name)
    except ValueError:
        problems.append(FieldError(name, "out_of_range", {"minimum": -bound, "maximum": bound}))
        return 0.0
    return value


def _zoom(raw: str, problems: list[FieldError]) -> int:
    if not (raw.isascii() and raw.isdigit() and len(raw) < 3 and ZOOM_MIN <= int(raw) <= ZOOM_MAX):
        problems.append(FieldError("zoom", "out_of_range", {"minimum": ZOOM_MIN, "maximum": ZOOM_MAX}))
        return ZOOM_MIN
    return int(raw)
