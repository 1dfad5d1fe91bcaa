"""Reads of dashboards: counts as they were made for the period, and the few open hazards that are worst."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assessment.facts.models import HazardFact as Fact
from hazard_flow.assessment.indicators.models import IndicatorValue, RegionValue
from hazard_flow.assessment.indicators.periods import Period, back
from hazard_flow.assessment.indicators.queries import MONTHS
from hazard_flow.assessment.indicators.regions import ALL
from hazard_flow.assessment.indicators.tallies import LEVELS
from hazard_flow.storage.unit import scope_of_session

#: hazards a dashboard lists
SHOWN = 8


def found_by_month(
    session: Session, month: Period, *, division: str = "", home: uuid.UUID | None = None
) -> Sequence[tuple[str, Mapping[str, int]]]:
    """(month, level → found) of 13 months up to this one, of a region or of one enterprise."""
    months = back(month, MONTHS)
    names = {f"found_{level}": level for level in LEVELS}
    table = IndicatorValue if home is not None else RegionValue
    whose = (
        sa.and_(
            IndicatorValue.home_id == home,
            scope_of_session(session).where(IndicatorValue.path, IndicatorValue.division),
        )
        if home is not None
        else sa.and_(RegionValue.division == division, RegionValue.peers == ALL)
    )
    found: dict[str, dict[str, int]] = {one.key: {} for one in months}
    for period, name, count in session.execute(
        sa.select(table.period, table.indicator, table.above).where(
            table.period.in_([one.key for one in months]), table.indicator.in_(list(names)), whose
        )
    ):
        found[period][names[name]] = int(count)
    return [(one.key, found[one.key]) for one in months]


def worst(session: Session, now: datetime, *, home: uuid.UUID | None = None) -> Sequence[Fact]:
    """Open hazards in sight that climb: the colour first, then the deadline."""
    climbing = sa.case((Fact.red_at.is_not(None), 2), (Fact.orange_at.is_not(None), 1), else_=0)
    wanted = (
        sa.select(Fact)
        .where(
            Fact.closed_at.is_(None),
            Fact.is_hidden.is_(False),
            scope_of_session(session).where(Fact.path, Fact.division, Fact.parties),
            sa.or_(Fact.orange_at.is_not(None), Fact.due_at < now + timedelta(days=3)),
        )
        .order_by(climbing.desc(), Fact.due_at, Fact.hazard_id)
        .limit(SHOWN)
    )
    return session.scalars(wanted.where(Fact.home_id == home) if home is not None else wanted).all()


def today(session: Session, now: datetime, ends_at: datetime) -> Mapping[str, int]:
    """What is open within reach by when it is due: late, due today, later, without a deadline yet."""
    row = session.execute(
        sa.select(
            _count(Fact.due_at < now),
            _count(sa.and_(Fact.due_at >= now, Fact.due_at < ends_at)),
            _count(Fact.due_at >= ends_at),
            _count(Fact.due_at.is_(None)),
        ).where(
            Fact.closed_at.is_(None),
            Fact.is_hidden.is_(False),
            scope_of_session(session).where(Fact.path, Fact.division, Fact.parties),
        )
    ).one()
    return dict(zip(("late", "today", "later", "undated"), (int(one or 0) for one in row), strict=True))


def _count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((condition, 1), else_=0))
