"""What was cancelled and comes back is a new hazard that names the old one; the old record has ended and is not touched."""

import uuid

import pytest

from hazard_flow.errors import Refused
from tests.harness.city import City
from tests.harness.refusals import said


def test_it_is_a_new_hazard_that_names_the_old(city: City):
    old = city.bring_to(city.report(), "closed")
    city.fast_forward(days=30)

    new = city.relapse(old)

    assert (new.reopen_of_id, new.state, new.stage) == (old.id, "reported", "reported")
    assert new.number != old.number
    assert city.events(new)[0].data["reopen_of"] == str(old.id)
    assert "classify" in city.timers(new)
    assert city.look(old).seq == old.seq


def test_on_the_last_of_180_days_it_still_is(city: City):
    old = city.bring_to(city.report(), "closed")
    city.clock.move_to(old.closed_at)
    city.fast_forward(days=180)

    assert city.relapse(old).reopen_of_id == old.id


def test_a_second_later_it_is_no_relapse_any_more(city: City):
    old = city.bring_to(city.report(), "closed")
    city.fast_forward(days=180, seconds=1)

    with pytest.raises(Refused) as refusal:
        city.relapse(old)

    assert said(refusal) == {("reopen_of", "relapse_too_late")}
    assert refusal.value.fields[0].params == {"days": 180}
    assert len(city.hazards()) == 1


def test_an_open_one_does_not_relapse(city: City):
    old = city.bring_to(city.report(), "verified")

    with pytest.raises(Refused) as refusal:
        city.relapse(old)

    assert said(refusal) == {("reopen_of", "hazard_not_closed")}


def test_nor_what_was_nothing_or_went_into_another(city: City):
    dismissed, merged, kept = city.report(), city.report(), city.report()
    city.dismiss(dismissed)
    city.merge(merged, kept)

    for old in (dismissed, merged):
        with pytest.raises(Refused) as refusal:
            city.relapse(old)
        assert said(refusal) == {("reopen_of", "hazard_not_closed")}


def test_one_nobody_knows_or_of_somebody_else_is_refused(city: City):
    theirs = city.report(by="孙巡检")
    unknown = city.report()
    unknown.id = uuid.uuid4()

    for old in (theirs, unknown):
        with pytest.raises(Refused) as refusal:
            city.relapse(old)
        assert said(refusal) == {("reopen_of", "hazard_unknown")}


def test_everything_else_that_is_wrong_is_said_too(city: City):
    old = city.bring_to(city.report(), "verified")

    with pytest.raises(Refused) as refusal:
        city.relapse(old, description="短", evidence=[])

    assert ("reopen_of", "hazard_not_closed") in said(refusal)


def test_one_fixed_on_the_spot_may_relapse(city: City):
    old = city.report(suspected_urgency="C")
    city.fast_forward(minutes=2)
    city.fix_on_site(old)
    city.confirm_fix(old)

    assert city.relapse(old).reopen_of_id == old.id


def test_a_major_that_returns_is_reported_as_one(city: City):
    old = city.bring_to(city.report(major=True), "closed")

    new = city.relapse(old, suspected_level="major")

    assert (new.level, new.reopen_of_id) == ("major", old.id)
