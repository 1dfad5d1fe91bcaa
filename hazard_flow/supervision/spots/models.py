"""The table of re-checks."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import append_only, secured

OUTCOMES = ("agrees", "contradicts")


class SpotCheck(Base):
    """The regulator looked at a place of which the enterprise has a record. Written once, never changed."""

    __tablename__ = "spot_check"
    __table_args__ = (
        sa.CheckConstraint(f"outcome IN {OUTCOMES}", name="outcome"),
        sa.UniqueConstraint("actor", "request_key"),
        sa.Index("ix_spot_check_checked", "checked_at", "id"),
        sa.Index("ix_spot_check_record", "record_kind", "record_id"),
        sa.Index("ix_spot_check_home", "home_id", "checked_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: the enterprise whose record it is
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    path: Mapped[str]
    division: Mapped[str]
    issuer_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    #: `HC-…`
    number: Mapped[str] = mapped_column(unique=True)
    line: Mapped[str]
    #: the enterprise's record: what kind, which one, what it says, when it was made, its page
    record_kind: Mapped[str]
    record_id: Mapped[uuid.UUID | None]
    record_says_zh: Mapped[str]
    record_says_en: Mapped[str]
    recorded_at: Mapped[datetime]
    record_href: Mapped[str]
    asset_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("asset.id"), index=True)
    #: what was found, and whether the record held
    found: Mapped[str]
    outcome: Mapped[str]
    checked_at: Mapped[datetime]
    checked_by: Mapped[uuid.UUID | None]
    #: what followed from a contradiction
    hazard_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("hazard.id"), index=True)
    task_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("supervision_task.id"))
    #: the unannounced check in which it was done
    check_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("unannounced_check.id"))
    created_at: Mapped[datetime]
    actor: Mapped[str]
    request_key: Mapped[str]
    digest: Mapped[bytes]


append_only("spot_check")
secured("spot_check", "hf_sees(path, division, '')")
