"""Tables of supply: gas sources and storage, what each day brought, and what stands ready for an emergency."""

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.i18n import Label
from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import append_only, secured

#: a source brings gas (m³ a day by contract), a storage keeps it (usable m³)
GAS_FACILITIES = ("source", "storage")
RESOURCES = ("team", "vehicle", "store")


class GasFacility(Base):
    """A gas source or a storage of an enterprise. Volumes are at standard conditions (20 °C, 101.325 kPa)."""

    __tablename__ = "gas_facility"
    __table_args__ = (sa.Index("ix_gas_facility_path", "path"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    path: Mapped[str]
    division: Mapped[str]
    kind: Mapped[str]
    name: Mapped[str]
    #: of a source, m³ a day; of a storage, m³
    capacity_m3: Mapped[float]
    entered_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    entered_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class GasDay(Base):
    """The balance of one day as it was told; told again, the newer word counts and the older stays readable."""

    __tablename__ = "gas_day"
    __table_args__ = (
        sa.Index("ix_gas_day_day", "home_id", "day", "entered_at"),
        sa.Index("ix_gas_day_path", "path"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    path: Mapped[str]
    division: Mapped[str]
    day: Mapped[date]
    supplied_m3: Mapped[float]
    sent_out_m3: Mapped[float]
    #: in all storages at the end of the day
    stored_m3: Mapped[float]
    entered_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    entered_at: Mapped[datetime]


class EmergencyResource(Base):
    """A team, a vehicle or a store that stands ready."""

    __tablename__ = "emergency_resource"
    __table_args__ = (sa.Index("ix_emergency_resource_path", "path"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    path: Mapped[str]
    division: Mapped[str]
    kind: Mapped[str]
    name: Mapped[str]
    #: where it stands
    base: Mapped[str]
    #: of the desk that sends it out, not of a person
    phone: Mapped[str]
    people: Mapped[int | None]
    equipment: Mapped[str]
    entered_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    entered_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


LABELS = {
    "source": Label(zh="气源", en="Gas source"),
    "storage": Label(zh="储气设施", en="Storage"),
    "team": Label(zh="抢修队伍", en="Team"),
    "vehicle": Label(zh="抢修车辆", en="Vehicle"),
    "store": Label(zh="应急物资库", en="Store"),
}

for _table in ("gas_facility", "gas_day", "emergency_resource"):
    secured(_table, "hf_names(path, division)")
append_only("gas_day")
