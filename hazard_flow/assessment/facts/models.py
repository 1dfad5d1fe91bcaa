"""The table of facts: one row a hazard, with the instants and marks figures count by."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.storage.base import Base
from hazard_flow.storage.protection import secured


class HazardFact(Base):
    """A hazard as figures see it: what it is, as it is known now, and when the things happened that figures count.

    What it *is* (level, urgency, liable party, place) counts as it is known when a figure is made: one that proved to be a major was a
    major when it was found. When something *happened* never changes, so a figure of a past day can be made again.
    """

    __tablename__ = "hazard_fact"
    __table_args__ = (
        sa.Index("ix_hazard_fact_reported", "home_id", "reported_at", "hazard_id"),
        sa.Index("ix_hazard_fact_due", "home_id", "original_due_at", "hazard_id"),
        sa.Index("ix_hazard_fact_closed", "home_id", "closed_at", "hazard_id"),
        sa.Index("ix_hazard_fact_assigned", "home_id", "assigned_at", "hazard_id"),
        sa.Index("ix_hazard_fact_rechecked", "home_id", "first_recheck_at", "hazard_id"),
        sa.Index("ix_hazard_fact_recurs", "asset_id", "catalogue_code", "reported_at"),
        sa.Index("ix_hazard_fact_reopens", "reopen_of_id"),
        sa.Index(
            "ix_hazard_fact_open",
            "home_id",
            "original_due_at",
            "hazard_id",
            postgresql_where=sa.text("closed_at IS NULL"),
            sqlite_where=sa.text("closed_at IS NULL"),
        ),
    )

    hazard_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    home_id: Mapped[uuid.UUID]
    organisation_id: Mapped[uuid.UUID]
    path: Mapped[str]
    division: Mapped[str]
    parties: Mapped[str]
    number: Mapped[str]
    title: Mapped[str]
    level: Mapped[str]
    #: A, B or C; empty for a major, and before anybody said
    urgency: Mapped[str]
    source: Mapped[str]
    #: the first of the catalogue rows it was classified by
    catalogue_code: Mapped[str]
    asset_id: Mapped[uuid.UUID | None]
    #: the user is liable for it (domain 6.1): counted in figures about users only
    is_users: Mapped[bool]
    #: reported past a manager and not handed on yet: in no figure
    is_hidden: Mapped[bool]
    stage: Mapped[str]
    #: rectified, dismissed, merged; empty while open
    resolution: Mapped[str]
    reopen_of_id: Mapped[uuid.UUID | None]

    found_at: Mapped[datetime]
    reported_at: Mapped[datetime]
    assigned_at: Mapped[datetime | None]
    original_due_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    #: the hand-in that passed its re-check, or awaits it
    submitted_at: Mapped[datetime | None]
    first_recheck_at: Mapped[datetime | None]
    first_recheck_passed: Mapped[bool | None]
    passed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    #: when its colour first reached orange, and red: a notice each (domain 3.7)
    orange_at: Mapped[datetime | None]
    red_at: Mapped[datetime | None]
    #: listed for supervision by a government (挂牌督办)
    listed_at: Mapped[datetime | None]
    #: extensions that were approved
    extensions: Mapped[int]
    #: by when its danger had to be under control; None where nothing asks for control
    control_due_at: Mapped[datetime | None]
    controlled_at: Mapped[datetime | None]
    #: by when the user had to be told in writing, where the user is liable; when that was done
    notice_due_at: Mapped[datetime | None]
    notified_at: Mapped[datetime | None]
    #: by when the regulator had to be told of a major; when that was done
    report_due_at: Mapped[datetime | None]
    regulator_told_at: Mapped[datetime | None]
    #: names its risk point, the measure that failed, its root cause and its place
    is_complete: Mapped[bool]
    #: number of the last event taken in
    seq: Mapped[int]


secured("hazard_fact", "hf_sees(path, division, parties)")
