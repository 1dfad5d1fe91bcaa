"""Reads: devices with their state and last values, worst first; how many are in each state; what changed since a revision."""

import base64
import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.assets.queries import within
from hazard_flow.errors import BadRequest, FieldError
from hazard_flow.schedule.bulk import among
from hazard_flow.storage.paging import Page
from hazard_flow.storage.unit import scope_of_session
from hazard_flow.telemetry.devices.kinds import kind_of
from hazard_flow.telemetry.devices.models import DeviceRecord, DeviceState, DeviceValue
from hazard_flow.telemetry.devices.states import DUE_SOON, PLACES, STATES, Moment, rank
from hazard_flow.telemetry.models import Device

#: devices named in one message to a live page; more of them are only said to be many
CHANGES_MAX = 200


@dataclass(frozen=True)
class Found:
    """One device with everything a list shows of it."""

    device: Device
    site: Asset
    state: str
    record: DeviceRecord | None
    alarm_level: int
    alarm_since: Any
    is_blind: bool
    #: the quantity its kind names first standing first
    values: Sequence[DeviceValue] = ()


@dataclass(frozen=True)
class Wanted:
    """Which devices are asked for; empty means all."""

    q: str = ""
    state: str = ""
    kind: str = ""
    quantity: str = ""
    site_id: uuid.UUID | None = None
    #: calibration ends soon or has ended
    is_due: bool = False


def page(session: Session, wanted: Wanted, at: Moment, *, cursor: str | None, limit: int) -> Page[Found]:
    """Devices within scope, the worst first, then by code."""
    place = rank(at)
    statement = _devices(session, at).where(*_conditions(wanted, at)).order_by(place, Device.code, Device.id)
    if cursor:
        statement = statement.where(_after(place, cursor))
    rows = session.execute(statement.limit(limit + 1)).all()
    shown = rows[:limit]
    following = None
    if len(rows) > limit:
        last = shown[-1]
        following = _encode(last.place, last.Device.code, last.Device.id)
    return Page(_found(session, shown), following)


def one(session: Session, id_: uuid.UUID, at: Moment) -> Found | None:
    """One device, if the scope reaches it."""
    found = _found(session, session.execute(_devices(session, at).where(Device.id == id_)).all())
    return found[0] if found else None


def by_code(session: Session, code: str, at: Moment) -> Found | None:
    """One device by its code, if the scope reaches it; of several organisations' the one entered first."""
    rows = session.execute(
        _devices(session, at).where(Device.code == code).order_by(Device.created_at).limit(1)
    ).all()
    found = _found(session, rows)
    return found[0] if found else None


def counts(session: Session, at: Moment, wanted: Wanted | None = None) -> Mapping[str, int]:
    """How many devices within scope stand in each state."""
    place = rank(at).label("place")
    counted = session.execute(
        _joined(session, sa.select(place, sa.func.count()))
        .where(*_conditions(wanted or Wanted(), at))
        .group_by(sa.literal_column("place"))
    ).all()
    by_place = {row[0]: row[1] for row in counted}
    return {
        state: sum(by_place.get(number, 0) for number, said in enumerate(PLACES) if said == state)
        for state in STATES
    }


def in_alarm(session: Session) -> int:
    """How many devices within scope are in alarm; cheap enough for every page."""
    wanted = (
        sa.select(sa.func.count())
        .select_from(DeviceState)
        .join(Device, Device.id == DeviceState.device_id)
        .join(Asset, Asset.id == Device.site_id)
        .where(DeviceState.alarm_level > 0, within(scope_of_session(session)))
    )
    return session.scalar(wanted) or 0


def due_soon(session: Session, at: Moment) -> int:
    """How many devices' calibration ends soon or has ended."""
    counted = _joined(session, sa.select(sa.func.count())).where(*_conditions(Wanted(is_due=True), at))
    return session.scalar(counted) or 0


def values_of(session: Session, device_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, list[DeviceValue]]:
    """The last value of each quantity of these devices."""
    found: dict[uuid.UUID, list[DeviceValue]] = {}
    if device_ids:
        rows = session.scalars(
            sa.select(DeviceValue)
            .where(among(session, DeviceValue.device_id, device_ids))
            .order_by(DeviceValue.device_id, DeviceValue.quantity)
        )
        for row in rows:
            found.setdefault(row.device_id, []).append(row)
    return found


