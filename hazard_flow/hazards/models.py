"""Tables of hazards, their events, the people who hold a part in them, and request keys."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import append_only, checked_insert, secured
from hazard_flow.workflow.definition import COLOURS, STAGES

GENESIS = b"\x00" * 32


class Hazard(Base):
    """One hidden danger (隐患): where it stands now. How it came to stand there is in its events.

    `seq` and `head` are the length and the last hash of its event chain; `seq` is also the version clients compare.
    `path` and `division` say whose it is and decide who sees it; `parties` adds the people who hold a part.
    """

    __tablename__ = "hazard"
    __table_args__ = (
        sa.CheckConstraint(f"stage IN {STAGES}", name="stage"),
        sa.CheckConstraint("level IN ('general', 'major')", name="level"),
        sa.CheckConstraint(f"colour IS NULL OR colour IN {COLOURS}", name="colour"),
        sa.Index("ix_hazard_reported", "reported_at", "id"),
        sa.Index("ix_hazard_path", "path", "reported_at", "id"),
        sa.Index("ix_hazard_division", "division", "reported_at", "id"),
        sa.Index("ix_hazard_stage", "stage", "reported_at", "id"),
        sa.Index("ix_hazard_code", "catalogue_code", "reported_at", "id"),
        # closings of a span: set once, when a row leaves the open ones
        sa.Index(
            "ix_hazard_closed",
            "closed_at",
            "home_id",
            postgresql_where=sa.text("closed_at IS NOT NULL"),
            sqlite_where=sa.text("closed_at IS NOT NULL"),
        ),
        sa.Index(
            "ix_hazard_open_due",
            "due_at",
            "id",
            postgresql_where=sa.text("closed_at IS NULL"),
            sqlite_where=sa.text("closed_at IS NULL"),
        ),
        sa.Index(
            "ix_hazard_open_place",
            "lon",
            "lat",
            postgresql_where=sa.text("closed_at IS NULL"),
            sqlite_where=sa.text("closed_at IS NULL"),
        ),
        # One open hazard per (site, family): a storm of alarms joins it, and a race cannot open a second one.
        sa.Index(
            "uq_hazard_open_family",
            "asset_id",
            "family",
            unique=True,
            postgresql_where=sa.text("closed_at IS NULL AND family IS NOT NULL"),
            sqlite_where=sa.text("closed_at IS NULL AND family IS NOT NULL"),
        ),
        # Half of every page stays free, so that a new version of a row stays on its page and no index hears of it: a burst of timers moves
        # all hazards of a page on at once, and with full pages writing that cost six times as much.
        {"postgresql_with": {"fillfactor": 50}},
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the whole organisation at birth; never changes
    home_id: Mapped[uuid.UUID]
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    path: Mapped[str]
    division: Mapped[str]
    number: Mapped[str] = mapped_column(unique=True)
    workflow: Mapped[str]
    workflow_version: Mapped[int]
    stage: Mapped[str]
    state: Mapped[str]
    state_entered_at: Mapped[datetime]
    #: sequence number of the event that entered the present state
    state_seq: Mapped[int]
    level: Mapped[str]
    urgency: Mapped[str | None]
    title: Mapped[str]
    description: Mapped[str]
    source: Mapped[str]
    #: hazard family for telemetry: gas_leak, overpressure, device_fault, …
    family: Mapped[str | None]
    asset_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("asset.id"), index=True)
    catalogue_code: Mapped[str | None]
    place: Mapped[str]
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    crs: Mapped[str | None]
    accuracy_m: Mapped[float | None]

    reporter_id: Mapped[uuid.UUID | None]
    #: who reported past their manager (安全生产法 第46条): sees the hazard, is shown to nobody but the regulator, and is in no event
    protected_reporter_id: Mapped[uuid.UUID | None]
    responsible_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    closer_id: Mapped[uuid.UUID | None]
    verifier_ids: Mapped[list[str]] = mapped_column(default=list)
    #: `,<hex id>,<hex id>,` of everybody who holds a part
    parties: Mapped[str] = mapped_column(default=",")

    found_at: Mapped[datetime]
    reported_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    original_due_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    resolution: Mapped[str | None]

    #: process colour of the highest notice; never goes down while open
    colour: Mapped[str | None]
    #: worst level any alarm of this hazard reached: 1 low, 2 high
    alarm_level: Mapped[int | None]
    #: a detector went dark while in alarm: no data is never "normal"
    blind: Mapped[bool] = mapped_column(default=False)
    #: the sender said it left alerts out
    incomplete: Mapped[bool] = mapped_column(default=False)
    #: the closed hazard this one is a relapse of; the one it was split from; the one it was merged into
    reopen_of_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    split_from_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    merged_into_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    control_open: Mapped[bool] = mapped_column(default=False)

    #: open requests and measures, signatures to come: see `proceedings`; empty for a hazard from before there were any
    proceedings: Mapped[dict[str, Any]] = mapped_column(default=dict, nullable=True)
    #: instants things were marked at (`control_started`), ISO text by mark
    marks: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: how often things happened (`failed_recheck`), count by name
    counters: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: latest value of each field given by an action, as in the events
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)

    seq: Mapped[int] = mapped_column(default=0)
    head: Mapped[bytes] = mapped_column(default=GENESIS)

    @property
    def is_open(self) -> bool:
        """Whether somebody still owes a step."""
        return self.closed_at is None


class HazardEvent(Base):
    """One thing that happened: canonical bytes, their hash, and the few columns queries need. Never changed."""

    __tablename__ = "hazard_event"
    __table_args__ = (sa.Index("ix_hazard_event_at", "at", "hazard_id"),)

    home_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    hazard_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("hazard.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[str]
    action: Mapped[str | None]
    actor: Mapped[str]
    at: Mapped[datetime]
    prev: Mapped[bytes]
    hash: Mapped[bytes] = mapped_column(unique=True)
    body: Mapped[bytes]


class HazardParty(Base):
    """A person's part in a hazard, for "my work"."""

    __tablename__ = "hazard_party"
    __table_args__ = (sa.Index("ix_hazard_party_person", "person_id", "relation"),)

    hazard_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("hazard.id"), primary_key=True)
    relation: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)


