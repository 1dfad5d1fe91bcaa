"""Tables of audits, what happened in them, sampling plans and exports.

A hazard's own record ends with the event that closed it, and the file that was sealed over it must stay the whole record. So an audit
has a chain of its own beside it: its first event's `prev` is the hazard's head as it was judged, which ties the audit to exactly that
record, and later events follow in the same canonical form as a hazard's.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import append_only, secured

#: under way; given back without a decision; decided
STATES = ("open", "released", "passed", "returned")
DECIDED = ("passed", "returned")


class Audit(Base):
    """One closure file in the hands of one auditor. `seq` and `head` are length and last hash of its own chain; `seq` is its version."""

    __tablename__ = "audit"
    __table_args__ = (
        sa.CheckConstraint(f"state IN {STATES}", name="state"),
        # one judge for one file: what was judged is the hazard as it entered its present state
        sa.Index(
            "uq_audit_file",
            "hazard_id",
            "state_seq",
            unique=True,
            postgresql_where=sa.text("state <> 'released'"),
            sqlite_where=sa.text("state <> 'released'"),
        ),
        sa.Index("ix_audit_taken_by", "taken_by", "state"),
        sa.Index("ix_audit_taken_at", "taken_at", "id"),
        sa.Index("ix_audit_home", "home_id", "decided_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the whole enterprise the hazard belongs to
    home_id: Mapped[uuid.UUID]
    hazard_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("hazard.id"))
    #: event that entered the state the hazard was in when it was taken
    state_seq: Mapped[int]
    #: last event of the record that was judged
    hazard_seq: Mapped[int]
    #: the file that was judged; None for a hazard that is not closed yet
    document_id: Mapped[uuid.UUID | None]
    state: Mapped[str]
    #: version of the audit rules
    rules_version: Mapped[int]
    taken_by: Mapped[uuid.UUID]
    taken_at: Mapped[datetime]
    #: what the machine found, in the order of the points
    findings: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    #: point → the person's verdict
    verdicts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    opinion: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    #: 0 to 100
    score: Mapped[int | None]
    #: points that failed
    failed: Mapped[int | None]
    #: the hazard opened anew by it
    reopened_id: Mapped[uuid.UUID | None]
    seq: Mapped[int]
    head: Mapped[bytes]

    @property
    def is_open(self) -> bool:
        """Whether it waits for a decision."""
        return self.state == "open"


class AuditEvent(Base):
    """One thing that happened in an audit: canonical bytes and their hash, and whose request it answered. Never changed."""

    __tablename__ = "audit_event"
    __table_args__ = (sa.UniqueConstraint("actor", "request_key", name="uq_audit_event_request"),)

    audit_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("audit.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime]
    request_key: Mapped[str]
    #: SHA-256 over what was asked
    digest: Mapped[bytes]
    prev: Mapped[bytes]
    hash: Mapped[bytes] = mapped_column(unique=True)
    body: Mapped[bytes]


class AuditPlan(Base):
    """A sample of the hazards closed in a period, drawn once: the seed and the population say what anybody else would have drawn."""

    __tablename__ = "audit_plan"
    __table_args__ = (
        sa.UniqueConstraint("division", "reach", "period_from", "period_to", name="uq_audit_plan_period"),
        sa.UniqueConstraint("actor", "request_key", name="uq_audit_plan_request"),
        sa.Index("ix_audit_plan_drawn", "drawn_at", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: `CY-{yyyymmdd}-{nn}`, the day in the organisation's zone
    number: Mapped[str] = mapped_column(unique=True)
    #: the division it is for, and the enterprise where it is narrowed to one
    division: Mapped[str]
    organisation_id: Mapped[uuid.UUID | None]
    #: id of the enterprise, else the division: of one period each regulator draws once
    reach: Mapped[str]
    period_from: Mapped[datetime]
    #: not included
    period_to: Mapped[datetime]
    seed: Mapped[str]
    percent: Mapped[int]
    #: weight by urgency
    weights: Mapped[dict[str, Any]]
    rules_version: Mapped[int]
    population: Mapped[int]
    #: SHA-256 over the sorted numbers of all that could have been drawn
    population_sha256: Mapped[str]
    size: Mapped[int]
    drawn_at: Mapped[datetime]
    actor: Mapped[str]
    drawn_by: Mapped[uuid.UUID | None]
    request_key: Mapped[str]
    digest: Mapped[bytes]

    @property
    def last_day(self) -> datetime:
        """An instant of the last day of the period."""
        return self.period_to - timedelta(seconds=1)


class AuditSample(Base):
    """One hazard of a plan, in the order it was drawn."""

    __tablename__ = "audit_sample"
    __table_args__ = (sa.Index("ix_audit_sample_hazard", "hazard_id"),)

    plan_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("audit_plan.id"), primary_key=True)
    hazard_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("hazard.id"), primary_key=True)
    position: Mapped[int]
    #: with the plan, or later, when more of the same order were drawn
    drawn_at: Mapped[datetime]
    actor: Mapped[str]


class AuditExport(Base):
    """Who took which files out of the house, when: the list is frozen when it is asked for, the bytes are read when it is fetched."""

    __tablename__ = "audit_export"
    __table_args__ = (
        sa.UniqueConstraint("actor", "request_key", name="uq_audit_export_request"),
        sa.Index("ix_audit_export_asked", "asked_at", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: `DC-{yyyymmdd}-{nn}`
    number: Mapped[str] = mapped_column(unique=True)
    division: Mapped[str]
    actor: Mapped[str]
    asked_by: Mapped[uuid.UUID]
    asked_at: Mapped[datetime]
    #: what it was chosen by
    chosen: Mapped[dict[str, Any]]
    #: one line a file, as in the manifest
    files: Mapped[list[dict[str, Any]]]
    #: left out because the reader may not read the names in them
    withheld: Mapped[int]
    #: closed hazards chosen whose file is still being made
    missing: Mapped[int]
    size: Mapped[int]
    manifest_sha256: Mapped[str]
    request_key: Mapped[str]
    digest: Mapped[bytes]


append_only("audit_event")
append_only("audit_plan")
append_only("audit_sample")
append_only("audit_export")
_SEES_HAZARD = "EXISTS (SELECT 1 FROM hazard h WHERE h.id = hazard_id)"
secured("audit", _SEES_HAZARD)
secured("audit_event", "EXISTS (SELECT 1 FROM audit a WHERE a.id = audit_id)")
secured("audit_plan", "hf_prefixed(division, 'hf.divisions')")
secured("audit_sample", _SEES_HAZARD)
secured("audit_export", "hf_prefixed(division, 'hf.divisions')")
