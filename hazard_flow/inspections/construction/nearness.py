"""How far a site is from the nearest pipe, and how far that pipe's protection zone reaches there."""

import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.geometry import metres_apart
from hazard_flow.assets.models import Asset
from hazard_flow.assets.queries import within
from hazard_flow.assets.shapes import Shape
from hazard_flow.catalogue.policy import Policy
from hazard_flow.storage.unit import scope_of_session

LonLat = tuple[float, float]
#: pipes farther away are nobody's concern; control zones reach 50 m at most (GB 55009-2021 5.1.7, high pressure [M])
REACH_M = 500
#: pipes looked at one by one, the boxes nearest first
PIPES_MAX = 2_000
_DEGREE_M = 111_195


@dataclass(frozen=True)
class Nearest:
    """The nearest pipe of the enterprise."""

    pipe_id: uuid.UUID
    tier: str
    distance_m: float
    #: each side of the pipe, local policy; None where no policy speaks of the tier
    zone_m: float | None


def nearest_pipe(session: Session, site: Asset, policy: Policy) -> Nearest | None:
    """The nearest pipe within reach; None where there is none, or the site has no place."""
    ground = outline(site)
    if not ground or site.west is None or site.south is None or site.east is None or site.north is None:
        return None
    north_m = REACH_M / _DEGREE_M
    east_m = north_m / max(0.01, math.cos(math.radians(site.south)))
    pipes = session.scalars(
        sa.select(Asset)
        .where(
            within(scope_of_session(session)),
            Asset.home_id == site.home_id,
            Asset.kind == "pipe_segment",
            Asset.ended_at.is_(None),
            Asset.geometry.is_not(None),
            Asset.west <= site.east + east_m,
            Asset.east >= site.west - east_m,
            Asset.south <= site.north + north_m,
            Asset.north >= site.south - north_m,
        )
        .limit(PIPES_MAX)
    )
    found: Nearest | None = None
    for pipe in pipes:
        for part in parts(pipe):
            metres = metres_apart(ground, part)
            if metres <= REACH_M and (found is None or metres < found.distance_m):
                tier = str(pipe.details.get("pressure_tier") or "")
                found = Nearest(pipe.id, tier, metres, zone_of(policy, tier))
    return found


def zone_of(policy: Policy, tier: str) -> float | None:
    """The protection zone of a pressure tier where this policy holds, in metres each side."""
    part = next((one for one in ("sub_high", "medium", "low", "high") if tier.startswith(one)), None)
    value = policy.value("protection_zone_m", part) if part else None
    return float(value) if value is not None else None


def outline(asset: Asset) -> Sequence[LonLat]:
    """The ground of a site in WGS-84: its ring, its line, or its point; empty where it has no place."""
    if asset.geometry is None:
        return [(asset.west, asset.south)] if asset.west is not None and asset.south is not None else []
    shape = Shape.stored(asset.geometry).in_wgs84(asset.crs)
    if shape.type == "Polygon":
        return [(lon, lat) for lon, lat in shape.coordinates[0]]
    if shape.type == "MultiPolygon":
        return [(lon, lat) for lon, lat in shape.coordinates[0][0]]
    return list(shape.points())


def parts(asset: Asset) -> list[Sequence[LonLat]]:
    """The lines of a pipe in WGS-84."""
    assert asset.geometry is not None
    shape = Shape.stored(asset.geometry).in_wgs84(asset.crs)
    if shape.type == "MultiLineString":
        return [[(lon, lat) for lon, lat in part] for part in shape.coordinates]
    return [list(shape.points())]
