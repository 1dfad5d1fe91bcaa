"""The hook of intake: what devices said last, and how the alerts stand with them, written set-based in the transaction of the fold."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from hazard_flow.schedule.bulk import among, insert_rows
from hazard_flow.storage.engine import is_sqlite
from hazard_flow.telemetry.devices.models import DeviceState, DeviceValue, LiveMarker
from hazard_flow.telemetry.models import Alert
from hazard_flow.telemetry.placed import Placed
from hazard_flow.telemetry.signals import Status

TOPIC = "devices"


def remember(session: Session, fresh: Sequence[Placed]) -> None:
    """Bring the devices of these newly stored signals up to date; call it once a transaction, as late as can be.

    Late and repeated samples never replace a newer one: whatever the order and the batches, the newest observed value stands.
    """
    devices = {p.place.device.id for p in fresh if p.place.device is not None}
    if not devices:
        return
    session.flush()
    _keep_values(session, fresh)
    renew(session, devices)


def renew(session: Session, device_ids: Collection[uuid.UUID]) -> None:
    """Read anew how the alerts of these devices stand, and tell the live pages; for whoever changes alerts outside of intake."""
    wanted = sorted(device_ids)
    if not wanted:
        return
    session.flush()
    standing = {
        row.device_id: row for row in session.execute(_standing(among(session, Alert.device_id, wanted)))
    }
    revision = _next_revision(session)
    rows = [_state(device_id, standing.get(device_id), revision) for device_id in wanted]
    changing = tuple(name for name in rows[0] if name != "device_id")
    insert_rows(session, DeviceState.__table__, rows, key=("device_id",), update=changing)


def settle(session: Session) -> int:
    """Renew the devices whose state differs from what the alerts say; how many there were. Nobody has to remember to call `renew`."""
    said = _standing(sa.true()).subquery()
    level = sa.func.coalesce(said.c.alarm_level, 0)
    faulty, blind = sa.func.coalesce(said.c.faulty, 0), sa.func.coalesce(said.c.blind, 0)
    other = sa.or_(
        DeviceState.alarm_level != level,
        DeviceState.is_faulty != (faulty == 1),
        DeviceState.is_blind != (blind == 1),
    )
    marked = sa.or_(DeviceState.alarm_level > 0, DeviceState.is_faulty, said.c.device_id.is_not(None))
    stale = (
        sa.select(DeviceState.device_id)
        .outerjoin(said, said.c.device_id == DeviceState.device_id)
        .where(marked, other)
    )
    unknown = (
        sa.select(said.c.device_id)
        .outerjoin(DeviceState, DeviceState.device_id == said.c.device_id)
        .where(DeviceState.device_id.is_(None))
    )
    found = {*session.scalars(stale), *session.scalars(unknown)}
    renew(session, found)
    return len(found)


def marker(session: Session) -> int:
    """The present revision; 0 before anything was ever said."""
    return session.scalar(sa.select(LiveMarker.revision).where(LiveMarker.topic == TOPIC)) or 0


def _keep_values(session: Session, fresh: Sequence[Placed]) -> None:
    newest: dict[tuple[uuid.UUID, str], dict[str, Any]] = {}
    for p in fresh:
        if p.place.device is None or p.value is None or p.signal.status is not Status.SAMPLE:
            continue
        key = (p.place.device.id, p.signal.quantity)
        row = {
            "device_id": key[0],
            "quantity": key[1],
            "value": p.value,
            "quality": p.quality,
            "observed_at": p.signal.observed_at,
            "received_at": p.signal.received_at,
        }
        before = newest.get(key)
        if before is None or _order(row) >= _order(before):
            newest[key] = row
    if not newest:
        return
    # in the order of the key: two transactions that write the same rows must not wait for each other crosswise
    rows = [newest[key] for key in sorted(newest)]
    session.execute(_newer_only(light=is_sqlite(session.connection())), rows)


def _order(row: dict[str, Any]) -> tuple[datetime, float]:
    return row["observed_at"], row["value"]


def _newer_only(*, light: bool) -> Any:
    insert = (sqlite if light else postgresql).insert(DeviceValue)
    given = insert.excluded
    is_newer = sa.or_(
        DeviceValue.observed_at < given.observed_at,
        sa.and_(DeviceValue.observed_at == given.observed_at, DeviceValue.value <= given.value),
    )
    taken = {name: given[name] for name in ("value", "quality", "observed_at", "received_at")}
    return insert.on_conflict_do_update(index_elements=["device_id", "quantity"], set_=taken, where=is_newer)


def _standing(where: sa.ColumnElement[bool]) -> sa.Select[uuid.UUID | None, Any, Any, Any, Any]:
    """By device: the worst level of its firing alerts that speak of gas and since when, and whether one speaks of the device itself."""
    of_device = (
        Alert.alert_class == "sensor_fault"
    )  # a full scale may be a broken head, and counts as gas until somebody has looked
    return (
        sa.select(
            Alert.device_id,
            sa.func.max(sa.case((of_device, 0), else_=Alert.level)).label("alarm_level"),
            sa.func.min(sa.case((~of_device, Alert.started_at))).label("alarm_since"),
            sa.func.max(sa.case((of_device, 1), else_=0)).label("faulty"),
            sa.func.max(sa.case((Alert.blind, 1), else_=0)).label("blind"),
        )
        .where(Alert.condition == "firing", Alert.device_id.is_not(None), where)
        .group_by(Alert.device_id)
    )


def _state(device_id: uuid.UUID, said: Any, revision: int) -> dict[str, Any]:
    return {
        "device_id": device_id,
        "alarm_level": said.alarm_level if said else 0,
        "alarm_since": said.alarm_since if said else None,
        "is_faulty": bool(said.faulty) if said else False,
        "is_blind": bool(said.blind) if said else False,
        "revision": revision,
    }


def _next_revision(session: Session) -> int:
    """One more than the last; the row stays locked to the commit, so that a smaller number never shows after a larger one."""
    onwards = (
        sa.update(LiveMarker)
        .where(LiveMarker.topic == TOPIC)
        .values(revision=LiveMarker.revision + 1)
        .returning(LiveMarker.revision)
        .execution_options(synchronize_session=False)
    )
    found = session.scalar(onwards)
    if found is None:
        insert_rows(session, LiveMarker.__table__, [{"topic": TOPIC, "revision": 0}])
        found = session.scalar(onwards)
    assert found is not None
    return found
