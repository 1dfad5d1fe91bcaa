"""Reads for the map: what stands in a box, by itself or counted by cell; the ground that lies under somebody's map."""

import uuid
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.map.layers import FEATURES_MAX, LISTED_MAX, Viewport
from hazard_flow.assets.map.models import MapGround
from hazard_flow.assets.models import Asset
from hazard_flow.assets.queries import within
from hazard_flow.storage.unit import scope_of_session

#: lines of one answer, the longest; their points are bounded as well (`packing.VERTICES_MAX`)
LINES_MAX = 2_000
#: pixels a line must be long to be seen from where everything is drawn, and from farther out
SEEN_PX, SEEN_FROM_AFAR_PX, ZOOM_ALL_LINES = 2, 6, 15


def cell(column: Any, size: float) -> Any:
    """The number of the counting cell a coordinate falls in: the same for every view of a zoom, so that counts do not jump."""
    return sa.cast((column + 180.0) / sa.literal(size, sa.Float()), sa.Integer)


def points(session: Session, viewport: Viewport) -> Sequence[Any]:
    """(west, south, kind) of what stands in view by itself."""
    return session.execute(
        sa.select(Asset.west, Asset.south, Asset.kind)
        .where(*_in_view(session, viewport))
        .limit(FEATURES_MAX + 1)
    ).all()


def counted(session: Session, viewport: Viewport) -> Sequence[Any]:
    """(longitude, latitude, count, least kind, greatest kind) by cell: the middle of what a cell holds."""
    # half a cell off the grid of other layers, so that one count does not hide the other
    across = cell(Asset.west + viewport.cell_lon / 2, viewport.cell_lon)
    up = cell(Asset.south + viewport.cell_lat / 2, viewport.cell_lat)
    return session.execute(
        sa.select(
            sa.func.avg(Asset.west),
            sa.func.avg(Asset.south),
            sa.func.count(),
            sa.func.min(Asset.kind),
        )
        .where(*_in_view(session, viewport))
        .group_by(across, up)
        .limit(FEATURES_MAX + 1)
    ).all()


def lines(session: Session, viewport: Viewport, tiers: Collection[str] = ()) -> Sequence[Any]:
    """(geometry, crs, pressure tier) of pipes in view, the longest first; what is too short to be seen is left out.

    `tiers`: only pipes of these; without any, all that is not a point.
    """
    tier = Asset.details["pressure_tier"].as_string()
    least = viewport.pixel_lon * (SEEN_PX if viewport.zoom >= ZOOM_ALL_LINES else SEEN_FROM_AFAR_PX)
    width, height = Asset.east - Asset.west, Asset.north - Asset.south
    return session.execute(
        sa.select(Asset.geometry, Asset.crs, tier)
        .where(
            Asset.geometry.is_not(None),
            Asset.ended_at.is_(None),
            *overlapping(viewport),
            within(scope_of_session(session)),
            sa.or_(width >= least, height >= least),
            *([tier.in_(tiers)] if tiers else []),
        )
        .order_by((width + height).desc())
        .limit(LINES_MAX + 1)
    ).all()


def listed(session: Session, viewport: Viewport, *, is_line: bool) -> Sequence[Asset]:
    """The first few assets in view; from afar none, because a list of twenty out of a whole city tells nothing."""
    if viewport.zoom < ZOOM_ALL_LINES:
        return []
    where = (
        (Asset.geometry.is_not(None), Asset.ended_at.is_(None), *overlapping(viewport), within(scope_of_session(session)))
        if is_line
        else _in_view(session, viewport)
    )  # fmt: skip
    # the rarer kinds first: stations and regulators before the homes around them
    rarity = sa.case(
        {"station": 0, "regulator": 1, "construction_site": 2, "valve_well": 3, "detector": 4}, value=Asset.kind, else_=5
    )  # fmt: skip
    return list(
        session.scalars(sa.select(Asset).where(*where).order_by(rarity, Asset.code).limit(LISTED_MAX))
    )


def overlapping(viewport: Viewport) -> tuple[sa.ColumnElement[bool], ...]:
    """Assets whose box touches the view."""
    return (
        Asset.west <= viewport.east,
        Asset.east >= viewport.west,
        Asset.south <= viewport.north,
        Asset.north >= viewport.south,
    )


def extent(session: Session) -> tuple[float, float, float, float] | None:
    """West, south, east, north of all assets in scope; None where none has a place."""
    found = session.execute(
        sa.select(
            sa.func.min(Asset.west), sa.func.min(Asset.south), sa.func.max(Asset.east), sa.func.max(Asset.north)
        ).where(within(scope_of_session(session)), Asset.west.is_not(None), Asset.ended_at.is_(None))
    ).one()  # fmt: skip
    west, south, east, north = found
    if west is None or south is None or east is None or north is None:
        return None
    return west, south, east, north


def ground(session: Session, *, homes: Sequence[uuid.UUID], divisions: Sequence[str]) -> MapGround | None:
    """The ground of one's own whole organisation, else of the nearest regulator above one of these divisions."""
    rows = session.scalars(
        sa.select(MapGround).where(sa.or_(MapGround.home_id.in_(homes), MapGround.is_regulator.is_(True)))
    ).all()
    own = [row for row in rows if row.home_id in homes]
    above = [row for row in rows if any(one.startswith(row.division.rstrip("0")) for one in divisions)]
    above.sort(key=lambda row: len(row.division.rstrip("0")), reverse=True)
    return next(iter((*own, *above)), None)


def _in_view(session: Session, viewport: Viewport) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Asset.west.between(viewport.west, viewport.east),
        Asset.south.between(viewport.south, viewport.north),
        Asset.geometry.is_(None),
        Asset.ended_at.is_(None),
        within(scope_of_session(session)),
    )
