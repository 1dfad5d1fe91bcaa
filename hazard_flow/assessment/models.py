"""Tables of the follower of the event feed: how far it has come, and each hazard as it stood there."""

import uuid
from dataclasses import fields
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.assessment.standing import Standing
from hazard_flow.ledger.models import COUNT
from hazard_flow.storage.base import Base
from hazard_flow.storage.protection import secured


class FeedCursor(Base):
    """How far a follower has read: the place of the next leaf of the ledger. Whoever reads on holds the row."""

    __tablename__ = "feed_cursor"

    name: Mapped[str] = mapped_column(primary_key=True)
    next_leaf: Mapped[int] = mapped_column(COUNT)


class FollowedHazard(Base):
    """A hazard as its events up to the cursor tell it: what matters to the colour of risk points, and to whose measure failed."""

    __tablename__ = "followed_hazard"
    __table_args__ = (
        sa.Index("ix_followed_hazard_asset", "asset_id"),
        sa.Index("ix_followed_hazard_measure", "home_id", "failed_measure", "reported_at"),
        sa.Index("ix_followed_hazard_reported", "reported_at"),
    )

    hazard_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    home_id: Mapped[uuid.UUID]
    number: Mapped[str]
    asset_id: Mapped[uuid.UUID | None]
    level: Mapped[str]
    urgency: Mapped[str]
    stage: Mapped[str]
    #: reported past a manager and not handed on yet: presses on nothing, for the enterprise would see that
    is_hidden: Mapped[bool]
    #: past its deadline without being submitted or prolonged
    is_overdue: Mapped[bool]
    #: codes as people gave them; empty where they gave none
    risk_point: Mapped[str]
    failed_measure: Mapped[str]
    cause_kind: Mapped[str]
    #: it was seen as a major beyond suspicion
    is_confirmed_major: Mapped[bool]
    reported_at: Mapped[datetime]
    #: number of the last event taken in
    seq: Mapped[int]

    @property
    def standing(self) -> Standing:
        """The same as a value that events fold into."""
        return Standing(**{one.name: getattr(self, one.name) for one in fields(Standing)})


secured("feed_cursor", "hf_everything()")
secured("followed_hazard", "hf_everything() OR EXISTS (SELECT 1 FROM hazard h WHERE h.id = hazard_id)")
