"""Tables of household checks: how each user stands in the cycle, batches of work, visits with their photos, steps beside visits."""

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import append_only, secured

#: how often a user is due differs by these: piped residents, users of cylinders, everybody else
CLASSES = ("resident", "bottled", "business")
#: what a visit came to; the second and third are the ones made in vain
RESULTS = ("done", "absent", "refused", "address_wrong", "vacant", "demolished")
IN_VAIN = ("absent", "refused")
#: nobody lives or works there, or there is no such place: not owed a check until somebody is found there again
AWAY = ("address_wrong", "vacant", "demolished")
STEPS = ("announced", "agreed", "requested", "community_help", "measure")


class Household(Base):
    """One user of gas in the cycle of checks: one row for each asset of the kind `user`."""

    __tablename__ = "household"
    __table_args__ = (
        sa.CheckConstraint(f"user_class IN {CLASSES}", name="user_class"),
        sa.CheckConstraint(f"last_result IS NULL OR last_result IN {RESULTS}", name="last_result"),
        sa.Index("ix_household_due", "home_id", "due_on", "asset_id"),
        sa.Index("ix_household_building", "home_id", "building", "due_on"),
        sa.Index("ix_household_batch", "batch_id"),
        sa.Index("ix_household_path", "path", "due_on", "asset_id"),
    )

    asset_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("asset.id"), primary_key=True)
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    path: Mapped[str]
    division: Mapped[str]
    user_class: Mapped[str]
    #: the part of the address that a batch of work goes by
    building: Mapped[str]
    #: the last day the present cycle allows
    due_on: Mapped[date]
    checked_on: Mapped[date | None]
    #: what the last visit came to, and when it was
    last_result: Mapped[str | None]
    visited_at: Mapped[datetime | None]
    #: visits made in vain since the last check
    in_vain: Mapped[int] = mapped_column(default=0)
    #: the batch this cycle's check belongs to
    batch_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("household_batch.id"))
    #: the hazard refused entry opened last (RES-G15)
    refusal_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("hazard.id"))
    appointment_at: Mapped[datetime | None]
    #: the user was told of the coming check
    announced_at: Mapped[datetime | None]
    #: the user asked for a check, after refusing it
    requested_at: Mapped[datetime | None]
    #: out of the cycle: the asset is out of use
    ended_at: Mapped[datetime | None]


class HouseholdBatch(Base):
    """Users of some buildings that one inspector checks until a day; its limit is the only timer of all of them."""

    __tablename__ = "household_batch"
    __table_args__ = (
        sa.UniqueConstraint("home_id", "request_key"),
        sa.Index("ix_household_batch_path", "path", "due_on", "id"),
        sa.Index("ix_household_batch_assignee", "assignee_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    path: Mapped[str]
    division: Mapped[str]
    name: Mapped[str]
    assignee_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    #: the last day for it, that day included
    due_on: Mapped[date]
    created_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime]
    #: every user of it was checked, is away, or is dealt with as refusing
    ended_at: Mapped[datetime | None]
    request_key: Mapped[str]


class HouseholdBatchItem(Base):
    """A user of a batch, and how that came to its end; a user has one unsettled item at most."""

    __tablename__ = "household_batch_item"
    __table_args__ = (
        sa.Index("ix_household_batch_item_open", "batch_id", "settled_at"),
        sa.Index("ix_household_batch_item_asset", "asset_id"),
    )

    batch_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("household_batch.id"), primary_key=True)
    asset_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("asset.id"), primary_key=True)
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    settled_at: Mapped[datetime | None]
    #: the result of the visit that settled it, or `refusal` where a hazard was opened
    settled_as: Mapped[str] = mapped_column(default="", server_default=sa.text("''"))


class HouseholdVisit(Base):
    """One visit to one user, as it was recorded. Never changed; kept at least as long as local policy says."""

    __tablename__ = "household_visit"
    __table_args__ = (
        sa.CheckConstraint(f"result IN {RESULTS}", name="result"),
        sa.UniqueConstraint("home_id", "request_key"),
        sa.Index("ix_household_visit_asset", "asset_id", "visited_at"),
        sa.Index("ix_household_visit_inspector", "inspector_id", "visited_at"),
        sa.Index("ix_household_visit_cycle", "home_id", "cycle_due_on"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    path: Mapped[str]
    division: Mapped[str]
    asset_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("asset.id"))
    user_class: Mapped[str]
    batch_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("household_batch.id"))
    inspector_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    #: as the inspector says; when we heard of it
    visited_at: Mapped[datetime]
    received_at: Mapped[datetime]
    result: Mapped[str]
    #: which visit of this cycle it is, counted from 1
    number: Mapped[int]
    #: the due day of the cycle it belongs to: what plan figures count by
    cycle_due_on: Mapped[date]
    #: `<key>.v<n>` of the checklist, and the answers by item
    checklist: Mapped[str] = mapped_column(default="")
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    failed: Mapped[list[str]] = mapped_column(default=list)
    #: number of the instrument the leak readings were taken with
    instrument: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    accuracy_m: Mapped[float | None]
    #: from the user's address; None where one of the two places is not known
    distance_m: Mapped[float | None]
    refused_to_sign: Mapped[bool] = mapped_column(default=False)
    #: of the row in `personal` that names the two witnesses of a refusal to sign
    witnesses_digest: Mapped[str | None]
    #: what speaks against it (`doubts.py`)
    doubts: Mapped[list[str]] = mapped_column(default=list)
    #: numbers of the hazards it opened
    hazards: Mapped[list[str]] = mapped_column(default=list)
    request_key: Mapped[str]


class HouseholdPhoto(Base):
    """A picture of a visit: a live scene, a finding, the notice at the door, the meter, a signature."""

    __tablename__ = "household_photo"
    __table_args__ = (sa.Index("ix_household_photo_sha256", "sha256"),)

    visit_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("household_visit.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    #: code of the evidence vocabulary
    kind: Mapped[str]
    #: the checklist item it shows; empty for the visit as a whole
    item: Mapped[str] = mapped_column(default="")
    sha256: Mapped[str]
    display_sha256: Mapped[str | None]
    filename: Mapped[str]
    mime: Mapped[str]
    size: Mapped[int]
    width: Mapped[int | None]
    height: Mapped[int | None]
    phash: Mapped[str | None]
    captured_at: Mapped[datetime | None]
    exif_at: Mapped[datetime | None]
    received_at: Mapped[datetime]


class HouseholdStep(Base):
    """What was done about a user beside visits: announced, agreed on, asked for, helped with, limited. Never changed."""

    __tablename__ = "household_step"
    __table_args__ = (
        sa.CheckConstraint(f"step IN {STEPS}", name="step"),
        sa.UniqueConstraint("home_id", "request_key"),
        sa.Index("ix_household_step_asset", "asset_id", "at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    path: Mapped[str]
    division: Mapped[str]
    asset_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("asset.id"))
    step: Mapped[str]
    at: Mapped[datetime]
    person_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    request_key: Mapped[str]


for _table in ("household", "household_batch", "household_visit", "household_step"):
    secured(_table, "hf_sees(path, division, ',')")
secured("household_batch_item", "EXISTS (SELECT 1 FROM household_batch b WHERE b.id = batch_id)")
secured("household_photo", "EXISTS (SELECT 1 FROM household_visit v WHERE v.id = visit_id)")
for _table in ("household_visit", "household_photo", "household_step"):
    append_only(_table)
