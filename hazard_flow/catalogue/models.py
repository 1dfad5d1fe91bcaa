"""Tables of local rules: policy rows, catalogue rows, working days. Rows are added, never changed: the newest entry of a thing counts."""

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.catalogue.policy import MARKS
from hazard_flow.catalogue.rows import CONFIDENCES, LEVELS, URGENCIES
from hazard_flow.storage.base import Base, new_id
from hazard_flow.storage.protection import append_only, secured

#: kinds of local rules; each has a stamp of its own
POLICY, CATALOGUE, CALENDAR = "policy", "catalogue", "calendar"
STATUSES = ("official", "provisional")


class LocalPolicy(Base):
    """A value a place sets: one entry of (key, division, first day). The entry with the highest version counts."""

    __tablename__ = "local_policy"
    __table_args__ = (
        sa.CheckConstraint(f"confidence IN {MARKS}", name="confidence"),
        sa.UniqueConstraint("key", "division", "valid_from", "version"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str]
    #: prefix of division codes, 2 to 12 digits
    division: Mapped[str]
    #: plain value, see `policy_keys`
    value: Mapped[Any] = mapped_column(sa.JSON())
    #: None for a draft
    valid_from: Mapped[date | None]
    #: last day, that day included
    valid_to: Mapped[date | None]
    source: Mapped[str]
    confidence: Mapped[str]
    version: Mapped[int]
    withdrawn: Mapped[bool] = mapped_column(default=False)
    #: the actor's key
    entered_by: Mapped[str]
    entered_at: Mapped[datetime]


class LocalCatalogueRow(Base):
    """A danger a place names or judges more strictly: one entry of (code, division, first day)."""

    __tablename__ = "local_catalogue"
    __table_args__ = (
        sa.CheckConstraint(f"default_level IN {LEVELS}", name="default_level"),
        sa.CheckConstraint(f"urgency IN {URGENCIES}", name="urgency"),
        sa.CheckConstraint(f"basis_confidence IN {CONFIDENCES}", name="basis_confidence"),
        sa.UniqueConstraint("code", "authority_division", "valid_from", "version"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str]
    authority_division: Mapped[str]
    title_zh: Mapped[str]
    title_en: Mapped[str]
    default_level: Mapped[str]
    urgency: Mapped[str]
    legal_basis: Mapped[str]
    basis_confidence: Mapped[str]
    #: decimal text
    response_hours: Mapped[str]
    deadline_days: Mapped[int]
    interim_control: Mapped[str]
    #: codes joined by `;`
    suggested_evidence: Mapped[str]
    telemetry_trigger: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    source: Mapped[str]
    version: Mapped[int]
    withdrawn: Mapped[bool] = mapped_column(default=False)
    entered_by: Mapped[str]
    entered_at: Mapped[datetime]


class CalendarDay(Base):
    """A day that differs from Monday to Friday, in one edition of one year. The newest edition replaces the earlier ones whole."""

    __tablename__ = "calendar_day"
    __table_args__ = (
        sa.CheckConstraint(f"status IN {STATUSES}", name="status"),
        sa.UniqueConstraint("division", "day", "edition"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: empty for the national calendar; else the prefix of the divisions with days of their own
    division: Mapped[str]
    day: Mapped[date]
    is_workday: Mapped[bool]
    name: Mapped[str] = mapped_column(default="")
    source: Mapped[str]
    status: Mapped[str]
    #: counts from 1 for each division and year
    edition: Mapped[int]
    entered_by: Mapped[str]
    entered_at: Mapped[datetime]


class RuleStamp(Base):
    """Changes with every import of its kind: what is kept in memory is compared with it. Its row is what serialises imports."""

    __tablename__ = "rule_stamp"

    kind: Mapped[str] = mapped_column(primary_key=True)
    stamp: Mapped[uuid.UUID]
    changed_at: Mapped[datetime]
    #: whether running time limits were counted again since; this and what follows only the calendar needs
    settled: Mapped[bool] = mapped_column(default=True)
    #: how often all of them were gone through, and how far the present round is: the last hazard counted
    rounds: Mapped[int] = mapped_column(default=0)
    counted_to: Mapped[uuid.UUID | None]
    #: the first day that changed in a year that was official before; limits not marked provisional hang on it too
    since: Mapped[date | None]


append_only("local_policy")
append_only("local_catalogue")
append_only("calendar_day")
# Rules bind everybody, so everybody signed in may read them; only the import operations write, as the system.
for _table in ("local_policy", "local_catalogue", "calendar_day", "rule_stamp"):
    secured(_table, "hf_everything() OR hf_person() <> ''", check="hf_everything()")
