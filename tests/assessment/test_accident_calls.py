"""An accident calls the risk points at its place to be rated anew, once each."""

from tests.harness import risks
from tests.harness.city import City
from tests.harness.oversight import accident_does, happened


def called(city: City, code: str = "FX-001") -> set[tuple[str, str]]:
    """Trigger and cause of the open reviews of a point, once the feed is read."""
    risks.follow(city)
    return {(one.trigger, one.cause) for one in risks.open_reviews(city, code)}


def test_every_point_at_the_place_is_called_for_once(city: City):
    risks.point(city, "FX-001")
    risks.point(city, "FX-002")
    risks.point(city, "FX-003", asset="VW-9")
    city.fast_forward(minutes=5)
    accident = happened(city, asset="VW-1")
    for code, expected in (("FX-001", 1), ("FX-002", 1), ("FX-003", 0)):
        assert len(called(city, code)) == expected
    assert called(city) == {("accident", accident.number)}
    risks.rate(city, "FX-001", **risks.BLUE)
    assert called(city) == set(), "what was answered is not called for again"
    assert called(city, "FX-002") == {("accident", accident.number)}


def test_a_near_miss_calls_too_and_another_accident_calls_again(city: City):
    risks.point(city)
    city.fast_forward(minutes=5)
    missed = happened(city, asset="VW-1", kind="near_miss")
    assert called(city) == {("accident", missed.number)}
    second = happened(city, asset="VW-1")
    assert called(city) == {("accident", missed.number), ("accident", second.number)}


def test_a_point_entered_after_the_accident_was_rated_with_it_in_mind(city: City):
    happened(city, asset="VW-1")
    city.fast_forward(minutes=5)
    risks.point(city)
    assert called(city) == set()


def test_a_hazard_of_the_accident_names_the_point(city: City):
    risks.point(city, "FX-001")
    risks.point(city, "FX-002")
    hazard = city.report(asset="VW-1", suspected_urgency="A", risk_point="FX-002")
    accident = happened(city, hazard=hazard.number)
    assert called(city, "FX-002") == {("accident", accident.number)}


def test_a_place_linked_later_calls_then(city: City):
    risks.point(city, "FX-003", asset="VW-9")
    city.fast_forward(minutes=5)
    accident = happened(city)
    assert called(city, "FX-003") == set()
    accident_does(city, "link", accident, by="何安全", kind="asset", target="VW-9")
    assert called(city, "FX-003") == {("accident", accident.number)}