class Penalty(Base):
    """An administrative penalty recorded on a hazard; counted over the whole enterprise (安全生产法 第113条(一))."""

    __tablename__ = "penalty"
    __table_args__ = (sa.Index("ix_penalty_home", "home_id", "decided_at"),)

    home_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    hazard_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("hazard.id"), primary_key=True)
    #: the event that recorded it
    event_seq: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str]
    kind: Mapped[str]
    decided_at: Mapped[datetime]


class RequestKey(Base):
    """A request already answered: who asked with which key, what it asked, and the event it led to."""

    __tablename__ = "request_key"

    actor: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[bytes]
    hazard_id: Mapped[uuid.UUID | None]
    seq: Mapped[int | None]
    at: Mapped[datetime]


class NumberSequence(Base):
    """The last number given out in a division on a day."""

    __tablename__ = "number_sequence"

    division: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


class DocumentSequence(Base):
    """The last number given out to documents whose number begins like this: （城东）燃安改〔2026〕."""

    __tablename__ = "document_sequence"

    beginning: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


class DocumentOrder(Base):
    """A file of an issued document that nobody has made yet, one for each language; goes when it is stored.

    What was issued stands in the event; this is only the queue.
    """

    __tablename__ = "document_order"
    __table_args__ = (sa.Index("ix_document_order_at", "ordered_at", "hazard_id"),)

    hazard_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("hazard.id"), primary_key=True)
    event_seq: Mapped[int] = mapped_column(primary_key=True)
    #: zh, the text that counts, or en, its rendering
    locale: Mapped[str] = mapped_column(primary_key=True)
    home_id: Mapped[uuid.UUID]
    #: key of the report template
    kind: Mapped[str]
    ordered_at: Mapped[datetime]


class WorkflowRelease(Base):
    """A workflow version that has been used here, frozen by the hash of its file."""

    __tablename__ = "workflow_release"

    key: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    released_at: Mapped[datetime]


append_only("hazard_event")
append_only("workflow_release")
# SQLite has no SHA-256 of its own; `ledger verify` checks the hashes there.
checked_insert(
    "hazard_event",
    "follow",
    says="an event carries its own hash and that of the event before it",
    sqlite=(
        "length(NEW.hash) IS NOT 32 OR NEW.prev IS NOT CASE WHEN NEW.seq = 1 THEN zeroblob(32) ELSE (SELECT p.hash FROM hazard_event p"
        " WHERE p.home_id = NEW.home_id AND p.hazard_id = NEW.hazard_id AND p.seq = NEW.seq - 1) END"
    ),
    postgresql=(
        r"SELECT 1 FROM fresh f WHERE f.hash IS DISTINCT FROM sha256('\x00'::bytea || f.body) OR f.prev IS DISTINCT FROM"
        " CASE WHEN f.seq = 1 THEN decode(repeat('00', 32), 'hex') ELSE (SELECT p.hash FROM hazard_event p"
        " WHERE p.home_id = f.home_id AND p.hazard_id = f.hazard_id AND p.seq = f.seq - 1) END"
    ),
)
append_only("penalty")
secured("hazard", "hf_sees(path, division, parties)", check="true")
secured("hazard_event", "EXISTS (SELECT 1 FROM hazard h WHERE h.id = hazard_id)")
secured("hazard_party", "EXISTS (SELECT 1 FROM hazard h WHERE h.id = hazard_id)")
secured("penalty", "EXISTS (SELECT 1 FROM hazard h WHERE h.id = hazard_id)")
secured("document_order", "EXISTS (SELECT 1 FROM hazard h WHERE h.id = hazard_id)")
secured("request_key", "hf_everything() OR replace(actor, '-', '') = 'person:' || hf_person()")
