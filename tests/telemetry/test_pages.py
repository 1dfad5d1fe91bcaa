"""The card on a hazard's page: the curve, each episode, and what must not be taken for normal; in both languages."""

from pathlib import Path

import pytest
from flask import Flask

from hazard_flow.clock import VirtualClock
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.actor import system_actor
from hazard_flow.settings import load_settings
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry.api import blueprint
from hazard_flow.telemetry.pages import hazard_panel
from hazard_flow.web.context import Kernel
from hazard_flow.web.shell import make_web
from tests.telemetry.city import START, City
from tests.telemetry.payloads import AFTERNOON, bodies


@pytest.fixture
def web(small_city: City, tmp_path: Path) -> Flask:
    settings = load_settings({}, DATA_DIR=tmp_path, SECRET_KEY="k" * 40)
    return make_web(
        Kernel(settings=settings, database=small_city.database, clock=VirtualClock(START)), (blueprint,)
    )


def card(city: City, web: Flask, language: str) -> str:
    with (
        web.test_request_context("/", headers={"Accept-Language": language}),
        city.database.reading(SYSTEM) as session,
    ):
        hazard = session.get_one(Hazard, city.hazard().id)
        return str(hazard_panel(session, system_actor("test"), hazard, language))


def test_measured_alarms_show_their_curve_and_the_rule(small_city: City, web: Flask) -> None:
    small_city.measure("G-101", 2, 3, 30, 60, 60, 60, 62)
    small_city.drain()
    english = card(small_city, web, "en")
    assert '<svg class="curve"' in english
    assert "3 of the last 5 samples at or above 25 %LEL" in english
    assert "peak 62 %LEL" in english
    assert "最近 5 个样本中有 3 个达到 25 %LEL" in card(small_city, web, "zh")


def test_reported_alarms_show_each_episode_and_what_was_never_said_to_end(
    small_city: City, web: Flask
) -> None:
    for number in AFTERNOON:
        small_city.post(*bodies(number))
    english = card(small_city, web, "en")
    assert '<svg class="curve"' not in english
    assert "Signal normal since" in english
    assert "the sender never said it ended" in english
    assert "Blind" in english
    assert "no samples were received" in english


def test_no_words_of_a_sender_become_markup(small_city: City, web: Flask) -> None:
    small_city.post(bodies("01")[0].replace(b"G-101 30 %LEL >= 25", b"<img src=x onerror=alert(1)>"))
    assert "<img" not in card(small_city, web, "en")


def test_a_hazard_without_alarms_has_no_card(small_city: City, web: Flask) -> None:
    small_city.measure("G-101", 60, 60, 60)
    small_city.drain()
    with web.test_request_context("/"), small_city.database.reading(SYSTEM) as session:
        assert hazard_panel(session, system_actor("test"), Hazard(id=small_city.enterprise_id), "zh") is None
