"""The tables of evidence (佐证): which bytes belong to which hazard, and what is known of them."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hazard_flow.evidence.fingerprints import BANDS
from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import append_only, secured

#: what of a declared piece has come; or that somebody said it never will
DISPLAY, ORIGINAL, LOST = "display", "original", "lost"
STAGES = ("report", "control", "rectify", "verify", "audit")


class Evidence(Base):
    """One original under its SHA-256. Three times are kept apart: the device's, the picture's own (EXIF), and receipt.

    A *declared* piece was named by its hashes before its bytes came: what they say of themselves stands in its arrivals.
    """

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
    is_declared: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    #: the tablet that declared it; never said of what was reported past a manager
    tablet_id: Mapped[uuid.UUID | None]
    #: arrows and circles drawn over the photo, in thousandths of its sides: a layer of its own, never burned in
    marks: Mapped[list[dict[str, Any]] | None] = mapped_column(sa.JSON(none_as_null=True))

    arrivals: Mapped[list["EvidenceArrival"]] = relationship(lazy="selectin", viewonly=True)

    @property
    def has_original(self) -> bool:
        """Whether the original lies in the store."""
        return not self.is_declared or any(a.role == ORIGINAL for a in self.arrivals)

    @property
    def has_copy(self) -> bool:
        """Whether there is something to look at: the copy for the eye, or the original of what has none."""
        return self.has_original or any(a.role == DISPLAY for a in self.arrivals)

    @property
    def is_lost(self) -> bool:
        """Whether somebody said that its bytes will never come."""
        return any(a.role == LOST for a in self.arrivals)

    @property
    def is_outstanding(self) -> bool:
        """Whether bytes of it are still to come."""
        return not (self.has_original or self.is_lost)

    @property
    def shown_sha256(self) -> str | None:
        """The copy for the eye that is here; None while none is, and for what has none."""
        if not self.is_declared:
            return self.display_sha256
        return next((a.display_sha256 for a in self.arrivals if a.display_sha256), None)

    @property
    def pixels(self) -> tuple[int, int]:
        """Width and height of the original; zeros while they are not known."""
        if self.width and self.height:
            return self.width, self.height
        sizes = ((a.width or 0, a.height or 0) for a in self.arrivals if a.role == ORIGINAL)
        return next(sizes, (0, 0))

    @property
    def photo_at(self) -> datetime | None:
        """The photo's own time, as far as its original has been read."""
        return self.exif_at or next((a.exif_at for a in self.arrivals if a.exif_at), None)


class EvidenceArrival(Base):
    """Bytes of a declared piece that came: the copy for the eye or the original, and what they say of themselves.

    Or, as `lost`, that they never will: somebody answers for it by an act of the workflow.
    """

    __tablename__ = "evidence_arrival"
    __table_args__ = (sa.CheckConstraint("role IN ('display', 'original', 'lost')", name="role"),)

    evidence_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("evidence.id"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    hazard_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("hazard.id"))
    at: Mapped[datetime]
    #: the copy for the eye these bytes are, or that was made of them
    display_sha256: Mapped[str | None]
    phash: Mapped[str | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    exif_at: Mapped[datetime | None]
    lon: Mapped[float | None]
    lat: Mapped[float | None]


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
append_only("evidence_arrival")
append_only("photo_print")
secured("evidence_arrival", "EXISTS (SELECT 1 FROM hazard h WHERE h.id = hazard_id)")
secured("photo_print", "EXISTS (SELECT 1 FROM hazard h WHERE h.id = hazard_id)")
secured("evidence", "EXISTS (SELECT 1 FROM hazard h WHERE h.id = hazard_id)")
