"""What proves to be nothing is dismissed with a reason, by somebody who did not report it, once the place is no longer guarded."""

import pytest

from hazard_flow.errors import NotAllowed, Refused
from tests.harness.city import City
from tests.harness.refusals import said


def test_a_dismissed_hazard_is_closed_but_does_not_count_as_rectified(city: City):
    hazard = city.report()

    city.dismiss(hazard)

    gone = city.look(hazard)
    assert (gone.stage, gone.resolution) == ("closed", "dismissed")
    assert city.timers(hazard) == {}


def test_nobody_dismisses_their_own_report(city: City):
    hazard = city.report(by="何安全", unit="运行一班")

    with pytest.raises(Refused) as refusal:
        city.dismiss(hazard, by="何安全")

    assert said(refusal) == {("separation", "own_work")}


def test_a_guarded_place_must_be_released_first(city: City):
    hazard = city.report()
    city.control(hazard)

    with pytest.raises(Refused) as refusal:
        city.dismiss(hazard)
    assert said(refusal) == {("guard", "no_open_control")}

    city.lift_control(hazard)
    city.dismiss(hazard)


def test_a_suspected_major_is_dismissed_by_the_regulator_only(city: City):
    hazard = city.report(major=True)

    with pytest.raises(NotAllowed):
        city.dismiss(hazard, by="何安全")
    city.dismiss(hazard, by="唐监管")


def test_an_alarm_is_only_dismissed_on_a_reading_taken_on_the_spot(city: City):
    [opened] = city.apply([city.alarm_report()])

    with pytest.raises(Refused) as refusal:
        city.dismiss(opened.hazard)
    assert said(refusal) == {("guard", "reading_taken_on_site_if_alarm")}

    city.dismiss(opened.hazard, leak_reading="0", leak_unit="pct_lel")
