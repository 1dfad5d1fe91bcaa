"""Tables of telemetry: sources, the inbox of raw messages, devices, signals and alerts. Hazards stand elsewhere, behind the door."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.partitions import partitioned
from hazard_flow.storage.protection import append_only, secured

INBOX_STATES = ("pending", "done", "dead")


class Source(Base):
    """Somebody who sends: a webhook with its secret address, or the MQTT broker."""

    __tablename__ = "source"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    name: Mapped[str]
    #: whose sites and devices the codes in its messages mean: the whole organisation, by `home_id`
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    #: SHA-256 of the secret in the address; None for MQTT
    token_digest: Mapped[bytes | None] = mapped_column(unique=True)
    #: `shard`: the topics of an MQTT source; absent takes every shard nobody else takes
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    #: when a message of this source (or our own heartbeat through its broker) was last stored
    last_message_at: Mapped[datetime | None]


class Inbox(Base):
    """One message as it came, kept before it was acknowledged; `dead` ones are shown to people with their reason.

    Cut by the day of receipt: days long done go away whole (`retention`), dead messages stay.
    """

    __tablename__ = "inbox"
    __table_args__ = (
        sa.CheckConstraint(f"state IN {INBOX_STATES}", name="state"),
        sa.Index(
            "ix_inbox_pending",
            "id",
            postgresql_where=sa.text("state = 'pending'"),
            sqlite_where=sa.text("state = 'pending'"),
        ),
        sa.Index(
            "ix_inbox_dead",
            "received_at",
            "id",
            postgresql_where=sa.text("state = 'dead'"),
            sqlite_where=sa.text("state = 'dead'"),
        ),
        {"postgresql_partition_by": "RANGE (received_at)"},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: of `source`, which is never deleted; no key of the database's, which would be asked for every message
    source_id: Mapped[uuid.UUID]
    kind: Mapped[str]
    received_at: Mapped[datetime] = mapped_column(primary_key=True)
    headers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    body: Mapped[bytes]
    state: Mapped[str] = mapped_column(default="pending")
    #: `code: detail` of each thing that could not be used; sentences `telemetry.reason.<code>`
    reason: Mapped[str] = mapped_column(default="")
    processed_at: Mapped[datetime | None]


class InboxKey(Base):
    """A delivery already stored. Narrow and never cut into days, so that it outlives the messages."""

    __tablename__ = "inbox_key"
    __table_args__ = (sa.Index("ix_inbox_key_stored", "stored_at", postgresql_using="brin"),)

    source_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    inbox_id: Mapped[uuid.UUID]
    stored_at: Mapped[datetime]


class MqttPacket(Base):
    """The last stored message under each packet number: tells a redelivered packet from a new one that says the same words."""

    __tablename__ = "mqtt_packet"

    source_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("source.id"), primary_key=True)
    mid: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[bytes]


class Device(Base):
    """A detector or terminal at a site; the last values shown beside it."""

    __tablename__ = "device"
    __table_args__ = (
        sa.UniqueConstraint("home_id", "code"),
        sa.Index("ix_device_silent", "silent_due_at"),
        sa.Index("ix_device_gateway", "gateway_id"),
        sa.Index("ix_device_upstream", "upstream_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    code: Mapped[str]
    site_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("asset.id"), index=True)
    kind: Mapped[str] = mapped_column(default="gas_detector")
    #: False: it spoke before anybody entered it; its alarms count all the same
    registered: Mapped[bool] = mapped_column(default=True)
    #: `unknown` until heard, then `online` or `offline`
    status: Mapped[str] = mapped_column(default="unknown")
    last_quantity: Mapped[str | None]
    last_value: Mapped[float | None]
    last_observed_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    #: how often it is expected to be heard, in seconds; None: as its quantity is
    expect_every_seconds: Mapped[int | None]
    #: assets: what it reports through, and what it is supplied by
    gateway_id: Mapped[uuid.UUID | None]
    upstream_id: Mapped[uuid.UUID | None]
    #: when to look whether it is silent; moved on only when it comes due, never by a message
    silent_due_at: Mapped[datetime | None]


class StoredSignal(Base):
    """A normalised signal that was evaluated; samples make the curve of a hazard.

    Cut by the day of receipt like the inbox; what a hazard needs for ever is in `CurveSample`. Site, device and source are looked up
    before it is written and never deleted: the database is not asked again for every sample.
    """

    __tablename__ = "signal"
    __table_args__ = (
        sa.Index("ix_signal_curve", "device_id", "quantity", "observed_at"),
        {"postgresql_partition_by": "RANGE (received_at)"},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    inbox_id: Mapped[uuid.UUID]
    source_id: Mapped[uuid.UUID]
    delivery_key: Mapped[str]
    site_id: Mapped[uuid.UUID]
    device_id: Mapped[uuid.UUID | None]
    status: Mapped[str]
    quantity: Mapped[str]
    value: Mapped[float | None]
    quality: Mapped[str]
    observed_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(primary_key=True)


class SignalKey(Base):
    """A signal already evaluated whose words may come in another message as well (`evaluated`)."""

    __tablename__ = "signal_key"
    __table_args__ = (sa.Index("ix_signal_key_stored", "stored_at", postgresql_using="brin"),)

    source_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    signal_id: Mapped[uuid.UUID]
    stored_at: Mapped[datetime]


class Alert(Base):
    """One episode of one condition at one subject."""

    __tablename__ = "alert"
    __table_args__ = (
        sa.UniqueConstraint("fingerprint", "episode"),
        sa.Index("ix_alert_hazard", "hazard_id"),
        sa.Index("ix_alert_site", "site_id", "started_at"),
        sa.Index("ix_alert_rule", "rule", "raised_at"),
        sa.Index("ix_alert_storm", "storm_id"),
        sa.Index("ix_alert_raised", "raised_at", "id"),
        sa.CheckConstraint("condition IN ('firing', 'normal')", name="condition"),
        sa.Index(
            "ix_alert_curve_steps",
            "raised_at",
            postgresql_where=sa.text("curve_steps < 3"),
            sqlite_where=sa.text("curve_steps < 3"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: of (rule, device) or (source, its own name for the alert)
    fingerprint: Mapped[str]
    episode: Mapped[str]
    rule: Mapped[str]
    rules_version: Mapped[int]
    site_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("asset.id"))
    device_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("device.id"), index=True)
    family: Mapped[str]
    #: `process` speaks of the gas, `suspect` of the gas or the detector, `sensor_fault` of the detector
    alert_class: Mapped[str]
    condition: Mapped[str]
    level: Mapped[int]
    peak_level: Mapped[int]
    peak_value: Mapped[float | None]
    started_at: Mapped[datetime]
    #: newest sample at or above the lowest clear_below, and newest one folded
    last_high_at: Mapped[datetime]
    seen_to_at: Mapped[datetime]
    #: server time of the raise, and of the end of the episode
    raised_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    #: its detector fell silent or failed meanwhile
    blind: Mapped[bool] = mapped_column(default=False)
    #: how many alerts the sender left out of the message that carried it
    truncated: Mapped[int] = mapped_column(default=0)
    summary: Mapped[str] = mapped_column(default="")
    hazard_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("hazard.id"))
    #: observed instants of the sample that raised it and of the one that ended it
    fired_at: Mapped[datetime | None]
    normal_at: Mapped[datetime | None]
    #: the sample that raised it came late
    late: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    #: id of the rule behind whose alert it is told no hazard of its own
    suppressed_by: Mapped[str] = mapped_column(default="", server_default=sa.text("''"))
    #: the alert of the storm it is listed under
    storm_id: Mapped[uuid.UUID | None]
    #: the episode it proved to be a part of when late samples had come
    merged_into_id: Mapped[uuid.UUID | None]
    #: how often the samples around it were copied to its hazard, of the times they are (`windows.STEPS`)
    curve_steps: Mapped[int] = mapped_column(default=0, server_default="0")


class CurveSample(Base):
    """A sample around an alarm, kept with the hazard for ever.

    No foreign keys: copying must not wait for whoever acts on the hazard, and neither hazards nor devices are ever deleted.
    """

    __tablename__ = "curve_sample"

    hazard_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    device_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    quantity: Mapped[str] = mapped_column(primary_key=True)
    observed_at: Mapped[datetime] = mapped_column(primary_key=True)
    signal_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    value: Mapped[float]
    quality: Mapped[str]
    received_at: Mapped[datetime]


class IntakeLane(Base):
    """A lane one process at a time may drive: evaluation holds the row's lock, the broker's consumer a lease that must be renewed."""

    __tablename__ = "intake_lane"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str] = mapped_column(default="")
    held_until: Mapped[datetime | None]


class Sweep(Base):
    """How far a sweep over the clock has come."""

    __tablename__ = "sweep"

    name: Mapped[str] = mapped_column(primary_key=True)
    done_to: Mapped[datetime]


_AT_KNOWN_SITE = "hf_everything() OR EXISTS (SELECT 1 FROM asset a WHERE a.id = site_id)"
secured("source", "hf_everything()")
secured("inbox", "hf_everything()")
secured("inbox_key", "hf_everything()")
secured("mqtt_packet", "hf_everything()")
secured("intake_lane", "hf_everything()")
secured("sweep", "hf_everything()")
secured("device", _AT_KNOWN_SITE)
secured("signal", _AT_KNOWN_SITE)
secured("signal_key", "hf_everything()")
_OF_SEEN_HAZARD = "hf_everything() OR EXISTS (SELECT 1 FROM hazard h WHERE h.id = hazard_id)"
secured(
    "alert",
    f"{_OF_SEEN_HAZARD} OR EXISTS (SELECT 1 FROM asset a WHERE a.id = site_id AND hf_sees(a.path, a.division, ''))",  # noqa: S608
)
secured("curve_sample", _OF_SEEN_HAZARD)
append_only("curve_sample")
partitioned("inbox", by="received_at", keep="state <> 'done'")
partitioned("signal", by="received_at")
