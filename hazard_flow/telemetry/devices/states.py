"""In which state a device is, as one SQL expression that lists, counts and maps share; the worst comes first."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from hazard_flow.telemetry.devices.kinds import DEFAULT, device_kinds
from hazard_flow.telemetry.devices.models import DeviceRecord, DeviceState
from hazard_flow.telemetry.models import Device

#: worst first; absence of data is never normal
STATES = ("alarm", "fault", "no_data", "expired", "normal")
#: the state at each place of the order in which devices are listed: level 2 is the worse alarm
PLACES = ("alarm", *STATES)
#: a calibration that ends within so many days is shown beforehand
DUE_SOON = timedelta(days=30)


@dataclass(frozen=True)
class Moment:
    """When devices are judged: the instant, and the day it is at the organisation."""

    now: datetime
    today: date

    @classmethod
    def of(cls, now: datetime, zone: ZoneInfo) -> "Moment":
        """An instant with its day in the organisation's zone."""
        return cls(now, now.astimezone(zone).date())

    def silent_since(self, kind: str) -> datetime:
        """A device of this kind that was last heard before this instant has fallen silent."""
        return self.now - device_kinds().get(kind, device_kinds()[DEFAULT]).silent_after


def is_silent(at: Moment) -> sa.ColumnElement[bool]:
    """Whether nobody knows what the device measures: never heard, not heard for longer than its kind may be silent, link down."""
    limit = sa.case(
        *(
            (Device.kind == kind, sa.literal(at.silent_since(kind), Device.last_seen_at.type))
            for kind in device_kinds()
        ),
        else_=sa.literal(at.silent_since(DEFAULT), Device.last_seen_at.type),
    )
    return sa.or_(Device.last_seen_at.is_(None), Device.last_seen_at < limit, Device.status == "offline")


def rank(at: Moment) -> Any:
    """A device's place in `PLACES`; needs `DeviceState` and `DeviceRecord` joined outer."""
    level = sa.func.coalesce(DeviceState.alarm_level, 0)
    return sa.case(
        (level > 1, 0),
        (level > 0, 1),
        (sa.func.coalesce(DeviceState.is_faulty, sa.false()), 2),
        (is_silent(at), 3),
        (DeviceRecord.calibration_due_on < at.today, 4),
        else_=5,
    )


def is_due_soon(due_on: date | None, at: Moment) -> bool:
    """Whether the calibration ends within `DUE_SOON`, or has ended."""
    return due_on is not None and due_on <= at.today + DUE_SOON
