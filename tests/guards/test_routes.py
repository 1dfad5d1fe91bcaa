"""Every route of the whole application: who may call it, what protects it, and whether the API says what it does."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator
from werkzeug.routing import AnyConverter, Rule, UUIDConverter

from hazard_flow import app as composition
from hazard_flow.settings import load_settings
from hazard_flow.web.auth import SAFE_METHODS, openness
from hazard_flow.web.openapi import build, declared

#: Anybody may call these; each is here on purpose, and the list is read when it grows.
PUBLIC = {
    "static",  # style sheets, scripts, fonts
    "api.openapi",  # the description of the API
    "health.livez", "health.readyz", "health.watchz",  # asked by load balancers and watchdogs
    "health.metrics",  # judges by itself: this machine or a token
    "tls.page", "tls.certificate",  # how a tablet comes to trust this server, before it does
    "help.page",  # the manual, needed before the first sign-in
    "people.sign_in_form", "people.sign_in_try", "people.sign_out_now", "people.language",
    "session_api.open_one", "session_api.close",  # the field app's way in and out, beside the desk's
    "assets.label",  # the address in an asset's QR code: shows nothing, leads on
    "reports.verify",  # the address in a closure file's QR code
    # the field app opens signed out; it is the same for everybody
    "field.app", "field.screen", "field.asset", "field.worker", "field.version", "field.words", "field.web_manifest",
    # whoever reads the code at an asset reports without an account, and asks by a code how it stands
    "public_front.form", "public_front.form_at", "public_front.hand_in", "public_front.thanks", "public_front.state",
    "reports.drop", "reports.dropped",  # whoever holds a closure file may check it; nothing is kept
}  # fmt: skip
#: Programs with a secret of their own in the address.
MACHINES = {"telemetry.receive"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = Path(tmp_path_factory.mktemp("whole"))
    settings = load_settings({}, DATA_DIR=folder, SECRET_KEY="k" * 40)
    composition.upgrade(settings)
    application = composition.build(settings)
    yield composition.create_web(application)
    application.database.dispose()


def rules(app: Flask) -> list[Rule]:
    return sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)


def filled(rule: Rule) -> str:
    """An address of the route with something in every place."""
    return re.sub(r"<(?:[^<>]+:)?([^<>:]+)>", lambda found: _value(rule._converters[found[1]]), rule.rule)


def _value(converter: object) -> str:
    if isinstance(converter, UUIDConverter):
        return "00000000-0000-0000-0000-000000000000"
    return next(iter(converter.items)) if isinstance(converter, AnyConverter) else "1"


def test_the_open_routes_are_exactly_the_listed_ones(whole: Flask):
    found: dict[str, set[str]] = {"public": set(), "machine": set(), "": set()}
    for rule in rules(whole):
        kind = openness(whole, rule.endpoint)
        found[kind].add("static" if rule.endpoint.endswith("static") else rule.endpoint)

    assert found["public"] == PUBLIC
    assert found["machine"] == MACHINES


def test_every_other_route_asks_for_a_sign_in(whole: Flask):
    client = whole.test_client()
    open_to_strangers = []
    for rule in rules(whole):
        if openness(whole, rule.endpoint):
            continue
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            answer = client.open(filled(rule), method=method)
            away = answer.status_code == 303 and answer.location.startswith("/sign-in")
            if not away and answer.status_code != 401:
                open_to_strangers.append(f"{method} {rule.rule}: {answer.status_code}")

    assert open_to_strangers == []


def test_no_unsafe_route_can_be_called_from_another_site(whole: Flask):
    client = whole.test_client()
    unprotected = []
    for rule in rules(whole):
        if openness(whole, rule.endpoint) == "machine":
            continue
        for method in sorted((rule.methods or set()) - SAFE_METHODS):
            headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
            answer = client.open(filled(rule), method=method, headers=headers)
            if answer.status_code not in (401, 403) and not (
                answer.status_code == 303 and "/sign-in" in answer.location
            ):
                unprotected.append(f"{method} {rule.rule}: {answer.status_code}")

    assert unprotected == []


def test_reading_changes_nothing(whole: Flask):
    """A route that changes something does not answer GET."""
    mixed = [
        r.rule
        for r in rules(whole)
        if (r.methods or set()) & SAFE_METHODS - {"OPTIONS"} and (r.methods or set()) - SAFE_METHODS
    ]

    assert mixed == []


def test_every_route_of_the_api_says_what_it_does(whole: Flask):
    silent = [
        rule.rule for rule in rules(whole)
        if rule.rule.startswith("/api/v1/") and rule.endpoint != "api.openapi" and declared(whole, rule.endpoint) is None
    ]  # fmt: skip

    assert silent == []


def test_the_description_of_the_whole_api_is_valid(whole: Flask):
    assert list(OpenAPIV31SpecValidator(build(whole)).iter_errors()) == []


def test_every_answer_carries_the_policy(whole: Flask):
    client = whole.test_client()
    for rule in rules(whole):
        if "GET" in (rule.methods or set()) and rule.endpoint != "static":
            headers = client.get(filled(rule)).headers
            assert "default-src" in headers["Content-Security-Policy"], rule.rule
            assert headers["X-Content-Type-Options"] == "nosniff", rule.rule
