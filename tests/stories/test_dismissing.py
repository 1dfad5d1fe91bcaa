"""What proves to be nothing is dismissed with a reason, by somebody who did not report it, once the place is no longer guarded."""

import pytest

from hazard_flow.errors import NotAllowed, NotFound, Refused, StateConflict
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


def test_what_an_officer_found_only_an_officer_dismisses(city: City):
    hazard = city.report(by="唐监管", source="regulator_inspection", asset="VW-1")
    city.hire("秦监管", "城东区燃气管理局", "county_officer")

    with pytest.raises(Refused) as refusal:
        city.dismiss(hazard, by="何安全")
    assert said(refusal) == {("guard", "finder_side_dismisses")}
    with pytest.raises(Refused) as own:
        city.dismiss(hazard, by="唐监管")
    assert said(own) == {("separation", "own_work")}

    city.dismiss(hazard, by="秦监管")


def test_the_reporter_hears_why(city: City):
    hazard = city.report(by="李巡检")

    city.dismiss(hazard)

    assert {(m.who, m.template) for m in city.told(hazard) if m.params.get("resolution") == "dismissed"} == {
        ("李巡检", "closed")
    }
    assert {m.who for m in city.told(hazard, template="told")} == {"李巡检"}


def test_a_reason_is_given(city: City):
    hazard = city.report()

    with pytest.raises(Refused) as refusal:
        city.dismiss(hazard, reason="没事")

    assert said(refusal) == {("reason", "too_short")}


def test_a_picture_of_the_instrument_will_do_for_the_reading(city: City):
    [opened] = city.apply([city.alarm_report()])
    city.act("李巡检", opened.hazard, "attach", evidence=[city.photo("LEAK_READING_BEFORE", stage="control")])

    city.dismiss(opened.hazard)

    assert city.look(opened.hazard).resolution == "dismissed"


@pytest.mark.parametrize("who", ["王班长", "赵经理", "郑巡检", "韩总"])
def test_others_do_not_dismiss(city: City, who: str):
    hazard = city.report()

    with pytest.raises((NotAllowed, NotFound)):
        city.dismiss(hazard, by=who)


def test_once_assigned_it_is_not_dismissed(city: City):
    hazard = city.bring_to(city.report(), "assigned")

    with pytest.raises(StateConflict):
        city.dismiss(hazard)


@pytest.mark.parametrize("flag", ["gas_stop", "transfer"])
def test_nothing_stands_open_on_a_dismissed_one(city: City, flag: str):
    hazard = city.report()
    if flag == "gas_stop":
        city.stop_gas(hazard)
    else:
        city.request_transfer(hazard)

    with pytest.raises(Refused) as refusal:
        city.dismiss(hazard)

    assert said(refusal) == {("guard", f"no_open_{flag}")}
