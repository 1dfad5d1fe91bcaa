"""Tables of the public's reports and of how many came lately. What names a person lies in `personal`, erasable."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import secured

STATES = ("waiting", "accepted", "joined", "refused")


class PublicReport(Base):
    """One report of somebody who did not sign in; it belongs to whoever looks at it first: the asset's unit, else the regulator."""

    __tablename__ = "public_report"
    __table_args__ = (
        sa.CheckConstraint(f"state IN {STATES}", name="state"),
        sa.Index("ix_public_report_path", "path", "received_at"),
        sa.Index("ix_public_report_division", "division", "received_at"),
        sa.Index("ix_public_report_hazard_id", "hazard_id"),
        sa.Index("ix_public_report_asset_id", "asset_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    path: Mapped[str]
    division: Mapped[str]
    asset_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("asset.id"))
    #: hex SHA-256 of the code its reporter asks by
    tracking: Mapped[str] = mapped_column(unique=True)
    #: key of `rules.v1.yaml`
    kind: Mapped[str]
    description: Mapped[str]
    place: Mapped[str]
    #: of the reporter's device, WGS-84
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    accuracy_m: Mapped[float | None]
    #: the photographs as evidence, ready for a hazard
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    #: of the row in `personal` that holds the phone number
    phone_digest: Mapped[str | None]
    locale: Mapped[str]
    received_at: Mapped[datetime]
    #: by when somebody must have looked
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="waiting")
    reviewed_at: Mapped[datetime | None]
    reviewed_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    #: why it was refused: key of `rules.v1.yaml`
    reason: Mapped[str | None]
    #: what its reporter reads beside that
    answer: Mapped[str] = mapped_column(default="")
    hazard_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("hazard.id"))


class PublicVisit(Base):
    """How many reports came in an hour from one address, or about one asset; addresses are kept as keyed digests, for two days."""

    __tablename__ = "public_visit"

    bucket: Mapped[str] = mapped_column(primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int]


secured("public_report", "hf_sees(path, division, '')")
secured("public_visit", "hf_everything()")
