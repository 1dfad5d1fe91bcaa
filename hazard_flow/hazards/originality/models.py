"""Tables of originality: what was found doubtful, and which events are still to be looked at."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import append_only, secured


class OriginalityFlag(Base):
    """One doubt about one hazard: what kind, how much it weighs, what was measured and what it was compared with. Never changed."""

    __tablename__ = "originality_flag"
    __table_args__ = (
        # Found twice is found once, by however many workers.
        sa.UniqueConstraint("hazard_id", "doubt", "subject", "other"),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name="score"),
        sa.Index("ix_originality_flag_found", "found_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    home_id: Mapped[uuid.UUID]
    hazard_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("hazard.id"))
    #: the event whose evidence or time is doubted
    event_seq: Mapped[int]
    doubt: Mapped[str]
    #: SHA-256 of the doubted file; empty where the act itself is doubted
    subject: Mapped[str]
    #: what it was compared with: id of a piece of evidence; empty for none
    other: Mapped[str] = mapped_column(default="")
    #: the hazard that holds it, which the reader may have no right to see
    other_hazard_id: Mapped[uuid.UUID | None]
    score: Mapped[int]
    #: figures of the sentence: metres, bits, minutes
    measured: Mapped[dict[str, Any]]
    rules_version: Mapped[int]
    found_at: Mapped[datetime]


class OriginalityOrder(Base):
    """An event nobody has looked at yet; written with it, gone when it was."""

    __tablename__ = "originality_order"
    __table_args__ = (sa.Index("ix_originality_order_at", "ordered_at", "hazard_id"),)

    hazard_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("hazard.id"), primary_key=True)
    event_seq: Mapped[int] = mapped_column(primary_key=True)
    ordered_at: Mapped[datetime]


append_only("originality_flag")
secured("originality_flag", "EXISTS (SELECT 1 FROM hazard h WHERE h.id = hazard_id)")
secured("originality_order", "EXISTS (SELECT 1 FROM hazard h WHERE h.id = hazard_id)")