def changed_since(session: Session, revision: int) -> list[uuid.UUID] | None:
    """The devices within scope written after a revision; None where they are too many to name."""
    wanted = (
        sa.select(DeviceState.device_id)
        .join(Device, Device.id == DeviceState.device_id)
        .join(Asset, Asset.id == Device.site_id)
        .where(DeviceState.revision > revision, within(scope_of_session(session)))
        .limit(CHANGES_MAX + 1)
    )
    found = list(session.scalars(wanted))
    return found if len(found) <= CHANGES_MAX else None


def places(session: Session, at: Moment, *, limit: int) -> Sequence[Any]:
    """By site and state: how many devices, and the worst alarm level; the worst first."""
    place = rank(at).label("place")
    counted = _joined(
        session,
        sa.select(
            Asset,
            place,
            sa.func.count().label("devices"),
            sa.func.max(sa.func.coalesce(DeviceState.alarm_level, 0)).label("alarm_level"),
        ),
    )
    return session.execute(
        counted.group_by(Asset.id, sa.literal_column("place"))
        .order_by(sa.literal_column("place"), Asset.code)
        .limit(limit)
    ).all()


def _devices(session: Session, at: Moment) -> sa.Select[Any]:
    return _joined(session, sa.select(Device, Asset, DeviceRecord, DeviceState, rank(at).label("place")))


def _joined(session: Session, statement: sa.Select[Any]) -> sa.Select[Any]:
    """With everything the state is judged by, and never beyond the session's scope."""
    return (
        statement.select_from(Device)
        .join(Asset, Asset.id == Device.site_id)
        .outerjoin(DeviceRecord, DeviceRecord.device_id == Device.id)
        .outerjoin(DeviceState, DeviceState.device_id == Device.id)
        .where(within(scope_of_session(session)))
    )


def _conditions(wanted: Wanted, at: Moment) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.q:
        words = [
            column.contains(wanted.q, autoescape=True)
            for column in (Device.code, Asset.code, Asset.name_zh, Asset.name_en, Asset.address)
        ]
        found.append(sa.or_(*words))
    if wanted.state:
        found.append(rank(at).in_([number for number, state in enumerate(PLACES) if state == wanted.state]))
    if wanted.kind:
        found.append(Device.kind == wanted.kind)
    if wanted.quantity:
        says = sa.select(DeviceValue.device_id).where(DeviceValue.quantity == wanted.quantity)
        found.append(Device.id.in_(says))
    if wanted.site_id is not None:
        found.append(Device.site_id == wanted.site_id)
    if wanted.is_due:
        found.append(DeviceRecord.calibration_due_on <= at.today + DUE_SOON)
    return found


def _found(session: Session, rows: Sequence[Any]) -> list[Found]:
    values = values_of(session, [row.Device.id for row in rows])
    return [
        Found(
            device=row.Device,
            site=row.Asset,
            state=PLACES[row.place],
            record=row.DeviceRecord,
            alarm_level=row.DeviceState.alarm_level if row.DeviceState else 0,
            alarm_since=row.DeviceState.alarm_since if row.DeviceState else None,
            is_blind=row.DeviceState.is_blind if row.DeviceState else False,
            values=_in_order(row.Device.kind, values.get(row.Device.id, [])),
        )
        for row in rows
    ]


def _in_order(kind: str, values: list[DeviceValue]) -> list[DeviceValue]:
    order = {name: number for number, name in enumerate(kind_of(kind).quantities)}
    return sorted(values, key=lambda value: (order.get(value.quantity, len(order)), value.quantity))


def _encode(place: int, code: str, id_: uuid.UUID) -> str:
    return base64.urlsafe_b64encode(json.dumps([place, code, id_.hex]).encode()).decode().rstrip("=")


def _after(place: Any, cursor: str) -> sa.ColumnElement[bool]:
    """Behind the row a cursor names; a broken one is refused, never ignored."""
    try:
        number, code, id_hex = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        last = (int(number), str(code), uuid.UUID(hex=str(id_hex)))
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise BadRequest("bad cursor", fields=[FieldError("cursor", "bad_cursor")]) from error
    if "\0" in last[1] or not 0 <= last[0] < len(PLACES):
        raise BadRequest("bad cursor", fields=[FieldError("cursor", "bad_cursor")])
    same_state = sa.and_(
        place == last[0],
        sa.or_(Device.code > last[1], sa.and_(Device.code == last[1], Device.id > last[2])),
    )
    return sa.or_(place > last[0], same_state)
