"""Tables of third-party construction: the site beside its asset, papers and acts on it, and the days somebody guarded it."""

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import append_only, secured

#: how a site stands: seen and not registered, registered, agreement signed, everybody briefed (digging may begin), finished
STATES = ("found", "registered", "agreed", "briefed", "accepted")
#: in which of them somebody of the operator has to be there on the days of work
GUARDED = ("agreed", "briefed")
STEPS = (
    "found",
    "registered",
    "corrected",
    "agreement",
    "briefing",
    "stop_work",
    "damage",
    "incident",
    "acceptance",
)


class ConstructionSite(Base):
    """A place where others dig near our pipes; the asset of the kind `construction_site` says where."""

    __tablename__ = "construction_site"
    __table_args__ = (
        sa.CheckConstraint(f"state IN {STATES}", name="state"),
        sa.Index("ix_construction_site_path", "path", "ends_on", "asset_id"),
        sa.Index("ix_construction_site_home", "home_id", "state"),
    )

    asset_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("asset.id"), primary_key=True)
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    path: Mapped[str]
    division: Mapped[str]
    state: Mapped[str]
    project: Mapped[str]
    builder: Mapped[str] = mapped_column(default="")
    constructor: Mapped[str] = mapped_column(default="")
    #: of the row in `personal` that names whom to call at the site
    contact_digest: Mapped[str | None]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    works: Mapped[list[str]] = mapped_column(default=list)
    #: the nearest pipe, how far it is and how far its protection zone reaches there; None where no pipe lies near
    pipe_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("asset.id"))
    pipe_tier: Mapped[str] = mapped_column(default="")
    pipe_distance_m: Mapped[float | None]
    zone_m: Mapped[float | None]
    #: who guards it
    guard_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    #: on which days of the works, as a rule of RFC 5545
    guard_rule: Mapped[str] = mapped_column(default="FREQ=DAILY")
    #: the first day on which a guard is owed: works begin, and the agreement stands
    guard_from: Mapped[date | None]
    found_at: Mapped[datetime | None]
    registered_at: Mapped[datetime | None]
    agreed_at: Mapped[datetime | None]
    briefed_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]

    @property
    def in_zone(self) -> bool:
        """Whether it reaches into the protection zone of a pipe."""
        return self.pipe_distance_m is not None and self.pipe_distance_m <= (self.zone_m or 0)


class ConstructionStep(Base):
    """One act on a site, with its papers. Never changed."""

    __tablename__ = "construction_step"
    __table_args__ = (
        sa.CheckConstraint(f"step IN {STEPS}", name="step"),
        sa.UniqueConstraint("home_id", "request_key"),
        sa.Index("ix_construction_step_site", "site_id", "at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    site_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("construction_site.asset_id"))
    step: Mapped[str]
    at: Mapped[datetime]
    person_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: `[{sha256, display_sha256, kind, filename, mime}]`
    files: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    request_key: Mapped[str]


class GuardDay(Base):
    """One day on which somebody of the operator was at the site. Never changed."""

    __tablename__ = "construction_guard_day"
    __table_args__ = (
        sa.UniqueConstraint("home_id", "request_key"),
        sa.Index("ix_construction_guard_day_home", "home_id", "day"),
    )

    site_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("construction_site.asset_id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    guard_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    came_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    accuracy_m: Mapped[float | None]
    #: from the site; None where one of the two places is not known
    distance_m: Mapped[float | None]
    #: why it does not count, empty where it does
    invalid_because: Mapped[str] = mapped_column(default="")
    checklist: Mapped[str] = mapped_column(default="")
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    note: Mapped[str] = mapped_column(default="")
    files: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    hazards: Mapped[list[str]] = mapped_column(default=list)
    request_key: Mapped[str]


secured("construction_site", "hf_sees(path, division, ',')")
for _table in ("construction_step", "construction_guard_day"):
    secured(_table, "EXISTS (SELECT 1 FROM construction_site s WHERE s.asset_id = site_id)")
    append_only(_table)
