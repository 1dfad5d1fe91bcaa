"""Tables of supervision tasks and their steps."""

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.journal import Step
from hazard_flow.storage.protection import append_only, secured

#: issued → received → fed back → accepted (closed, or the next cycle issued) or returned; or cancelled
STATES = ("issued", "received", "fed_back", "returned", "closed", "cancelled")
OPEN_STATES = ("issued", "received", "fed_back", "returned")


class SupervisionTask(Base):
    """Something a regulator asks of an organisation. It belongs to whoever has to answer; `seq` counts its steps and is its version."""

    __tablename__ = "supervision_task"
    __table_args__ = (
        sa.CheckConstraint(f"state IN {STATES}", name="state"),
        sa.CheckConstraint("(rule IS NULL) = (starts_on IS NULL)", name="cycle"),
        sa.Index("ix_supervision_task_issued", "issued_at", "id"),
        sa.Index("ix_supervision_task_path", "path"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the whole organisation that answers
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    path: Mapped[str]
    division: Mapped[str]
    parties: Mapped[str] = mapped_column(default=",")
    #: the regulator that asks, and who for it
    issuer_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    issued_by: Mapped[uuid.UUID | None]
    #: `DB-{division}-{yyyymmdd}-{seq}`
    number: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    #: where and whom it is about
    reach: Mapped[str]
    #: what is to be done, and what the answer must say
    content: Mapped[str]
    #: a line of daily work; empty for none
    line: Mapped[str] = mapped_column(default="")
    asset_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("asset.id"))
    state: Mapped[str]
    due_at: Mapped[datetime]
    #: how often it comes again (RFC 5545), from which day; None: once
    rule: Mapped[str | None]
    starts_on: Mapped[date | None]
    cycle: Mapped[int] = mapped_column(default=1)
    responsible_id: Mapped[uuid.UUID | None]
    #: what it came from: `accident`, `spot_check`, `check`; empty where an officer just set it
    origin_kind: Mapped[str] = mapped_column(default="")
    origin_href: Mapped[str] = mapped_column(default="")
    issued_at: Mapped[datetime]
    #: of the present cycle
    received_at: Mapped[datetime | None]
    fed_back_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    seq: Mapped[int] = mapped_column(default=0)

    @property
    def is_open(self) -> bool:
        """Whether somebody still owes a step."""
        return self.closed_at is None


class SupervisionStep(Step, Base):
    """One step of a task: issued, received, progress, fed back, accepted, returned, cancelled. Never changed."""

    __tablename__ = "supervision_step"
    __table_args__ = (sa.UniqueConstraint("actor", "request_key"),)

    subject_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("supervision_task.id"), primary_key=True)


append_only("supervision_step")
secured("supervision_task", "hf_sees(path, division, parties)")
secured(
    "supervision_step", "EXISTS (SELECT 1 FROM supervision_task t WHERE t.id = supervision_step.subject_id)"
)
