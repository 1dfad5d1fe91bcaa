"""Numbers: one for ever, counted by division and local day."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from hazard_flow.hazards.guarding import door_open
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.numbers import take_numbers
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City
from tests.harness.founding import ZONE
from tests.harness.together import together


def test_the_form(city: City):
    hazard = city.report()

    assert hazard.number == "YH-990102-20261102-0001"


def test_the_day_is_the_citys_day_of_receipt(city: City):
    city.clock.move_to(datetime(2026, 11, 2, 15, 59, 59, tzinfo=UTC))
    before = city.report()
    city.clock.move_to(datetime(2026, 11, 2, 16, 0, tzinfo=UTC))  # midnight in the city
    after = city.report()

    assert (before.number, after.number) == ("YH-990102-20261102-0001", "YH-990102-20261103-0001")


def test_each_division_counts_for_itself(city: City):
    numbers = [city.report().number, city.report(by="孙巡检").number, city.report().number]

    assert numbers == ["YH-990102-20261102-0001", "YH-990103-20261102-0001", "YH-990102-20261102-0002"]


def test_many_hands_get_many_numbers(city: City):
    answers = together(8, lambda _: [city.report().number for _ in range(4)])

    assert not [a for a in answers if isinstance(a, Exception)], answers
    numbers = [number for many in answers if isinstance(many, list) for number in many]
    assert len(set(numbers)) == 32
    assert all(re.fullmatch(r"YH-990102-20261102-\d{4}", number) for number in numbers)


def test_streets_of_one_district_share_its_numbers(city: City):
    with city.database.transaction(SYSTEM) as session:
        numbers = take_numbers(session, ["990102001", "990102002", "990102"], city.now, ZONE)

    assert numbers == [f"YH-990102-20261102-000{n}" for n in (1, 2, 3)]


def test_the_ten_thousandth_gets_a_fifth_digit(city: City):
    with city.database.transaction(SYSTEM) as session:
        last = take_numbers(session, ["990102"] * 10_000, city.now, ZONE)[-1]

    assert last == "YH-990102-20261102-10000"


def test_a_number_is_never_given_twice_even_by_force(city: City):
    hazard = city.report()
    twin = Hazard(**{c.key: getattr(hazard, c.key) for c in Hazard.__table__.columns if c.key != "id"})

    def force() -> None:
        with city.database.transaction(SYSTEM) as session, door_open(session):
            session.add(twin)

    with pytest.raises(IntegrityError):
        force()
