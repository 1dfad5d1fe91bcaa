"""The table of evidence (佐证): which bytes belong to which hazard, and what is known of them."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.evidence.fingerprints import BANDS
from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import append_only, secured

STAGES = ("report", "control", "rectify", "verify", "audit")


class Evidence(Base):
    """One original under its SHA-256. Three times are kept apart: the device's, the picture's own (EXIF), and receipt."""

    __tablename__ = "evidence"
    __table_args__ = (
        sa.UniqueConstraint("home_id", "hazard_id", "sha256", "stage"),
        sa.Index("ix_evidence_sha256", "sha256"),
        sa.Index("ix_evidence_hazard", "hazard_id", "event_seq"),
        sa.CheckConstraint("stage IN ('report', 'control', 'rectify', 'verify', 'audit')", name="stage"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    home_id: Mapped[uuid.UUID]
    hazard_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("hazard.id"))
    event_seq: Mapped[int]
    stage: Mapped[str]
    #: code of the evidence vocabulary, e.g. PHOTO_BEFORE
    kind: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    mime: Mapped[str]
    filename: Mapped[str]
    width: Mapped[int | None]
    height: Mapped[int | None]
    #: the device's clock when the button was pressed, as it stood then
    captured_at: Mapped[datetime | None]
    #: how far that clock was ahead of ours when the file came (behind: negative); None where the device did not say
    clock_skew_s: Mapped[int | None]
    exif_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    crs: Mapped[str | None]
    accuracy_m: Mapped[float | None]
    display_sha256: Mapped[str | None]
    #: SHA-256 of the before-photo this after-photo answers
    pair_of: Mapped[str | None]
    phash: Mapped[str | None]
    uploaded_by: Mapped[uuid.UUID | None]


class PhotoPrint(Base):
    """The fingerprints of one photograph, cut into bands for looking near ones up; see `fingerprints`."""

    __tablename__ = "photo_print"
    __table_args__ = tuple(
        sa.Index(f"ix_photo_print_{number}{band}", f"{number}{band}")
        for number in "pd"
        for band in range(BANDS)
    )

    evidence_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("evidence.id"), primary_key=True)
    hazard_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("hazard.id"))
    display_sha256: Mapped[str]
    #: as signed integers
    phash: Mapped[int] = mapped_column(sa.BigInteger)
    dhash: Mapped[int] = mapped_column(sa.BigInteger)
    p0: Mapped[int]
    p1: Mapped[int]
    p2: Mapped[int]
    p3: Mapped[int]
    d0: Mapped[int]
    d1: Mapped[int]
    d2: Mapped[int]
    d3: Mapped[int]


append_only("evidence")
append_only("photo_print")
secured("photo_print", "EXISTS (SELECT 1 FROM hazard h WHERE h.id = hazard_id)")
secured("evidence", "EXISTS (SELECT 1 FROM hazard h WHERE h.id = hazard_id)")
