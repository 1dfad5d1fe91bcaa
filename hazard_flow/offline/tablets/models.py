"""The table of tablets: when each was last heard of, and what it may still hold."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.storage.base import Base
from hazard_flow.storage.protection import secured

STATES = ("in_use", "lost")


class Tablet(Base):
    """One tablet as one enterprise or regulator knows it. Two that share it, or one that guesses its id, never see each other's row."""

    __tablename__ = "tablet"
    __table_args__ = (
        sa.CheckConstraint("state IN ('in_use', 'lost')", name="state"),
        sa.CheckConstraint("unsent >= 0", name="unsent"),
        sa.Index("ix_tablet_path", "path"),
    )

    #: the whole organisation of whoever used it
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"), primary_key=True)
    #: as the tablet names itself
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    #: whoever was signed in at the last contact, and their unit then
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    path: Mapped[str]
    division: Mapped[str]
    #: what people call it: 一班 3 号平板
    label: Mapped[str] = mapped_column(default="", server_default=sa.text("''"))
    state: Mapped[str] = mapped_column(default="in_use", server_default="in_use")
    lost_at: Mapped[datetime | None]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    #: records on it that are not confirmed whole, whoever they belong to; and since when there have been any
    unsent: Mapped[int] = mapped_column(default=0, server_default=sa.text("0"))
    unsent_since: Mapped[datetime | None]
    #: its clock minus ours at the last contact that told it
    clock_skew_s: Mapped[int | None]
    version: Mapped[str] = mapped_column(default="", server_default=sa.text("''"))
    #: such as `Chrome · Android`
    browser: Mapped[str] = mapped_column(default="", server_default=sa.text("''"))


secured("tablet", "hf_names(path, division)")
