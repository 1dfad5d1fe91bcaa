"""The table of assets (设施)."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.i18n import Label
from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import secured

ASSET_KINDS = (
    "station",
    "pipe_segment",
    "regulator",
    "valve_well",
    "user",
    "cylinder",
    "detector",
    "construction_site",
)


class Asset(Base):
    """A thing a hazard can be found at. `code` is the enterprise's own key."""

    __tablename__ = "asset"
    __table_args__ = (
        sa.UniqueConstraint("home_id", "code"),
        sa.Index("ix_asset_path", "path"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    path: Mapped[str]
    division: Mapped[str]
    code: Mapped[str]
    kind: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    address: Mapped[str] = mapped_column(default="")
    #: decimal degrees in `crs`
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    crs: Mapped[str] = mapped_column(default="WGS84")
    created_at: Mapped[datetime]

    @property
    def label(self) -> Label:
        """The name in both languages."""
        return Label(zh=self.name_zh, en=self.name_en)


secured("asset", "hf_names(path, division)")
