"""Figures are made of what happened, added up by region, and frozen with the rows behind them."""

import uuid
from datetime import timedelta

import sqlalchemy as sa

from hazard_flow.assessment.indicators import making
from hazard_flow.assessment.indicators.models import (
    IndicatorValue,
    RegionValue,
    Scorecard,
    ScoreDay,
    Snapshot,
)
from hazard_flow.assessment.indicators.periods import period_of
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.supervision.lines import Lines
from tests.harness import figures
from tests.harness.cast import ANPING, HENGCHUAN
from tests.harness.city import City
from tests.harness.founding import ZONE

LEAK = "阀井内燃气浓度偏高，法兰漏气"


def month(city: City, back: int = 0) -> str:
    period = period_of(city.now.astimezone(ZONE).date(), "month")
    for _ in range(back):
        period = period.before
    return period.key


def value(city: City, indicator: str, period: str, unit: str = HENGCHUAN) -> tuple[float, float]:
    home = city.founded.units[unit]
    with city.database.reading(SYSTEM) as session:
        found = session.get_one(IndicatorValue, (home, period, indicator))
        return found.above, found.below


def test_figures_follow_what_happens(city: City):
    first, second = (city.report(LEAK, asset="VW-1") for _ in range(2))
    figures.make(city)
    assert value(city, "I01", month(city)) == (0, 2)
    city.bring_to(first, "closed")
    city.fast_forward(hours=2)
    figures.make(city)
    assert value(city, "I01", month(city)) == (1, 2)
    assert second.number != first.number


def test_what_is_fresh_is_not_made_again(city: City):
    figures.make(city)
    city.report(LEAK, asset="VW-1")
    city.fast_forward(minutes=10)
    figures.make(city)
    assert value(city, "I01", month(city)) == (0, 0), "within the hour"
    city.fast_forward(hours=1)
    figures.make(city)
    assert value(city, "I01", month(city)) == (0, 1)


def test_a_region_is_the_sum_and_never_the_mean(city: City):
    for _ in range(3):
        city.bring_to(city.report(LEAK, asset="VW-1"), "closed")
    city.report(LEAK, asset="AP-1", by="孙巡检")
    figures.make(city)
    with city.database.reading(SYSTEM) as session:
        region = session.get_one(RegionValue, ("9901", "all", month(city), "I01"))
        assert (region.above, region.below, region.value) == (3, 4, 75)
    assert value(city, "I01", month(city), ANPING) == (0, 1)


def test_an_ended_month_is_frozen_with_the_rows_behind_it_and_never_changes_again(city: City):
    hazard = city.report(LEAK, asset="VW-1")
    late = city.report(LEAK, asset="VW-1")
    city.bring_to(hazard, "closed")
    key = month(city)
    city.fast_forward(days=37)
    figures.make(city)
    with city.database.reading(SYSTEM) as session:
        home = city.founded.units[HENGCHUAN]
        kept = session.get_one(Snapshot, (home, key, "I01"))
        assert kept.rows == {"counted": [hazard.id.hex], "others": [late.id.hex]}
        assert session.get_one(Scorecard, (home, key)).frozen_at is not None
    assert value(city, "I01", key) == (1, 2)
    city.act("何安全", late, "dismiss", reason="经现场核查不构成隐患，读数正常")
    city.fast_forward(days=1, hours=2)
    figures.make(city)
    assert value(city, "I01", key) == (1, 2)


def test_each_day_of_the_running_month_keeps_its_score(city: City):
    city.bring_to(city.report(LEAK, asset="VW-1"), "closed")
    figures.make(city)
    city.fast_forward(days=1)
    figures.make(city)
    with city.database.reading(SYSTEM) as session:
        days = session.scalars(
            sa.select(ScoreDay)
            .where(ScoreDay.home_id == city.founded.units[HENGCHUAN])
            .order_by(ScoreDay.day)
        ).all()
    assert len(days) == 2
    assert all(one.score is not None and one.grade for one in days)


def test_an_enterprise_sees_its_own_figures_and_the_field_without_names(city: City):
    city.report(LEAK, asset="VW-1")
    city.report(LEAK, asset="AP-1", by="孙巡检")
    figures.make(city)
    seen = sa.select(IndicatorValue.home_id).distinct()
    with city.database.reading(city.actor("何安全").scope) as session:
        if city.database.engine.dialect.name == "postgresql":
            assert session.scalars(seen).all() == [city.founded.units[HENGCHUAN]]
        field = session.scalars(sa.select(RegionValue.field)).all()
        names = {one.hex for one in city.founded.units.values()}
        assert not any(name in str(field) for name in names)


def test_two_workers_at_once_come_to_the_same(city: City):
    city.report(LEAK, asset="VW-1")
    figures.make(city)
    before = value(city, "I01", month(city))
    with city.database.transaction(SYSTEM) as session:
        making.make(session, period_of(city.now.astimezone(ZONE).date(), "month"), city.now, ZONE, Lines())
    assert value(city, "I01", month(city)) == before
    assert isinstance(city.founded.units[HENGCHUAN], uuid.UUID)
    assert timedelta(hours=1) == making.FRESH_FOR["month"]
