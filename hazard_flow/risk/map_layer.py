"""Risk points on the map: each in the colour it has now, many of one place as the worst of them."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.map.layers import (
    FEATURES_MAX,
    LISTED_MAX,
    Cluster,
    Feature,
    Layer,
    Listed,
    Point,
    Style,
    Viewport,
)
from hazard_flow.assets.models import Asset
from hazard_flow.i18n import text
from hazard_flow.risk.colours import COLOURS, number
from hazard_flow.risk.models import RiskPoint
from hazard_flow.risk.queries import within as in_scope

_SHAPES = ("octagon", "triangle", "diamond", "dot")


def risk_layer() -> Layer:
    """The layer, for whoever registers it."""
    return Layer(
        key="risk",
        label="risk.map.layer",
        right="risk.read",
        order=40,
        draws=draws,
        styles=tuple(
            Style(colour, f"risk.tier.{tier}", colour=f"r{tier}", shape=_SHAPES[tier - 1], size_px=14 - tier)
            for tier, colour in enumerate(COLOURS, 1)
        ),
        lists=lists,
        is_on=False,
        ring="risk.map.ring",
    )


def draws(session: Session, viewport: Viewport, now: datetime) -> Iterable[Feature]:
    """The points in a view; far out, so many of a cell in the colour of the worst."""
    return _single(session, viewport) if viewport.is_single else _counted(session, viewport)


def lists(session: Session, viewport: Viewport, locale: str, now: datetime) -> list[Listed]:
    """The worst points of a view by name."""
    lon, lat = _place()
    rows = session.execute(
        _within(session, sa.select(RiskPoint, lon, lat), viewport)
        .order_by(_rank(), RiskPoint.code)
        .limit(LISTED_MAX)
    )
    return [
        Listed(
            title=f"{point.code} {point.label.in_(locale)}",
            href=f"/risk/{point.id}",
            note=text(f"risk.tier.{number(point.dynamic)}", locale),
            style=point.dynamic,
            ring=point.dynamic != point.residual,
            facts=[
                (text(f"risk.side.{side}", locale), text(f"risk.tier.{number(colour)}", locale))
                for side, colour in (
                    ("inherent", point.inherent),
                    ("residual", point.residual),
                    ("dynamic", point.dynamic),
                )
            ],
        )
        for point, _, _ in rows
    ]


def _single(session: Session, viewport: Viewport) -> Iterator[Feature]:
    lon, lat = _place()
    rows = session.execute(
        _within(session, sa.select(lon, lat, RiskPoint.dynamic, RiskPoint.residual), viewport)
        .order_by(_rank().desc(), RiskPoint.id)
        .limit(FEATURES_MAX)
    )
    for x, y, colour, residual in rows:
        yield Point(x, y, colour, ring=colour != residual)


def _counted(session: Session, viewport: Viewport) -> Iterator[Feature]:
    lon, lat = _place()
    column = sa.cast(sa.func.floor((lon - viewport.west) / viewport.cell_lon), sa.Integer)
    row = sa.cast(sa.func.floor((lat - viewport.south) / viewport.cell_lat), sa.Integer)
    raised = sa.func.max(sa.case((RiskPoint.dynamic != RiskPoint.residual, 1), else_=0))
    rows = session.execute(
        _within(
            session,
            sa.select(sa.func.avg(lon), sa.func.avg(lat), sa.func.count(), sa.func.min(_rank()), raised),
            viewport,
        )
        .group_by(column, row)
        .limit(FEATURES_MAX)
    )
    for x, y, count, worst, is_raised in rows:
        style, ring = COLOURS[int(worst)], bool(is_raised)
        yield Point(x, y, style, ring) if count == 1 else Cluster(x, y, count, style, ring)


def _place() -> tuple[Any, Any]:
    """Where a point lies: by its own place, else its asset's. Frames other than GPS's are left out, never bent."""
    return sa.func.coalesce(RiskPoint.lon, Asset.lon), sa.func.coalesce(RiskPoint.lat, Asset.lat)


def _within(session: Session, statement: Any, viewport: Viewport) -> Any:
    lon, lat = _place()
    return (
        statement.select_from(RiskPoint)
        .outerjoin(Asset, Asset.id == RiskPoint.asset_id)
        .where(
            in_scope(session),
            RiskPoint.ended_at.is_(None),
            sa.or_(RiskPoint.lon.is_not(None), Asset.crs.in_(("WGS84", "WGS-84", "CGCS2000"))),
            lon.between(viewport.west, viewport.east),
            lat.between(viewport.south, viewport.north),
        )
    )


def _rank() -> Any:
    """0 for the worst colour."""
    return sa.case({colour: place for place, colour in enumerate(COLOURS)}, value=RiskPoint.dynamic)
