"""What each role sees: a regulator its division, an enterprise itself, an inspector the own team, an administrator no hazard."""

import pytest

from hazard_flow.identity.actor import Actor, Holding, system_actor
from hazard_flow.identity.rights import RIGHTS, demand, may
from hazard_flow.identity.roles import ABOVE, REGULATOR_ROLES, ROLE_LABELS, ROLES, division_prefix
from hazard_flow.storage.scope import SYSTEM
from tests.harness.cast import HENGCHUAN
from tests.harness.city import City


@pytest.mark.parametrize(
    ("who", "units"),
    [("李巡检", ["运行一班"]), ("赵经理", ["恒川运行部"]), ("何安全", [HENGCHUAN]), ("钱管理", [])],
)
def test_people_of_an_enterprise_see_their_own_unit_and_what_is_below(city: City, who: str, units: list[str]):
    scope = city.actor(who).scope

    assert scope.paths == tuple(city.founded.paths[unit] for unit in units)
    assert scope.divisions == ()
    assert scope.homes == (city.founded.paths[HENGCHUAN],)


@pytest.mark.parametrize(("who", "prefix"), [("唐监管", "990102"), ("方监管", "990103"), ("陈处长", "9901")])
def test_a_regulator_sees_its_division(city: City, who: str, prefix: str):
    scope = city.actor(who).scope

    assert (scope.paths, scope.divisions) == ((), (prefix,))
    assert not scope.everything


def test_the_system_sees_everything():
    assert system_actor("timers").scope is SYSTEM


@pytest.mark.parametrize(
    ("code", "prefix"),
    [
        ("990000", "99"),
        ("990100", "9901"),
        ("990102", "990102"),
        ("990102001", "990102001"),
        ("100000", "10"),
    ],
)
def test_the_part_of_a_code_its_subdivisions_share(code: str, prefix: str):
    assert division_prefix(code) == prefix


def test_roles_are_held_towards_a_place(city: City):
    hazard = city.report(by="李巡检")

    def held(who: str) -> set[str]:
        return set(city.actor(who).roles_at(path=hazard.path, division=hazard.division))

    assert held("王班长") == {"team_leader"}
    assert held("何安全") == {"safety_director"}
    assert held("陈处长") == {"city_officer"}
    assert held("方监管") == held("吴班长") == held("马安全") == set()


def test_nobody_gets_a_role_from_an_organisation_whose_id_only_begins_alike():
    import uuid

    holding = Holding("team_leader", uuid.uuid4(), "abc/", "990102", regulator=False)
    actor = Actor(kind="person", key="person:x", id=uuid.uuid4(), holdings=(holding,))

    assert actor.roles_at(path="abc/def/", division="990102") == {"team_leader"}
    assert actor.roles_at(path="abcd/", division="990102") == set()


def test_an_administrator_has_no_right_on_hazards(city: City):
    from hazard_flow.errors import NotAllowed

    actor = city.actor("钱管理")
    assert may(actor, "people.write")
    for right in ("hazards.read", "hazards.report", "assets.write", "alarms.read"):
        assert not may(actor, right)
        with pytest.raises(NotAllowed):
            demand(actor, right)


def test_every_right_is_held_by_known_roles():
    assert {role for roles in RIGHTS.values() for role in roles} <= set(ROLES)


def test_every_way_up_ends_at_the_highest_regulator():
    for start in {*ABOVE, *REGULATOR_ROLES}:
        role, steps = start, 0
        while role != "highest_regulator":
            role, steps = ABOVE[role], steps + 1
            assert steps < 20, start


def test_every_role_has_a_name_in_both_languages():
    for role in (*ROLES, *ABOVE, "system", "holder", "highest_regulator"):
        assert ROLE_LABELS[role].zh
        assert ROLE_LABELS[role].en
