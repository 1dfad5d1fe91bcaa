"""Tables of daily work: records with every step they took and their files, plans, and what the plans ask for when."""

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.i18n import Label
from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import append_only, secured

STATES = ("open", "done", "withdrawn")
#: how an item of a plan comes to its end
OUTCOMES = ("done", "done_late", "dropped")


class WorkRecord(Base):
    """One record of a kind (`lines.v1.yaml`). `version` counts its steps; what it once said stands in them."""

    __tablename__ = "work_record"
    __table_args__ = (
        sa.CheckConstraint(f"state IN {STATES}", name="state"),
        sa.Index("ix_work_record_kind", "kind", "home_id", "happened_on"),
        sa.Index("ix_work_record_path", "path"),
        sa.Index("ix_work_record_parent", "parent_id", "happened_on"),
        sa.Index(
            "uq_work_record_own_key",
            "home_id",
            "kind",
            "own_key",
            unique=True,
            postgresql_where=sa.text("own_key IS NOT NULL"),
            sqlite_where=sa.text("own_key IS NOT NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    path: Mapped[str]
    division: Mapped[str]
    #: `,<hex id>,` of whom it is about: they see it wherever it is kept
    parties: Mapped[str] = mapped_column(default=",")
    is_shared: Mapped[bool]
    line: Mapped[str]
    kind: Mapped[str]
    #: the enterprise's own key; None where the kind has none, and after it was withdrawn
    own_key: Mapped[str | None]
    #: what people look for it by, in both languages
    words: Mapped[str]
    happened_on: Mapped[date]
    #: the last day it is in force; None for what does not expire
    valid_until: Mapped[date | None] = mapped_column(index=True)
    parent_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("work_record.id"))
    asset_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("asset.id"))
    person_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str]
    #: by when an open one is brought to its end
    due_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    #: the item of a plan it did
    item_id: Mapped[uuid.UUID | None]
    #: the hazard it opened
    hazard_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("hazard.id"))
    version: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    created_by: Mapped[uuid.UUID | None]


class WorkRecordStep(Base):
    """One step of a record: recorded, corrected, closed, withdrawn, with everything it said from then on. Never changed."""

    __tablename__ = "work_record_step"
    __table_args__ = (sa.UniqueConstraint("home_id", "request_key"),)

    record_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("work_record.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    home_id: Mapped[uuid.UUID]
    at: Mapped[datetime]
    #: `person:<id>` or the system's part
    actor: Mapped[str]
    act: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    why: Mapped[str] = mapped_column(default="")
    request_key: Mapped[str]
    #: SHA-256 of what the request said, so that a key can't be used for something else
    digest: Mapped[str]


class WorkFile(Base):
    """A file of a record, kept bit-exact under its SHA-256. Never changed."""

    __tablename__ = "work_file"
    __table_args__ = (sa.UniqueConstraint("record_id", "sha256"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    record_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("work_record.id"))
    #: the step it came with
    version: Mapped[int]
    sha256: Mapped[str] = mapped_column(index=True)
    size: Mapped[int]
    mime: Mapped[str]
    filename: Mapped[str]
    display_sha256: Mapped[str | None]
    received_at: Mapped[datetime]
    exif_at: Mapped[datetime | None]
    uploaded_by: Mapped[uuid.UUID | None]


class WorkPlan(Base):
    """How often a unit does something. What it asks for stands in its items; a plan that ended asks for nothing new."""

    __tablename__ = "work_plan"
    __table_args__ = (
        sa.Index("ix_work_plan_home", "home_id", "line"),
        # one standing plan of a proposal for a unit
        sa.Index(
            "uq_work_plan_proposal",
            "organisation_id",
            "proposal",
            unique=True,
            postgresql_where=sa.text("ended_on IS NULL AND proposal <> ''"),
            sqlite_where=sa.text("ended_on IS NULL AND proposal <> ''"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    path: Mapped[str]
    division: Mapped[str]
    line: Mapped[str]
    kind: Mapped[str]
    #: the proposal it was made of; empty for one of the unit's own
    proposal: Mapped[str] = mapped_column(default="")
    title_zh: Mapped[str]
    title_en: Mapped[str]
    #: RFC 5545
    rule: Mapped[str]
    starts_on: Mapped[date]
    #: days from an item's first day to its last; 0: until the day before the next
    term_days: Mapped[int]
    responsible_id: Mapped[uuid.UUID | None]
    ended_on: Mapped[date | None]
    created_at: Mapped[datetime]
    created_by: Mapped[uuid.UUID | None]

    @property
    def label(self) -> Label:
        """What it asks for, in both languages."""
        return Label(zh=self.title_zh, en=self.title_en)


class WorkItem(Base):
    """What a plan asks for between two days, and the record that did it."""

    __tablename__ = "work_item"
    __table_args__ = (
        sa.CheckConstraint(f"outcome IS NULL OR outcome IN {OUTCOMES}", name="outcome"),
        sa.UniqueConstraint("plan_id", "begins_on"),
        sa.Index("ix_work_item_kind", "kind", "home_id", "due_on"),
        sa.Index("ix_work_item_path", "path"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    plan_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("work_plan.id"))
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    path: Mapped[str]
    division: Mapped[str]
    line: Mapped[str]
    kind: Mapped[str]
    begins_on: Mapped[date]
    due_on: Mapped[date]
    #: the day the record says; KPIs count by it
    done_on: Mapped[date | None]
    record_id: Mapped[uuid.UUID | None]
    outcome: Mapped[str | None]
    created_at: Mapped[datetime]


append_only("work_record_step")
append_only("work_file")
_OF_RECORD = "EXISTS (SELECT 1 FROM work_record r WHERE r.id = record_id)"
secured("work_record", "hf_sees(path, division, parties) OR (is_shared AND hf_names(path, division))")
secured("work_record_step", _OF_RECORD)
secured("work_file", _OF_RECORD)
secured("work_plan", "hf_names(path, division)")
secured("work_item", "hf_names(path, division)")
