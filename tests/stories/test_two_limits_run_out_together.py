"""Two limits of one hazard are due in one look, and the act the first one brings leaves the second without meaning."""

from hazard_flow.hazards.models import Hazard
from tests.harness.city import City


def late_notice_with_a_request(city: City) -> Hazard:
    hazard = city.report(
        "灶具连接软管老化开裂", catalogue_code="RES-M01", source="household_check", suspected_urgency="A"
    )
    city.request_lowering(hazard)
    return hazard


def test_a_request_that_lost_its_meaning_is_asked_about_no_more(city: City) -> None:
    """By itself it became a major, and with that the request to take it for less was void: nobody is told to decide it."""
    hazard = late_notice_with_a_request(city)

    city.outage(days=5)

    [raised] = [e for e in city.events(hazard) if e.action == "upgrade_unnotified"]
    assert raised.data["void"] == ["lowering"]
    assert "lowering_decision" not in city.timers(hazard)
    told = [e.data["timer"] for e in city.events(hazard, "timer.escalated")]
    assert "lowering_decision" not in told
    [void] = city.events(hazard, "timer.void")
    assert void.data["timer"] == "lowering_decision"


def test_what_goes_on_under_the_other_workflow_has_its_turn_once(city: City) -> None:
    """The make-safe clock was due in the same look; it climbs on from where it stood, one step a look."""
    hazard = late_notice_with_a_request(city)

    city.outage(days=5)
    city.fast_forward(hours=9)

    steps = [
        (e.data["level"], e.data["cycle"])
        for e in city.events(hazard, "timer.escalated")
        if e.data["timer"] == "control"
    ]
    assert len(steps) == len(set(steps)) > 2
    assert {level for level, _ in steps} == {3}
