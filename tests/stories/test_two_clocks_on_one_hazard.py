"""Minutes to make the place safe and days to mend it run side by side, each with its own end and its own ladder."""

from datetime import timedelta

import pytest

from tests.harness.city import City


def test_the_minutes_run_beside_the_days(city: City):
    hazard = city.bring_to(city.report(suspected_urgency="A"), "assigned")

    timers = city.timers(hazard)
    assert timers["control"].expires_at - hazard.found_at == timedelta(hours=24)  # B since it was classified
    assert timers["rectify"].expires_at - city.now == timedelta(days=10, hours=15)


def test_thirty_minutes_for_what_is_urgent_and_everybody_on_duty_hears(city: City):
    hazard = city.report(suspected_urgency="A")

    city.fast_forward(minutes=30)

    [first] = city.firings(hazard, "control")
    assert (first.after, first.told) == (timedelta(minutes=30), ("周调度", "王班长"))
    sent = {m.channel for m in city.told(hazard, template="escalation")}
    assert sent == {"inbox", "message", "phone"}


def test_making_it_safe_ends_the_minutes_not_the_days(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    before = city.timers(hazard)["rectify"]

    city.control(hazard)

    timers = city.timers(hazard)
    assert "control" not in timers
    assert (timers["rectify"].id, timers["rectify"].due_at) == (before.id, before.due_at)


def test_handing_in_ends_the_days_not_the_minutes(city: City):
    hazard = city.bring_to(city.report(), "submitted")

    assert city.timers(hazard).keys() == {"control", "verify"}
    city.fast_forward(hours=24)
    assert [f.level for f in city.firings(hazard, "control")][:1] == [0]


def test_unguarded_it_goes_up_within_hours_while_the_days_are_untouched(city: City):
    hazard = city.report(suspected_urgency="A")
    city.assign(hazard, urgency="A", due_at=city.day(5))

    city.fast_forward(hours=5)

    assert [f.told for f in city.firings(hazard, "control")] == [
        ("周调度", "王班长"), ("何安全",), ("唐监管",), ("梁处长", "陈处长"),
    ]  # fmt: skip
    assert city.firings(hazard, "rectify") == []
    assert city.look(hazard).colour == "red"


@pytest.mark.parametrize(("urgency", "hours"), [("B", 24), ("C", 72)])
def test_what_is_less_urgent_has_longer(city: City, urgency: str, hours: int):
    hazard = city.report(suspected_urgency=urgency)

    assert city.timers(hazard)["control"].expires_at - hazard.found_at == timedelta(hours=hours)


def test_found_offline_the_minutes_count_from_the_finding(city: City):
    found_at = city.now - timedelta(minutes=50)
    hazard = city.report(suspected_urgency="A", found_at=found_at.isoformat())

    city.tick()

    [fired] = city.events(hazard, "timer.escalated")
    assert fired.firing == ("control", 0, 0)
    assert fired.data["late_ms"] == timedelta(minutes=20).total_seconds() * 1000


def test_a_major_s_minutes_go_on_when_it_is_raised(city: City):
    hazard = city.bring_to(city.report(suspected_urgency="B"), "rectifying")
    city.fast_forward(minutes=20)

    city.escalate_to_major(hazard)

    assert city.timers(hazard)["control"].expires_at - hazard.found_at == timedelta(minutes=30)
