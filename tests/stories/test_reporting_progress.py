"""Word of progress resets its own timer and nothing else."""

from datetime import timedelta

import pytest

from hazard_flow.errors import NotAllowed, Refused, StateConflict
from tests.harness.city import City
from tests.harness.refusals import said


def test_it_resets_its_own_timer_only(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    city.control(hazard)
    city.fast_forward(days=4)
    before = city.timers(hazard)

    city.progress(hazard)

    after = city.timers(hazard)
    assert after["rectify"].id == before["rectify"].id
    assert after["rectify"].due_at == before["rectify"].due_at
    assert after["progress"].started_at == city.now
    assert after["progress"].expires_at > before["progress"].expires_at
    assert city.look(hazard).due_at == hazard.due_at


def test_missed_it_climbs_and_word_of_progress_ends_that(city: City):
    hazard = city.report()
    city.assign(hazard, due_at=city.day(30))
    city.accept(hazard)
    city.control(hazard)
    city.fast_forward(days=9)
    assert [f.level for f in city.firings(hazard, "progress")] == [0, 1]

    city.progress(hazard)
    city.fast_forward(days=6)

    assert [f.level for f in city.firings(hazard, "progress")] == [0, 1]


def test_a_major_reports_every_week(city: City):
    hazard = city.bring_to(city.report(major=True), "rectifying")

    assert city.timers(hazard)["progress"].expires_at - city.now == timedelta(days=7, hours=15)


def test_it_is_kept_for_all_to_read(city: City):
    hazard = city.bring_to(city.report(), "rectifying")

    city.progress(hazard, percent=60, note="井圈已浇筑")

    event = city.events(hazard)[-1]
    assert event.data["fields"] == {"percent": 60, "note": "井圈已浇筑"}
    assert city.look(hazard).state == "rectifying"


def test_others_do_not_and_not_before_it_is_accepted(city: City):
    hazard = city.bring_to(city.report(), "assigned")
    with pytest.raises(StateConflict):
        city.progress(hazard)

    city.accept(hazard)
    with pytest.raises(NotAllowed):
        city.progress(hazard, by="何安全")
    with pytest.raises(Refused) as refusal:
        city.progress(hazard, percent=120)
    assert {field for field, _ in said(refusal)} == {"percent"}
