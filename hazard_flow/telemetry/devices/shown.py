"""What the device pages draw: plain values in the reader's language, made from what the queries found."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from hazard_flow.i18n import Label
from hazard_flow.telemetry.devices import history, sparkline
from hazard_flow.telemetry.devices.kinds import kind_of
from hazard_flow.telemetry.devices.models import DeviceValue
from hazard_flow.telemetry.devices.queries import Found
from hazard_flow.telemetry.devices.states import Moment, is_due_soon
from hazard_flow.telemetry.quantities import signal_of
from hazard_flow.telemetry.rulefile import shipped_rules
from hazard_flow.telemetry.rules import Threshold


@dataclass(frozen=True)
class Reading:
    """The last value of one quantity."""

    quantity: str
    label: Label
    text: str
    unit: str
    observed_at: datetime
    received_at: datetime
    quality: str
    #: the kind of device is silent for so long that nobody knows what is there now
    is_old: bool


@dataclass(frozen=True)
class Row:
    """A device in a list."""

    id: uuid.UUID
    code: str
    href: str
    kind: Label
    site: Label
    site_code: str
    state: str
    alarm_level: int
    is_blind: bool
    is_registered: bool
    readings: Sequence[Reading]
    seen_at: datetime | None
    due_on: date | None
    is_due_soon: bool
    is_expired: bool
    spark: sparkline.Sparkline | None
    #: what the small line shows
    spark_label: str


def rows(session: Session, found: Sequence[Found], at: Moment, locale: str) -> list[Row]:
    """The devices of a page with their last day, in two queries whatever their number."""
    leading = {one.device.id: leading_quantity(one) for one in found}
    days = history.sparks(session, leading, now=at.now)
    return [_row(one, leading[one.device.id], days.get(one.device.id, []), at, locale) for one in found]


def leading_quantity(found: Found) -> str:
    """What people look at first: whatever is at its alarm limit, else the first its kind names that it has ever sent."""
    return next((value.quantity for value in _worst_first(found)), kind_of(found.device.kind).quantities[0])


def readings(found: Found, at: Moment, locale: str) -> list[Reading]:
    """The last value of each quantity; what is at its alarm limit stands first, whatever else the device measures."""
    return [_reading(value, found, at, locale) for value in _worst_first(found)]


def limit_of(quantity: str) -> float | None:
    """Where the first alarm level of a quantity lies, if a rule watches over it."""
    rule = shipped_rules().threshold_for(quantity)
    return rule.lowest.above if isinstance(rule, Threshold) else None


def _worst_first(found: Found) -> list[DeviceValue]:
    def is_calm(value: DeviceValue) -> bool:
        limit = limit_of(value.quantity)
        return limit is None or value.value < limit

    return sorted(found.values, key=is_calm)


def _row(found: Found, leading: str, day: Sequence[history.Point], at: Moment, locale: str) -> Row:
    device, due_on = found.device, found.record.calibration_due_on if found.record else None
    signal = signal_of(leading)
    drawn = sparkline.draw(
        day, signal, now=at.now, limit=limit_of(leading) if _is_near(day, leading) else None
    )
    return Row(
        id=device.id,
        code=device.code,
        href=f"/devices/{device.id}",
        kind=kind_of(device.kind).label,
        site=found.site.label,
        site_code=found.site.code,
        state=found.state,
        alarm_level=found.alarm_level,
        is_blind=found.is_blind,
        is_registered=device.registered,
        readings=readings(found, at, locale),
        seen_at=device.last_seen_at,
        due_on=due_on,
        is_due_soon=is_due_soon(due_on, at),
        is_expired=due_on is not None and due_on < at.today,
        spark=drawn,
        spark_label=signal.label.in_(locale),
    )


def _is_near(day: Sequence[history.Point], quantity: str) -> bool:
    """Whether the day came so close to the limit that the limit belongs on the line."""
    limit = limit_of(quantity)
    return limit is not None and max((point.high for point in day), default=0.0) >= limit / 2


def _reading(value: DeviceValue, found: Found, at: Moment, locale: str) -> Reading:
    signal = signal_of(value.quantity)
    said = signal.say(value.value, locale) if signal.is_switch else signal.number(value.value)
    return Reading(
        quantity=value.quantity,
        label=signal.label,
        text=said,
        unit=signal.unit,
        observed_at=value.observed_at,
        received_at=value.received_at,
        quality=value.quality,
        is_old=value.received_at < at.silent_since(found.device.kind),
    )


def labels(quantities: Sequence[str], locale: str) -> Mapping[str, str]:
    """Names of quantities in the reader's language."""
    return {name: signal_of(name).label.in_(locale) for name in quantities}
