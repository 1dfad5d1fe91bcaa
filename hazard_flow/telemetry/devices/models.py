"""Tables of devices beside telemetry's own: the registry's record, the last value of each quantity, the present state, the live marker."""

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.storage.base import Base
from hazard_flow.storage.protection import secured


class DeviceRecord(Base):
    """What people entered about a device; one that spoke before anybody entered it has none."""

    __tablename__ = "device_record"
    __table_args__ = (sa.Index("ix_device_record_due", "calibration_due_on"),)

    device_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("device.id"), primary_key=True)
    maker: Mapped[str] = mapped_column(default="")
    model: Mapped[str] = mapped_column(default="")
    serial: Mapped[str] = mapped_column(default="")
    #: code of the gateway it speaks through
    gateway: Mapped[str] = mapped_column(default="")
    #: code of the asset that supplies its place
    upstream: Mapped[str] = mapped_column(default="")
    installed_on: Mapped[date | None]
    calibrated_on: Mapped[date | None]
    #: the last day its calibration holds; None: nothing about it is calibrated, or nobody has said
    calibration_due_on: Mapped[date | None]
    #: the hazard its expired calibration opened last, and the due date that one is about
    hazard_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("hazard.id"))
    hazard_due_on: Mapped[date | None]
    changed_by: Mapped[uuid.UUID | None]
    changed_at: Mapped[datetime]


class DeviceValue(Base):
    """The newest value of one quantity, by observed time."""

    __tablename__ = "device_value"

    device_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("device.id"), primary_key=True)
    quantity: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[float]
    quality: Mapped[str]
    observed_at: Mapped[datetime]
    received_at: Mapped[datetime]


class DeviceState(Base):
    """What the alerts say of a device now, readable without them: whoever may see a device must see that it is in alarm."""

    __tablename__ = "device_state"
    __table_args__ = (
        sa.Index("ix_device_state_revision", "revision"),
        # the number in the rail stands on every page
        sa.Index(
            "ix_device_state_alarm",
            "device_id",
            postgresql_where=sa.text("alarm_level > 0"),
            sqlite_where=sa.text("alarm_level > 0"),
        ),
    )

    device_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("device.id"), primary_key=True)
    #: worst level of a firing alert of the process; 0 for none
    alarm_level: Mapped[int] = mapped_column(default=0)
    alarm_since: Mapped[datetime | None]
    #: an alert about the device itself is firing
    is_faulty: Mapped[bool] = mapped_column(default=False)
    #: it fell silent or failed while in alarm
    is_blind: Mapped[bool] = mapped_column(default=False)
    #: of the live marker, when anything about the device was last written
    revision: Mapped[int] = mapped_column(sa.BigInteger)


class LiveMarker(Base):
    """One row a topic: a number that grows with each transaction that changed something, held to the commit and so never skipped."""

    __tablename__ = "live_marker"

    topic: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(sa.BigInteger)


_OF_KNOWN_DEVICE = "hf_everything() OR EXISTS (SELECT 1 FROM device d WHERE d.id = device_id)"
secured("device_record", _OF_KNOWN_DEVICE)
secured("device_value", _OF_KNOWN_DEVICE)
secured("device_state", _OF_KNOWN_DEVICE)
# A bare number: that something changed somewhere says nothing of what or where.
secured("live_marker", "true")
