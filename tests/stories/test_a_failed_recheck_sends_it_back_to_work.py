"""A failed re-check gives a new, shorter deadline and is counted; the first deadline is never forgotten."""

from datetime import UTC, datetime

import pytest

from hazard_flow.errors import Refused
from tests.harness.city import City
from tests.harness.refusals import said


def test_a_new_deadline_is_set_and_the_failure_counted(city: City):
    hazard = city.bring_to(city.report(), "submitted")
    first_due = hazard.due_at

    city.fail(hazard, due_at="2026-11-14")

    again = city.look(hazard)
    assert (again.state, again.stage) == ("rectifying", "rectifying")
    assert again.counters == {"failed_recheck": 1}
    assert again.due_at == datetime(2026, 11, 14, 16, tzinfo=UTC)  # 24:00 in the city
    assert again.original_due_at == first_due
    assert city.timers(hazard)["rectify"].expires_at == again.due_at
    assert [m.who for m in city.told(hazard, template="failed")] == ["王班长", "王班长"]


def test_failures_add_up(city: City):
    hazard = city.bring_to(city.report(), "submitted")
    city.fail(hazard)
    city.submit(hazard)
    city.fail(hazard)

    assert city.look(hazard).counters == {"failed_recheck": 2}


def test_the_new_period_is_at_most_half_the_old_one(city: City):
    hazard = city.bring_to(city.report(), "submitted")  # ten days were given

    with pytest.raises(Refused) as refusal:
        city.fail(hazard, due_at=city.day(17))

    assert {field for field, _ in said(refusal)} == {"due_at"}
    city.fail(hazard, due_at=city.day(15))


def test_the_photos_of_the_first_try_do_not_serve_the_second(city: City):
    hazard = city.bring_to(city.report(), "submitted")
    city.fail(hazard)

    with pytest.raises(Refused) as refusal:
        city.submit(hazard, evidence=[])

    assert said(refusal) == {("evidence", "evidence_missing"), ("evidence", "evidence_pair_missing")}


def test_the_rechecker_brings_a_photo_of_their_own(city: City):
    hazard = city.bring_to(city.report(), "submitted")

    with pytest.raises(Refused) as refusal:
        city.verify(hazard, evidence=[])

    assert said(refusal) == {("evidence", "evidence_missing")}
