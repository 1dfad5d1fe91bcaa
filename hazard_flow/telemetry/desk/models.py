"""Tables of the desk beside `alert`: what people owe it, what hides it, and every step anybody took."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import append_only, secured
from hazard_flow.telemetry.desk.rules import HIDINGS, VERDICTS

#: the warning chain: told, heard, somebody went, said what it was, put away
STAGES = ("published", "received", "responded", "fed_back", "archived")


class AlertDuty(Base):
    """What the desk owes one alert that fired. `seq` counts its steps and is its version."""

    __tablename__ = "alert_duty"
    __table_args__ = (
        sa.CheckConstraint(f"stage IN {STAGES}", name="stage"),
        sa.CheckConstraint(f"verdict IN {VERDICTS}", name="verdict"),
        sa.Index("ix_alert_duty_stage", "stage", "alert_id"),
    )

    alert_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("alert.id"), primary_key=True)
    #: the whole organisation whose desk it is
    home_id: Mapped[uuid.UUID]
    stage: Mapped[str]
    #: since when an acknowledgement is asked, and until when; both None while nothing is asked because the alert is hidden
    asked_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[uuid.UUID | None]
    #: how often a limit passed without it
    misses: Mapped[int] = mapped_column(default=0)
    #: code of the cause a person named, and what follows from it; never set by the system
    cause: Mapped[str | None]
    verdict: Mapped[str | None]
    judged_at: Mapped[datetime | None]
    judged_by: Mapped[uuid.UUID | None]
    seq: Mapped[int]

    @property
    def is_asked(self) -> bool:
        """Whether somebody still has to acknowledge it."""
        return self.due_at is not None and self.acknowledged_at is None


class AlertVisibility(Base):
    """One hiding of an alert from the active list: who, why, until when. It covers the later episodes of the same alert as well."""

    __tablename__ = "alert_visibility"
    __table_args__ = (
        sa.CheckConstraint(f"kind IN {HIDINGS}", name="kind"),
        # one at a time
        sa.Index(
            "uq_alert_visibility_running",
            "fingerprint",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index("ix_alert_visibility_alert", "alert_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the episode it was said of; its timer ends the hiding
    alert_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("alert.id"))
    fingerprint: Mapped[str]
    kind: Mapped[str]
    reason: Mapped[str]
    #: of the work on a device out of service
    work_order: Mapped[str | None]
    person_id: Mapped[uuid.UUID]
    since_at: Mapped[datetime]
    until_at: Mapped[datetime]
    #: when it really ended: by itself, by a person, or because the alert rose to level 2
    ended_at: Mapped[datetime | None]


class AlertStep(Base):
    """Who did what with an alert, when. Never changed."""

    __tablename__ = "alert_step"
    __table_args__ = (sa.UniqueConstraint("actor", "request_key", name="uq_alert_step_request"),)

    alert_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("alert.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    #: one of `steps.KINDS`
    kind: Mapped[str]
    actor: Mapped[str]
    person_id: Mapped[uuid.UUID | None]
    at: Mapped[datetime]
    data: Mapped[dict[str, Any]]
    request_key: Mapped[str]
    #: SHA-256 over what was asked
    digest: Mapped[bytes]


append_only("alert_step")
_KNOWN_ALERT = "EXISTS (SELECT 1 FROM alert a WHERE a.id = alert_id)"
secured("alert_duty", _KNOWN_ALERT)
secured("alert_visibility", _KNOWN_ALERT)
secured("alert_step", _KNOWN_ALERT)
