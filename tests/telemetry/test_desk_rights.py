"""The matrix of role and route: who may look at the desk, who may act, who may hide and who may take a device out."""

from pathlib import Path

import pytest
from flask import Flask

from hazard_flow.clock import VirtualClock
from hazard_flow.i18n import Label
from hazard_flow.identity.models import Organisation, Person
from hazard_flow.identity.operations import add_organisation, add_person, add_token
from hazard_flow.identity.roles import REGULATOR_ROLES, ROLES
from hazard_flow.settings import load_settings
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry.desk import api, pages
from hazard_flow.web.context import Kernel
from hazard_flow.web.openapi import declared
from hazard_flow.web.shell import make_web
from tests.telemetry.city import START
from tests.telemetry.desk_city import DeskCity

LOOK = {
    "duty_desk", "team_leader", "dept_manager", "safety_director", "enterprise_principal", "county_officer", "city_officer",
    "provincial_officer",
}  # fmt: skip
HANDLE = {"duty_desk", "team_leader", "dept_manager", "safety_director"}
HIDE = {"duty_desk", "dept_manager", "safety_director"}
SUPPRESS = {"dept_manager", "safety_director"}
SHELF = {"kind": "shelved", "reason": "等待检修", "hours": 2}
ROUTES = [
    ("GET", "/alarms", None, LOOK),
    ("GET", "/alarms/performance", None, LOOK),
    ("GET", "/alarms/{id}", None, LOOK),
    ("POST", "/alarms/{id}/acknowledgement", {}, HANDLE),
    ("POST", "/alarms/{id}/response", {"note": "北片班"}, HANDLE),
    ("POST", "/alarms/{id}/feedback", {"cause": "test"}, HANDLE),
    ("POST", "/alarms/{id}/archive", {}, HANDLE),
    ("POST", "/alarms/{id}/hiding", SHELF, HIDE),
    ("POST", "/alarms/{id}/showing", {}, HIDE),
    ("POST", "/alarms/acknowledgements", {}, HANDLE),
    ("GET", "/api/v1/alerts", None, LOOK),
    ("GET", "/api/v1/alerts/figures", None, LOOK),
    ("GET", "/api/v1/alerts/{id}", None, LOOK),
    ("POST", "/api/v1/alerts/{id}/acknowledgement", {}, HANDLE),
    ("POST", "/api/v1/alerts/{id}/response", {"note": "北片班"}, HANDLE),
    ("POST", "/api/v1/alerts/{id}/feedback", {"cause": "test"}, HANDLE),
    ("POST", "/api/v1/alerts/{id}/archive", {}, HANDLE),
    ("POST", "/api/v1/alerts/{id}/hiding", SHELF, HIDE),
    ("POST", "/api/v1/alerts/{id}/hiding", {**SHELF, "kind": "suppressed"}, SUPPRESS),
    ("POST", "/api/v1/alerts/{id}/hiding", {**SHELF, "kind": "out_of_service", "work_order": "W"}, SUPPRESS),
    ("POST", "/api/v1/alerts/{id}/showing", {}, HIDE),
]


@pytest.fixture
def web(small_desk: DeskCity, tmp_path: Path) -> Flask:
    settings = load_settings({}, DATA_DIR=tmp_path, SECRET_KEY="k" * 40)
    kernel = Kernel(settings=settings, database=small_desk.city.database, clock=VirtualClock(START))
    return make_web(kernel, (pages.blueprint, api.blueprint))


def tokens(desk: DeskCity) -> dict[str, str]:
    """A token of one person in each role, where such people belong."""
    found = {}
    with desk.city.database.transaction(SYSTEM) as session:
        enterprise = session.get_one(Organisation, desk.city.enterprise_id)
        regulator = add_organisation(
            session, kind="regulator", label=Label(zh="区局", en="Office"), division="320107", now=START
        )
        for role in ROLES:
            person = add_person(
                session, username=f"m-{role}", name=role, organisation=regulator if role in REGULATOR_ROLES else enterprise,
                roles=(role,), password="a long password", now=START,
            )  # fmt: skip
            assert isinstance(person, Person)
            found[role] = add_token(session, person=person, name=role, now=START, rights="read,write")
    return found


def test_each_role_reaches_exactly_its_routes(small_desk: DeskCity, web: Flask) -> None:
    alert, wrong = small_desk.alarm(), []
    client = web.test_client()
    for role, token in tokens(small_desk).items():
        for method, route, body, allowed in ROUTES:
            path = route.format(id=alert.id)
            given = {"json" if "/api/" in path else "data": body} if body is not None else {}
            answer = client.open(path, method=method, headers={"Authorization": f"Bearer {token}"}, **given)
            if (answer.status_code != 403) != (role in allowed):
                wrong.append(f"{role} {method} {path} {body}: {answer.status_code}")
            assert answer.status_code < 500, (path, answer.text)
    assert wrong == []


def test_the_matrix_names_every_route(web: Flask) -> None:
    named = {(method, path.replace("{id}", "<uuid:alert_id>")) for method, path, _, _ in ROUTES}
    blueprints = (pages.blueprint.name, api.blueprint.name)
    there = {
        (method, rule.rule)
        for rule in web.url_map.iter_rules()
        if rule.endpoint.split(".")[0] in blueprints and not rule.endpoint.endswith("static")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert there == named
    assert all(
        declared(web, rule.endpoint)
        for rule in web.url_map.iter_rules()
        if rule.endpoint.startswith(f"{api.blueprint.name}.")
    )
