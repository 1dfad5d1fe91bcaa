"""The map's own layers: the ground, pipes by pressure tier, assets by kind."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hazard_flow.assets.frames import GPS_FRAMES, to_wgs84
from hazard_flow.assets.geometry import Line
from hazard_flow.assets.map import ground, queries
from hazard_flow.assets.map.layers import (
    FEATURES_MAX,
    Area,
    Cluster,
    Feature,
    Layer,
    Listed,
    LonLat,
    Point,
    Viewport,
    Way,
)
from hazard_flow.assets.map.tiers import KINDS, TIERS, kind_look, tier_look, tiers_at
from hazard_flow.assets.models import Asset
from hazard_flow.i18n import text

RIGHT = "assets.read"
#: key of the layer the page lays the ground into
GROUND = "districts"


def draw_pipes(session: Session, viewport: Viewport, _now: datetime) -> Iterator[Feature]:
    """Pipes and other assets that are lines or patches; from afar only the weighty tiers."""
    for geometry, crs, tier in queries.lines(session, viewport, tiers_at(viewport.zoom)):
        yield from shapes(json.loads(geometry), crs, tier_look(tier))


def draw_assets(session: Session, viewport: Viewport, _now: datetime) -> Iterable[Feature]:
    """Assets by themselves from near; counted by cell from afar, and where too many stand close together."""
    if viewport.is_single:
        found = queries.points(session, viewport)
        if len(found) <= FEATURES_MAX:
            return [Point(lon, lat, kind_look(kind)) for lon, lat, kind in found]
    return [
        Point(lon, lat, kind_look(kind)) if count == 1 else Cluster(lon, lat, count, "many")
        for lon, lat, count, kind in queries.counted(session, viewport)
    ]


def list_assets(session: Session, viewport: Viewport, locale: str, _now: datetime) -> Sequence[Listed]:
    """Assets in view, the rarer kinds first."""
    return [
        _listed(asset, kind_look(asset.kind), locale)
        for asset in queries.listed(session, viewport, is_line=False)
    ]


def list_pipes(session: Session, viewport: Viewport, locale: str, _now: datetime) -> Sequence[Listed]:
    """Pipes that run through the view; of a box as small as a finger only those that touch it."""
    return [
        _listed(asset, tier_look(asset.details.get("pressure_tier")), locale)
        for asset in queries.listed(session, viewport, is_line=True)
        if touches(asset, viewport)
    ]


def shapes(geometry: dict[str, Any], crs: str, style: str) -> Iterator[Way | Area]:
    """A GeoJSON geometry as it is drawn, in WGS-84."""
    kind, places = geometry["type"], geometry["coordinates"]
    if kind in ("LineString", "MultiPoint"):
        yield Way(_laid(places, crs), style)
    elif kind == "MultiLineString":
        for part in places:
            yield Way(_laid(part, crs), style)
    elif kind == "Polygon":
        yield Way(_laid(places[0], crs), style)
    elif kind == "MultiPolygon":
        for part in places:
            yield Way(_laid(part[0], crs), style)


def touches(asset: Asset, viewport: Viewport) -> bool:
    """Whether a line comes within the view: its box alone would claim a whole district for a slanting pipe."""
    middle = ((viewport.west + viewport.east) / 2, (viewport.south + viewport.north) / 2)
    reach_m = Line(((viewport.west, viewport.south), (viewport.east, viewport.north))).length_m / 2
    ways = shapes(json.loads(asset.geometry or "{}"), asset.crs, "") if asset.geometry else ()
    return any(
        Line(tuple(way.points)).metres_from(middle) <= reach_m
        for way in ways
        if isinstance(way, Way) and len(way.points) > 1
    )


def _laid(places: Sequence[Sequence[float]], crs: str) -> list[LonLat]:
    if crs in GPS_FRAMES:
        return [(place[0], place[1]) for place in places]
    return [to_wgs84(place[0], place[1], crs) for place in places]


def _listed(asset: Asset, style: str, locale: str) -> Listed:
    known = {one.key: one.label for one in (*KINDS, *TIERS)}
    facts = [(text("map.fact.code", locale), asset.code)]
    if asset.address:
        facts.append((text("map.fact.address", locale), asset.address))
    return Listed(
        title=asset.label.in_(locale),
        href=f"/assets/{asset.id}",
        note=text(known[style], locale),
        style=style,
        facts=tuple(facts),
    )


def own_layers() -> tuple[Layer, ...]:
    """Pipes and assets; the ground stands in the page's own hands, because it depends on who looks."""
    return (
        Layer(
            "pipes", "map.layer.pipes", RIGHT, 20, draw_pipes, TIERS, list_pipes, is_still=True, is_lines=True
        ),
        Layer("assets", "map.layer.assets", RIGHT, 30, draw_assets, KINDS, list_assets, is_still=True),
    )


def ground_layer(laid: "ground.Ground | None") -> Layer:
    """Districts, water and streets, as far as there is a ground."""

    def draw(_session: Session, viewport: Viewport, _now: datetime) -> Iterable[Feature]:
        return laid.within(viewport) if laid is not None else ()

    return Layer(GROUND, "map.layer.districts", RIGHT, 10, draw, ground.STYLES, is_still=True)
