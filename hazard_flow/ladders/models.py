"""Tables of time limits: what is owed by when, how far its ladder has been climbed, and every step of that."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.i18n import Label
from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import append_only, secured, widened
from hazard_flow.workflow.definition import COLOURS

#: how a limit comes to its end: in time, too late, or because nothing is owed any more
OUTCOMES = ("met", "met_late", "dropped")


class TimeLimit(Base):
    """Something owed by an instant (时限). `seq` counts its steps and is its version."""

    __tablename__ = "time_limit"
    __table_args__ = (
        sa.CheckConstraint(f"outcome IS NULL OR outcome IN {OUTCOMES}", name="outcome"),
        sa.CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="ended"),
        sa.CheckConstraint(f"colour IS NULL OR colour IN {COLOURS}", name="colour"),
        # one open limit of a name for a subject
        sa.Index(
            "uq_time_limit_open",
            "subject_kind",
            "subject_id",
            "name",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index(
            "ix_time_limit_due",
            "due_at",
            "id",
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index("ix_time_limit_path", "path"),
        sa.Index("ix_time_limit_subject", "subject_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the whole organisation that owes it
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    path: Mapped[str]
    division: Mapped[str]
    #: what it is the limit of (`round`, `accident`, …), and which one
    subject_kind: Mapped[str]
    subject_id: Mapped[uuid.UUID]
    #: which of the subject's limits; the sentence is `ladders.limit.<name>`
    name: Mapped[str]
    #: key of its ladder
    ladder: Mapped[str]
    #: the subject in words, and its page
    title_zh: Mapped[str]
    title_en: Mapped[str]
    href: Mapped[str]
    #: who owes it by name; None where only a role does
    responsible_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    #: `,<hex id>,` of who owes it and of everybody a rung has told: they see it
    parties: Mapped[str] = mapped_column(default=",")
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    #: as it was first set; figures count by it
    original_due_at: Mapped[datetime]
    #: the rung told last, counted from 1; 0 for none yet
    rung: Mapped[int] = mapped_column(default=0)
    #: how often the last rung was told again
    repeats: Mapped[int] = mapped_column(default=0)
    #: process colour of the highest rung told; never goes down
    colour: Mapped[str | None]
    #: until when somebody acknowledges the rung told last; None where it asks nothing or was acknowledged
    acknowledge_by: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[uuid.UUID | None]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    seq: Mapped[int] = mapped_column(default=0)

    @property
    def title(self) -> Label:
        """The subject in both languages."""
        return Label(zh=self.title_zh, en=self.title_en)

    @property
    def is_open(self) -> bool:
        """Whether it is still owed."""
        return self.ended_at is None


class TimeLimitStep(Base):
    """One step of a limit: opened, moved, told, acknowledged, met, dropped. Never changed."""

    __tablename__ = "time_limit_step"

    limit_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("time_limit.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    #: `person:<id>` or `system`
    actor: Mapped[str]
    act: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)


append_only("time_limit_step")
secured("time_limit", "hf_sees(path, division, parties)", check="true")
secured("time_limit_step", "EXISTS (SELECT 1 FROM time_limit l WHERE l.id = limit_id)")
widened(
    "timer",
    by="time_limit",
    using="subject_kind = 'limit' AND EXISTS (SELECT 1 FROM time_limit l WHERE l.id = timer.subject_id)",
)
