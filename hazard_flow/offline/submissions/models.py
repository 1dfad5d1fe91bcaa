"""Tables of submissions: the manifest as it was sent, the files it names, and what came under an id already used."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import append_only, secured

STATES = ("arriving", "usable", "complete")
OUTCOMES = ("waiting", "entered", "contested")
SETTLEMENTS = ("entered_again", "set_aside")


class Submission(Base):
    """One report or act of one person, frozen on the tablet before it was first sent.

    `path`, `division` and `parties` say who sees it, as on a hazard: its owner, and whoever sees the hazard's unit.
    """

    __tablename__ = "submission"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('report', 'act', 'round')", name="kind"),
        sa.CheckConstraint(f"state IN {STATES}", name="state"),
        sa.CheckConstraint(f"outcome IN {OUTCOMES}", name="outcome"),
        sa.CheckConstraint(f"settled IS NULL OR settled IN {SETTLEMENTS}", name="settled"),
        sa.Index("ix_submission_owner", "owner_id", "received_at"),
        sa.Index("ix_submission_hazard", "hazard_id"),
        sa.Index("ix_submission_round", "round_id"),
        sa.Index(
            "ix_submission_contested",
            "received_at",
            "id",
            postgresql_where=sa.text("outcome = 'contested' AND settled IS NULL"),
            sqlite_where=sa.text("outcome = 'contested' AND settled IS NULL"),
        ),
    )

    #: chosen by the tablet: the same id again is the same submission
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    home_id: Mapped[uuid.UUID]
    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    tablet_id: Mapped[uuid.UUID | None]
    app_version: Mapped[str]
    path: Mapped[str]
    division: Mapped[str]
    parties: Mapped[str]
    kind: Mapped[str]
    #: the manifest's bytes exactly as they came, and their hash
    manifest: Mapped[bytes]
    sha256: Mapped[str]
    #: by the tablet's clock as it stood then
    captured_at: Mapped[datetime]
    received_at: Mapped[datetime]
    #: how far that clock was ahead of ours as it sent; None where it did not say
    clock_skew_s: Mapped[int | None]
    state: Mapped[str]
    outcome: Mapped[str]
    #: the hazard it opened, or the one it acts on as far as that is known
    hazard_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("hazard.id"))
    #: the round it hands in, as far as that is known
    round_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("inspection_round.id"))
    #: the event it became
    event_seq: Mapped[int | None]
    #: why it is contested: `{field, code, params}` each
    problems: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    #: how a person settled a contested one, who, when and why
    settled: Mapped[str | None]
    settled_by: Mapped[uuid.UUID | None]
    settled_at: Mapped[datetime | None]
    settled_reason: Mapped[str | None]

    attachments: Mapped[list["SubmissionAttachment"]] = relationship(
        lazy="selectin", viewonly=True, order_by="SubmissionAttachment.place"
    )
    rejected: Mapped[list["SubmissionRejected"]] = relationship(
        lazy="select", viewonly=True, order_by="SubmissionRejected.received_at"
    )


class SubmissionAttachment(Base):
    """One file a manifest names: how much of it has come."""

    __tablename__ = "submission_attachment"
    __table_args__ = (
        sa.CheckConstraint("role IN ('display', 'original')", name="role"),
        sa.CheckConstraint("bytes_have BETWEEN 0 AND size", name="bytes_have"),
    )

    submission_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("submission.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    #: its place in the manifest
    place: Mapped[int]
    role: Mapped[str]
    size: Mapped[int]
    mime: Mapped[str]
    filename: Mapped[str]
    bytes_have: Mapped[int] = mapped_column(default=0)
    #: when it was whole and its hash was right
    received_at: Mapped[datetime | None]
    #: why it can be no evidence; its bytes are kept all the same
    refused: Mapped[str | None]
    #: what the bytes say of themselves, for the evidence they belong to
    facts: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))


class SubmissionRejected(Base):
    """Other bytes that came under an id already used: refused to the tablet's face, and kept where people see them."""

    __tablename__ = "submission_rejected"
    __table_args__ = (sa.UniqueConstraint("submission_id", "sha256"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    submission_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("submission.id"))
    tablet_id: Mapped[uuid.UUID | None]
    manifest: Mapped[bytes]
    sha256: Mapped[str]
    received_at: Mapped[datetime]


append_only("submission_rejected")
secured("submission", "hf_sees(path, division, parties)", check="true")
secured("submission_attachment", "EXISTS (SELECT 1 FROM submission s WHERE s.id = submission_id)")
secured("submission_rejected", "EXISTS (SELECT 1 FROM submission s WHERE s.id = submission_id)")
