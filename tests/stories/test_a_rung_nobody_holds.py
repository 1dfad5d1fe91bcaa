"""Nobody in a role does not mean nobody is told: the next one up is, at once, and the event names who was missing."""

import pytest
import sqlalchemy as sa

from hazard_flow.identity.models import Membership, Person
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City


def leave(city: City, *names: str) -> None:
    with city.database.transaction(SYSTEM) as session:
        for name in names:
            session.execute(sa.update(Person).where(Person.id == city.person(name)).values(active=False))


@pytest.mark.parametrize(
    ("gone", "told", "missing"),
    [
        (("何安全",), ["韩总"], ["safety_director"]),
        (("何安全", "韩总"), ["唐监管"], ["safety_director", "enterprise_principal"]),
        (
            ("何安全", "韩总", "唐监管"),
            ["梁处长", "陈处长"],
            ["safety_director", "enterprise_principal", "county_officer"],
        ),
    ],
)
def test_it_is_skipped_upward_at_once_and_reported(city: City, gone, told, missing):
    hazard = city.report(major=True)
    city.control(hazard)
    leave(city, *gone)

    city.fast_forward(hours=5)

    [fired] = city.events(hazard, "timer.escalated")
    assert fired.firing == ("classify", 0, 0)
    assert sorted(city.name(p) for p in fired.data["told"]) == told
    assert fired.data["unreachable"] == missing


def test_a_role_that_has_ended_is_not_reached(city: City):
    hazard = city.report(major=True)
    city.control(hazard)
    with city.database.transaction(SYSTEM) as session:
        session.execute(
            sa.update(Membership)
            .where(Membership.person_id == city.person("何安全"))
            .values(ended_at=city.now)
        )

    city.fast_forward(hours=5)

    [fired] = city.events(hazard, "timer.escalated")
    assert [city.name(p) for p in fired.data["told"]] == ["韩总"]


def test_a_responsible_person_who_left_is_replaced_by_the_one_above(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    city.control(hazard)
    leave(city, "王班长")

    city.fast_forward(days=11)

    [first, *_] = [e for e in city.events(hazard, "timer.escalated") if e.data["timer"] == "rectify"]
    assert "赵经理" in [city.name(p) for p in first.data["told"]]
    assert "responsible" in first.data["unreachable"]
