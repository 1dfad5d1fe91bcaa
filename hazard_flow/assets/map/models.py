"""The ground an organisation has handed in for its map, and the index maps are drawn by."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.assets.models import Asset
from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import secured

# Counting a city by cells reads this index alone: place, kind, what the scope is judged by, and the two columns its condition names, which
# are empty in every row of it.
sa.Index(
    "ix_asset_map",
    Asset.west,
    Asset.south,
    Asset.kind,
    Asset.path,
    Asset.division,
    Asset.geometry,
    Asset.ended_at,
    postgresql_where=sa.text("geometry IS NULL AND ended_at IS NULL"),
    sqlite_where=sa.text("geometry IS NULL AND ended_at IS NULL"),
)


class MapGround(Base):
    """Districts, water and streets under the map of an organisation: one GeoJSON file, as it was given."""

    __tablename__ = "map_ground"

    #: the whole organisation whose map it lies under; a regulator's lies under the maps of its division as well
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(default=new_id)
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    path: Mapped[str]
    division: Mapped[str]
    #: whether a regulator handed it in
    is_regulator: Mapped[bool]
    filename: Mapped[str]
    #: frame of its positions; converted when drawn
    crs: Mapped[str]
    body: Mapped[bytes]
    sha256: Mapped[str]
    features: Mapped[int]
    uploaded_at: Mapped[datetime]
    uploaded_by_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))


# The ground of a city is no secret; changing it is.
secured("map_ground", "is_regulator OR hf_names(path, division)", check="hf_names(path, division)")
