"""The line an asset is on the ground, where it is one."""

from collections.abc import Mapping, Sequence

from hazard_flow.assets.geometry import Line
from hazard_flow.assets.models import Asset
from hazard_flow.assets.places import Place
from hazard_flow.assets.shapes import Shape


def lines_of(asset: Asset) -> Mapping[str, Line]:
    """The parts of its line in WGS-84, by names of their own; none of what is no line."""
    if not asset.geometry:
        return {}
    shape = Shape.stored(asset.geometry)
    if not shape.is_line:
        return {}
    shape = shape.in_wgs84(asset.crs)
    parts = [shape.coordinates] if shape.type == "LineString" else shape.coordinates
    return {
        f"{asset.id.hex}:{n}": Line(tuple((lon, lat) for lon, lat in part)) for n, part in enumerate(parts)
    }


def length_m(asset: Asset) -> float | None:
    """Metres along the ground; None of what is no line."""
    lines = lines_of(asset)
    return sum(line.length_m for line in lines.values()) if lines else None


def owed_m(assets: Sequence[Asset]) -> float | None:
    """Metres of all their lines together; None where none is a line."""
    found = [metres for asset in assets if (metres := length_m(asset)) is not None]
    return sum(found) if found else None


def point_of(asset: Asset) -> tuple[float, float] | None:
    """Where a person has to stand (WGS-84); None of a line, and of what has no place."""
    if asset.geometry and Shape.stored(asset.geometry).type != "Point":
        return None
    place = Place.of(asset)
    return (place.lon, place.lat) if place else None
