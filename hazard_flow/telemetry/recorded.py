"""Stored samples around an instant, as the rules read them."""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.telemetry.marks import Track
from hazard_flow.telemetry.models import Device, StoredSignal

#: remark on a sample that came too late to be evaluated
STALE = "stale"
#: remark on one that was folded into its place afterwards
LATE = "late"


def evaluated() -> sa.ColumnElement[bool]:
    """Whether a stored signal is a sample the rules look at."""
    words = sa.literal(" ") + StoredSignal.quality + " "
    return sa.and_(StoredSignal.value.is_not(None), ~words.contains(f" {STALE} "))


def tracks(
    session: Session, device_ids: Collection[uuid.UUID], quantities: Collection[str], *, since: datetime
) -> Mapping[tuple[uuid.UUID, str], Track]:
    """The samples of devices from an instant on, by device and quantity, in the order of instant and value."""
    rows = session.execute(
        sa.select(StoredSignal.device_id, StoredSignal.quantity, StoredSignal.observed_at, StoredSignal.value)
        .where(
            StoredSignal.device_id.in_(device_ids),
            StoredSignal.quantity.in_(quantities),
            StoredSignal.observed_at >= since,
            evaluated(),
        )
        .order_by(StoredSignal.observed_at, StoredSignal.value)
    )
    found: dict[tuple[uuid.UUID, str], tuple[list[float], list[float]]] = {}
    for device_id, quantity, at, value in rows:
        assert device_id is not None
        assert value is not None
        times, values = found.setdefault((device_id, quantity), ([], []))
        times.append(at.timestamp())
        values.append(value)
    return {key: Track(*pair) for key, pair in found.items()}


def devices_at(session: Session, site_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, list[uuid.UUID]]:
    """The devices of some sites."""
    found: dict[uuid.UUID, list[uuid.UUID]] = {}
    for device_id, site_id in session.execute(
        sa.select(Device.id, Device.site_id).where(Device.site_id.in_(site_ids))
    ):
        found.setdefault(site_id, []).append(device_id)
    return found
