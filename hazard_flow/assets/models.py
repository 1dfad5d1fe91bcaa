"""The tables of assets (设施) and of what was corrected about them."""

import base64
import secrets
import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.assets.kinds import asset_kinds
from hazard_flow.i18n import Label
from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import append_only, secured

ASSET_KINDS = tuple(asset_kinds())


def new_label_key() -> str:
    """What an asset's QR label leads by: 80 random bits as 16 letters and digits, so that nobody finds the next one by counting."""
    return base64.b32encode(secrets.token_bytes(10)).decode().lower()


class Asset(Base):
    """A thing a hazard can be found at. `code` is the enterprise's own key."""

    __tablename__ = "asset"
    __table_args__ = (
        sa.UniqueConstraint("home_id", "code"),
        sa.Index("ix_asset_path", "path"),
        sa.Index("ix_asset_kind", "kind", "created_at", "id"),
        sa.Index("ix_asset_created_at", "created_at", "id"),
        # for viewports; what has no place is not in any
        sa.Index("ix_asset_box", "west", "east", "south", "north"),
        sa.Index("uq_asset_label_key", "label_key", unique=True),
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
    #: how unsure the place is, where somebody said so
    accuracy_m: Mapped[float | None]
    #: GeoJSON geometry as text, in `crs` as it was given; None for a point, which `lon` and `lat` say
    geometry: Mapped[str | None]
    #: the box around it in decimal degrees of WGS-84, whatever `crs` is: of a point, the point
    west: Mapped[float | None]
    south: Mapped[float | None]
    east: Mapped[float | None]
    north: Mapped[float | None]
    #: what its kind has (`kinds.v1.yaml`): pressure tier, material, …; nothing personal
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: of the row in `personal` that holds name, phone and flat of a user
    personal_digest: Mapped[str | None]
    label_key: Mapped[str] = mapped_column(default=new_label_key)
    #: where it came from: the name of a file, or empty for what a person entered
    source: Mapped[str] = mapped_column(default="", server_default=sa.text("''"))
    #: grows with every correction
    version: Mapped[int] = mapped_column(default=1, server_default=sa.text("1"))
    #: out of use since
    ended_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    @property
    def label(self) -> Label:
        """The name in both languages."""
        return Label(zh=self.name_zh, en=self.name_en)


class AssetChange(Base):
    """One correction of an asset: who, when, from what to what. Never changed itself."""

    __tablename__ = "asset_change"
    __table_args__ = (
        sa.Index("ix_asset_change_asset_id", "asset_id", "at"),
        sa.Index("ix_asset_change_path", "path"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    path: Mapped[str]
    division: Mapped[str]
    asset_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("asset.id"))
    at: Mapped[datetime]
    #: None: the installation itself, by its command line
    person_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    #: the name of the file it came from; empty for a form or the API
    source: Mapped[str] = mapped_column(default="")
    #: field → [before, after]; of personal fields only that they changed
    changes: Mapped[dict[str, Any]]


secured("asset", "hf_names(path, division)")
secured("asset_change", "hf_names(path, division)")
append_only("asset_change")
