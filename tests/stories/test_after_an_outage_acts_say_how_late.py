"""What happens by itself happens after an outage as well, once, and its event says how late it came."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.harness.city import City

OUTAGE = timedelta(days=20)


def extension(city: City):
    hazard = city.report()
    city.assign(hazard, due_at=city.day(25))
    city.accept(hazard)
    city.request_extension(hazard, days=40)
    return hazard


def lowering(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    city.request_lowering(hazard)
    return hazard


def major_lowering(city: City):
    hazard = city.bring_to(city.report(major=True), "rectifying")
    city.request_lowering(hazard)
    return hazard


def unnotified(city: City):
    return city.report("地下室内使用液化气灶具", catalogue_code="RES-M01", source="household_check")


CASES = [
    (extension, "extension_decision", "lapse_extension"),
    (lowering, "lowering_decision", "lapse_lowering"),
    (major_lowering, "lowering_decision", "lapse_lowering"),
    (unnotified, "written_notice", "upgrade_unnotified"),
]


@pytest.mark.parametrize(("begin", "timer", "action"), CASES, ids=[c[0].__name__ for c in CASES])
def test_each_automatic_act_says_how_late(city: City, begin: Callable, timer: str, action: str):
    hazard = begin(city)
    expires_at = city.timers(hazard)[timer].expires_at
    start = city.now

    city.outage(days=20)
    city.tick()

    [event] = [e for e in city.events(hazard) if e.action == action]
    assert event.at == start + OUTAGE
    assert event.data["silent"] == {
        "timer": timer,
        "due_at": expires_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "late_ms": (start + OUTAGE - expires_at).total_seconds() * 1000,
    }
    assert timer not in city.timers(hazard)
    assert [e for e in city.events(hazard, "timer.reminded") if e.data["timer"] == timer] == []


@pytest.mark.parametrize("workers", [2, 4])
def test_many_workers_let_it_happen_once(city: City, workers: int):
    hazards = [extension(city) for _ in range(4)]
    city.workers = workers

    city.fast_forward(days=3)

    for hazard in hazards:
        assert city.actions(hazard).count("lapse_extension") == 1


def test_a_notice_that_climbs_says_it_too(city: City):
    hazard = city.bring_to(city.report(major=True), "rectifying")
    city.control(hazard)
    due_at = city.timers(hazard)["report_regulator"].expires_at

    city.outage(hours=30)

    [fired] = [e for e in city.events(hazard, "timer.escalated") if e.data["timer"] == "report_regulator"]
    assert fired.data["late_ms"] == (city.now - due_at).total_seconds() * 1000


def test_the_act_refused_the_ladder_is_climbed_instead_and_tried_again(city: City):
    """A request withdrawn by a change of workflow leaves no timer behind that could act on it."""
    hazard = extension(city)
    city.submit(hazard)
    city.verify(hazard)

    city.fast_forward(days=3)

    assert city.look(hazard).state == "verified"  # silence settles the request wherever the hazard has gone
    assert "lapse_extension" in city.actions(hazard)
