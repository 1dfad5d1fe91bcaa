"""Live alarms on the map: sites whose detectors are in alarm or at fault, as they stand now."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.map.layers import (
    FEATURES_MAX,
    LISTED_MAX,
    Feature,
    Layer,
    Listed,
    Point,
    Style,
    Viewport,
)
from hazard_flow.assets.map.queries import overlapping
from hazard_flow.assets.models import Asset
from hazard_flow.assets.queries import within
from hazard_flow.i18n import text
from hazard_flow.storage.unit import scope_of_session
from hazard_flow.telemetry.devices import values
from hazard_flow.telemetry.devices.models import DeviceState
from hazard_flow.telemetry.models import Device

#: level 2 is the worse (domain 3.9)
STYLES = (
    Style("level2", "telemetry.map.level2", "r1", "diamond", 20, edge="ink"),
    Style("level1", "telemetry.map.level1", "r2", "diamond", 18, edge="ink"),
    Style("fault", "telemetry.map.fault", "ink-2", "square", 12),
)


def draw(session: Session, viewport: Viewport, _now: datetime) -> Iterator[Feature]:
    """Sites in view that are in alarm, ringed, and those with a faulty device."""
    for _, lon, lat, level in _sites(session, viewport, FEATURES_MAX + 1):
        yield Point(lon, lat, _style(level), ring=level > 0)


def listed(session: Session, viewport: Viewport, locale: str, _now: datetime) -> Sequence[Listed]:
    """Those sites, the worst first."""
    rows = _sites(session, viewport, LISTED_MAX)
    known = {
        asset.id: asset
        for asset in session.scalars(sa.select(Asset).where(Asset.id.in_([row[0] for row in rows])))
    }
    return [
        Listed(
            title=known[id_].label.in_(locale),
            href=f"/devices?q={known[id_].code}",
            note=text(f"telemetry.map.{_style(level)}", locale),
            style=_style(level),
            ring=level > 0,
            facts=((text("telemetry.map.site", locale), known[id_].code),),
        )
        for id_, _, _, level in rows
    ]


def layer() -> Layer:
    """The layer for the map's register."""
    return Layer(
        "alarms",
        "telemetry.map.layer",
        "assets.read",
        80,
        draw,
        STYLES,
        listed,
        ring="telemetry.map.ring",
        follows=values.TOPIC,
    )


def _sites(session: Session, viewport: Viewport, limit: int) -> Sequence[Any]:
    """(site, longitude, latitude, worst level) of sites with an alarm or a fault, the worst first."""
    level = sa.func.max(sa.func.coalesce(DeviceState.alarm_level, 0))
    return session.execute(
        sa.select(Asset.id, Asset.west, Asset.south, level)
        .select_from(DeviceState)
        .join(Device, Device.id == DeviceState.device_id)
        .join(Asset, Asset.id == Device.site_id)
        .where(
            sa.or_(DeviceState.alarm_level > 0, DeviceState.is_faulty.is_(True)),
            *overlapping(viewport),
            within(scope_of_session(session)),
        )
        .group_by(Asset.id, Asset.west, Asset.south)
        .order_by(level.desc(), Asset.id)
        .limit(limit)
    ).all()


def _style(level: int) -> str:
    return f"level{min(level, 2)}" if level > 0 else "fault"
