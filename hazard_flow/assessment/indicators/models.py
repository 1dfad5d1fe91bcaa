"""Tables of figures as they were made: by enterprise, by region, and the rows behind those that were frozen."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from hazard_flow.storage.base import Base
from hazard_flow.storage.protection import secured


class EnterpriseClass(Base):
    """What an enterprise is compared with: what it supplies by, and to how many (domain 6.3). Made of its own register of assets."""

    __tablename__ = "enterprise_class"

    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"), primary_key=True)
    division: Mapped[str]
    #: piped, bottled, vehicle; empty where the register does not say
    supply: Mapped[str]
    users: Mapped[int]
    #: lt10k, lt100k, lt1m, gt1m
    size: Mapped[str]
    network_km: Mapped[float]


class IndicatorValue(Base):
    """One figure of one enterprise in one period. Made again each day until it is frozen."""

    __tablename__ = "indicator_value"
    __table_args__ = (sa.Index("ix_indicator_value_period", "period", "indicator", "home_id"),)

    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"), primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    indicator: Mapped[str] = mapped_column(primary_key=True)
    path: Mapped[str]
    division: Mapped[str]
    above: Mapped[float]
    below: Mapped[float]
    #: percent, or the figure itself; None where there is nothing to divide by
    value: Mapped[float | None]
    #: the true value is no less than this (half of the open ones were not done yet)
    is_bound: Mapped[bool]
    made_at: Mapped[datetime]
    #: when it became what it is for good
    frozen_at: Mapped[datetime | None]


class RegionValue(Base):
    """One figure of a region, Σ above ÷ Σ below, among enterprises of one class or of all; and the field, nobody named.

    Everybody may read it: it says nothing of any one enterprise.
    """

    __tablename__ = "region_value"

    #: of the division: 3101 stands for all that begin so
    division: Mapped[str] = mapped_column(primary_key=True)
    #: all, piped, bottled, vehicle
    peers: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    indicator: Mapped[str] = mapped_column(primary_key=True)
    above: Mapped[float]
    below: Mapped[float]
    value: Mapped[float | None]
    #: `{"values": […]}` of the enterprises that count enough, the best first
    field: Mapped[dict[str, Any]] = mapped_column(default=dict)
    made_at: Mapped[datetime]


class Snapshot(Base):
    """The rows behind a frozen figure: ids of hazards that stand below the line, and of those that stand above it too."""

    __tablename__ = "indicator_snapshot"

    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"), primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    indicator: Mapped[str] = mapped_column(primary_key=True)
    path: Mapped[str]
    division: Mapped[str]
    #: `{"counted": […], "others": […]}`, hex ids
    rows: Mapped[dict[str, Any]]


class Scorecard(Base):
    """The score of an enterprise in a period; the rows of a month are made each day until it is frozen."""

    __tablename__ = "scorecard"

    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"), primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    path: Mapped[str]
    division: Mapped[str]
    policy_version: Mapped[int]
    #: 0 to 100 after deductions and caps; None where no indicator applies
    score: Mapped[float | None]
    #: before deductions, bonus and caps
    base: Mapped[float | None]
    grade: Mapped[str]
    #: `[{"kind", "points", "count", "detail"}]`
    deductions: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    #: `[{"kind", "name", "href"}]`: what caps it
    vetoes: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    #: `{"I01": {"points", "weight"}}`
    parts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    made_at: Mapped[datetime]
    frozen_at: Mapped[datetime | None]


class ScoreDay(Base):
    """The score of the running month as it stood at the end of each day."""

    __tablename__ = "score_day"

    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"), primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
    path: Mapped[str]
    division: Mapped[str]
    score: Mapped[float | None]
    grade: Mapped[str]


class Appeal(Base):
    """What an enterprise says against a frozen score, and the authority's answer."""

    __tablename__ = "score_appeal"
    __table_args__ = (sa.Index("ix_score_appeal_home", "home_id", "period"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    home_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    period: Mapped[str]
    path: Mapped[str]
    division: Mapped[str]
    #: an indicator's id, a deduction or a veto; empty for the whole
    about: Mapped[str]
    words: Mapped[str]
    said_at: Mapped[datetime]
    said_by: Mapped[uuid.UUID]
    #: empty until answered; upheld, rejected
    outcome: Mapped[str]
    answer: Mapped[str]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[uuid.UUID | None]


for _table in ("indicator_value", "indicator_snapshot", "scorecard", "score_day", "score_appeal"):
    secured(_table, "hf_sees(path, division, '')")
secured(
    "enterprise_class",
    "EXISTS (SELECT 1 FROM organisation o WHERE o.id = home_id AND hf_sees(o.path, o.division, ''))",
)
secured("region_value", "true", check="hf_everything()")
