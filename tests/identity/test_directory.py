"""Who is reached in which role: the nearest unit that has somebody, then the next one up."""

import uuid

import pytest
import sqlalchemy as sa

from hazard_flow.identity.directory import Directory, Parts
from hazard_flow.identity.models import Person
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City


def reach(
    city: City, *addressees: str, holder: str | None = None, unit: str = "运行一班", **people: str
) -> tuple[list[str], list[str]]:
    parts = Parts(
        path=city.founded.paths[unit],
        division="990103" if unit.startswith("安平") else "990102",
        holder=holder,
        **{part: city.person(name) for part, name in people.items() if part != "verifiers"},
        verifiers=(city.person(people["verifiers"]),) if "verifiers" in people else (),
    )
    with city.database.reading(SYSTEM) as session:
        directory = Directory.load(
            session, paths=[parts.path], people=[city.person(n) for n in people.values()]
        )
        told = directory.tell(addressees, parts)
    return sorted(city.name(p) for p in told.people), list(told.unreachable)


@pytest.mark.parametrize(
    ("unit", "role", "people"),
    [
        ("运行一班", "team_leader", ["王班长"]),
        ("运行二班", "team_leader", ["吴班长"]),
        ("运行一班", "dept_manager", ["赵经理"]),
        ("运行一班", "safety_director", ["何安全"]),
        ("恒川安全部", "safety_director", ["孟安全"]),  # the nearest, not all levels at once
        ("运行一班", "county_officer", ["唐监管"]),
        ("安平巡检班", "county_officer", ["方监管"]),
        ("运行一班", "city_officer", ["梁处长", "陈处长"]),
        ("运行一班", "safety_committee", ["卢主任"]),
        ("安平巡检班", "highest_regulator", ["梁处长", "陈处长"]),
    ],
)
def test_the_nearest_unit_that_has_somebody(city: City, unit: str, role: str, people: list[str]):
    assert reach(city, role, unit=unit) == (people, [])


def test_relations_are_people(city: City):
    given = {"reporter": "李巡检", "responsible": "王班长", "verifiers": "徐复查", "closer": "孟安全"}

    for relation, name in given.items():
        assert reach(city, relation, **given) == ([name], [])
        assert reach(city, "holder", holder=relation, **given) == ([name], [])


@pytest.mark.parametrize(
    ("holder", "people"),
    [("responsible", ["赵经理"]), ("verifiers", ["何安全"]), ("safety_director", ["韩总"])],
)
def test_above_the_holder(city: City, holder: str, people: list[str]):
    assert reach(city, "above holder", holder=holder)[0] == people


def test_a_missing_role_is_climbed_over_and_named(city: City):
    assert reach(city, "team_leader", unit="安平巡检班") == (["马安全"], ["team_leader", "dept_manager"])
    assert reach(city, "provincial_officer") == (["梁处长", "陈处长"], ["provincial_officer"])


def test_nobody_is_told_twice(city: City):
    people, _ = reach(city, "safety_director", "above holder", "safety_director", holder="dept_manager")

    assert people == ["何安全"]


def test_who_left_is_not_reached(city: City):
    with city.database.transaction(SYSTEM) as session:
        session.execute(sa.update(Person).where(Person.id == city.person("王班长")).values(active=False))

    assert reach(city, "team_leader") == (["赵经理"], ["team_leader"])
    assert reach(city, "responsible", responsible="王班长") == (["赵经理"], ["responsible"])


def test_who_may_be_named(city: City):
    stranger, officer, wang = city.person("孙巡检"), city.person("唐监管"), city.person("王班长")
    home = city.founded.paths["恒川燃气"]
    with city.database.reading(SYSTEM) as session:
        directory = Directory.load(
            session, paths=[city.founded.paths["运行一班"]], people=[stranger, officer, wang]
        )

    assert directory.works_in(wang, home)
    assert not directory.works_in(stranger, home)
    assert not directory.works_in(uuid.uuid4(), home)
    assert directory.has_role(wang, "team_leader", home)
    assert not directory.has_role(wang, "safety_director", home)
    assert directory.is_regulator(officer, "990102")
    assert not directory.is_regulator(officer, "990103")
    assert not directory.is_regulator(wang, "990102")


@pytest.mark.parametrize("who", ["李巡检", "何安全", "唐监管", "陈处长"])
def test_people_find_the_same_ones_as_the_system(city: City, who: str):
    """Row-level security must not hide from an actor whom the ladder would reach."""
    path = city.founded.paths["运行一班"]
    parts = Parts(path=path, division="990102")
    found = []
    for scope in (SYSTEM, city.actor(who).scope):
        with city.database.reading(scope) as session:
            directory = Directory.load(session, paths=[path])
            found.append(
                directory.tell(
                    ["team_leader", "safety_director", "county_officer", "highest_regulator"], parts
                )
            )
    assert found[0] == found[1]
