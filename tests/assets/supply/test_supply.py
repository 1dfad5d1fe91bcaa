"""What gas there is: days of storage counted, a day told twice counts once, everybody sees their own."""

from datetime import date, timedelta
from typing import Any

import pytest

from hazard_flow.assets.supply import operations, queries
from hazard_flow.assets.supply.balance import Day, balanced
from hazard_flow.assets.supply.models import GasFacility
from hazard_flow.errors import NotFound, Refused
from tests.harness.city import City
from tests.harness.refusals import said

FIRST = date(2026, 11, 1)


def days(*rows: tuple[float, float, float], skip: int | None = None) -> list[Day]:
    return [Day(FIRST + timedelta(days=n), *row) for n, row in enumerate(rows) if n != skip]


def today(city: City) -> date:
    return city.now.date()


def tell(city: City, *, by: str = "周调度", **given: Any) -> None:
    actor = city.actor(by)
    body = {
        "day": today(city).isoformat(),
        "supplied_m3": 410,
        "sent_out_m3": 400,
        "stored_m3": 1_200,
        **given,
    }
    with city.database.transaction(actor.scope) as session:
        operations.tell_day(session, actor, body, now=city.now, today=today(city))


def standing(city: City, who: str) -> list[queries.Standing]:
    with city.database.reading(city.actor(who).scope) as session:
        return queries.standings(session, today=today(city))


def test_days_of_storage_count_against_the_mean_of_seven_days():
    found = balanced(days(*((400, 100 * n, 2_800) for n in range(1, 10))))

    assert found[0].days_of_storage == 28
    assert found[-1].days_of_storage == pytest.approx(2_800 / 600)  # the mean of 300 … 900


def test_what_a_day_leaves_unexplained():
    first, second = balanced(days((400, 400, 1_000), (420, 400, 1_015)))

    assert (first.unexplained_m3, second.unexplained_m3) == (None, 5)
    assert balanced(days((400, 400, 1_000), (1, 1, 1), (420, 400, 1_015), skip=1))[-1].unexplained_m3 is None


def test_nothing_sent_out_says_nothing_of_days():
    assert balanced(days((0, 0, 500)))[0].days_of_storage is None


def test_a_day_told_twice_counts_once_and_the_last_word_counts(city: City):
    tell(city)
    city.clock.advance(timedelta(minutes=5))
    tell(city, stored_m3=1_000)

    [one] = standing(city, "何安全")
    assert len(one.days) == 1
    assert one.last is not None
    assert (one.last.told.stored_m3, one.last.days_of_storage) == (1_000, 2.5)


def test_who_sees_whose(city: City):
    tell(city)

    assert [one.enterprise.name_zh for one in standing(city, "陈处长")] != []
    assert standing(city, "马安全") == []


def test_everything_wrong_is_listed(city: City):
    with pytest.raises(Refused) as refusal:
        tell(city, day="2099-01-01", supplied_m3="", sent_out_m3="-1", stored_m3="much")

    assert said(refusal) == {
        ("day", "in_the_future"), ("supplied_m3", "required"), ("sent_out_m3", "out_of_range"), ("stored_m3", "not_a_number"),
    }  # fmt: skip
    assert standing(city, "何安全") == []


def test_a_facility_comes_and_goes_and_is_nobody_elses(city: City):
    actor = city.actor("何安全")
    with city.database.transaction(actor.scope) as session:
        given = {"kind": "storage", "name": "LNG 储罐", "capacity_m3": "600000"}
        id_ = operations.add_facility(session, actor, given, now=city.now).id
    assert standing(city, "何安全")[0].capacity_m3("storage") == 600_000

    other = city.actor("马安全")
    with pytest.raises(NotFound), city.database.transaction(other.scope) as session:
        operations.end(session, other, GasFacility, id_, now=city.now)
    with city.database.transaction(actor.scope) as session:
        operations.end(session, actor, GasFacility, id_, now=city.now)
    assert standing(city, "何安全") == []
