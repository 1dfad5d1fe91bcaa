"""What something outside holds up is suspended until a day it is looked at again; the place stays guarded and the deadline runs on."""

from datetime import timedelta

import pytest

from hazard_flow.errors import NotAllowed, Refused, StateConflict
from tests.harness.city import City
from tests.harness.refusals import said


def suspended(city: City, *, major: bool = False):
    hazard = city.bring_to(city.report(major=major), "rectifying")
    city.control(hazard)
    city.suspend(hazard)
    return city.look(hazard)


def test_the_deadline_runs_on_beside_the_day_of_review(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    city.control(hazard)
    before = city.timers(hazard)["rectify"]

    city.suspend(hazard, days=14)

    blocked = city.look(hazard)
    assert (blocked.state, blocked.stage, blocked.due_at) == ("blocked", "rectifying", hazard.due_at)
    timers = city.timers(hazard)
    assert timers.keys() == {"review", "rectify"}
    assert timers["rectify"].id == before.id
    assert timers["review"].expires_at - city.now == timedelta(days=14, hours=15)


def test_past_its_deadline_it_climbs_like_any_other(city: City):
    hazard = suspended(city)

    city.fast_forward(days=12)

    assert city.firings(hazard, "rectify")[0].told == ("王班长", "赵经理")


def test_nobody_looks_again_on_the_day_and_that_climbs_too(city: City):
    hazard = suspended(city)

    city.fast_forward(days=15)

    [reminder] = [e for e in city.events(hazard, "timer.reminded") if e.data["timer"] == "review"]
    assert {city.name(p) for p in reminder.data["told"]} == {"何安全"}
    assert city.firings(hazard, "review")[0].level == 0


def test_looked_at_again_it_has_a_new_day(city: City):
    hazard = suspended(city)
    city.fast_forward(days=10)

    city.review(hazard, days=10)

    review = city.timers(hazard)["review"]
    assert review.expires_at - city.now == timedelta(days=10, hours=15)
    assert city.look(hazard).state == "blocked"
    city.fast_forward(days=10)
    assert city.firings(hazard, "review") == []


def test_the_way_free_the_work_goes_on(city: City):
    hazard = suspended(city)
    rectify = city.timers(hazard)["rectify"].id

    city.resume(hazard)

    assert city.look(hazard).state == "rectifying"
    assert city.timers(hazard).keys() == {"rectify", "progress"}
    assert city.timers(hazard)["rectify"].id == rectify
    city.submit(hazard)


def test_suspended_once_more_it_is_looked_at_on_the_new_day(city: City):
    hazard = suspended(city)
    city.fast_forward(days=3)
    city.resume(hazard)

    city.suspend(hazard, days=5)

    assert city.timers(hazard)["review"].expires_at - city.now == timedelta(days=5, hours=15)


def test_an_unguarded_place_is_not_suspended(city: City):
    hazard = city.bring_to(city.report(), "rectifying")

    with pytest.raises(Refused) as refusal:
        city.suspend(hazard)

    assert said(refusal) == {("guard", "control_open")}


def test_the_review_is_at_most_thirty_days_ahead(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    city.control(hazard)

    with pytest.raises(Refused) as refusal:
        city.suspend(hazard, days=31, reason="等", monitoring="看")
    assert said(refusal) == {("review_at", "too_late"), ("reason", "too_short"), ("monitoring", "too_short")}

    city.suspend(hazard, days=30)


def test_who_mends_does_not_suspend(city: City):
    hazard = city.report()
    city.assign(hazard, responsible=city._id("何安全"))
    city.accept(hazard)
    city.control(hazard)

    with pytest.raises(Refused) as refusal:
        city.suspend(hazard, by="何安全")
    assert said(refusal) == {("separation", "own_work")}
    with pytest.raises(NotAllowed):
        city.suspend(hazard, by="赵经理")


def test_a_major_is_suspended_by_the_regulator_only(city: City):
    hazard = city.bring_to(city.report(major=True), "rectifying")
    city.control(hazard)

    with pytest.raises(NotAllowed):
        city.suspend(hazard, by="何安全")
    city.suspend(hazard, by="唐监管")
    with pytest.raises(NotAllowed):
        city.review(hazard, by="何安全")


def test_what_is_not_suspended_is_neither_reviewed_nor_resumed(city: City):
    hazard = city.bring_to(city.report(), "rectifying")

    for act in (city.review, city.resume):
        with pytest.raises(StateConflict):
            act(hazard)


def test_time_may_be_asked_for_while_it_is_suspended(city: City):
    hazard = suspended(city)

    city.request_extension(hazard, days=15)
    city.decide_extension(hazard)

    assert city.look(hazard).due_at == city.timers(hazard)["rectify"].expires_at
    assert city.look(hazard).due_at - hazard.due_at == timedelta(days=5)
