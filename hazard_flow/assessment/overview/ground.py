"""The districts of the ground as a small picture: each shaded by what is open there. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hazard_flow.assets.map.ground import Ground
from hazard_flow.assets.map.layers import Area, LonLat, Way
from hazard_flow.i18n import Label

Placing = Callable[[LonLat], tuple[float, float]]
WIDTH, HEIGHT = 460, 300
#: shades from few to many
SHADES = 4


@dataclass(frozen=True)
class Patch:
    """One district, or a stretch of water."""

    path: str
    style: str
    label: Label | None
    x: float
    y: float
    #: 0 for none open
    shade: int
    count: int


def patches(ground: Ground, open_by_name: Mapping[str, int]) -> list[Patch]:
    """Districts and water in the order they are drawn; a district is known by its name, with or without its last character."""
    box = ground.box
    if box is None:
        return []
    west, south, east, north = box
    # a degree of longitude is shorter the farther north: 0.85 at these latitudes keeps the shape people know
    scale = min(WIDTH / ((east - west) * 0.85), HEIGHT / (north - south))
    left = (WIDTH - (east - west) * 0.85 * scale) / 2

    def at(place: LonLat) -> tuple[float, float]:
        return round(left + (place[0] - west) * 0.85 * scale, 1), round((north - place[1]) * scale, 1)

    most = max(open_by_name.values(), default=0)
    found = []
    for feature, _ in ground.features:
        if isinstance(feature, Area) and feature.style in ("ground-district", "district"):
            count = _known(feature.name, open_by_name)
            shade = -(-count * SHADES // most) if most and count else 0
            found.append(_patch(feature.rings, "district", feature.name, shade, count, at))
        elif isinstance(feature, Way) and feature.style in ("ground-water", "water"):
            found.append(_line(feature.points, at))
    return found


def _known(name: Label | None, open_by_name: Mapping[str, int]) -> int:
    if name is None:
        return 0
    return sum(count for said, count in open_by_name.items() if said[:2] and name.zh[:2] == said[:2])


def _patch(
    rings: Sequence[Sequence[LonLat]], style: str, label: Label | None, shade: int, count: int, at: Placing
) -> Patch:
    edges = [[at(place) for place in ring] for ring in rings]
    path = "".join("M" + "L".join(f"{x} {y}" for x, y in edge) + "Z" for edge in edges)
    xs, ys = [x for x, _ in edges[0]], [y for _, y in edges[0]]
    return Patch(path, style, label, round(sum(xs) / len(xs), 1), round(sum(ys) / len(ys), 1), shade, count)


def _line(points: Sequence[LonLat], at: Placing) -> Patch:
    path = "M" + "L".join(f"{x} {y}" for x, y in map(at, points))
    return Patch(path, "water", None, 0, 0, 0, 0)
