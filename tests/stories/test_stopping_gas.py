"""Gas is stopped by the operator, at once in an emergency and else after written notice, and flows again within a day of the re-check."""

from datetime import timedelta

import pytest

from hazard_flow.errors import NotAllowed, NotFound, Refused
from tests.harness.city import City
from tests.harness.refusals import said


def test_in_an_emergency_at_once(city: City):
    hazard = city.household()

    city.stop_gas(hazard, by="李巡检")

    stopped = city.look(hazard)
    assert "gas_stop" in stopped.proceedings["open"]
    assert stopped.proceedings["open"]["gas_stop"]["by"] == str(city.person("李巡检"))
    assert "control" not in city.timers(hazard)  # the place is safe
    assert {m.who for m in city.told(hazard, template="told")} == {"周调度"}


@pytest.mark.parametrize("ground", ["contract", "local_rule"])
def test_else_only_after_written_notice(city: City, ground: str):
    hazard = city.household()

    with pytest.raises(Refused) as refusal:
        city.stop_gas(hazard, gas_ground=ground)
    assert said(refusal) == {("guard", "gas_stop_lawful")}

    city.serve_notice(hazard)
    city.stop_gas(hazard, gas_ground=ground)


@pytest.mark.parametrize("who", ["唐监管", "陈处长", "卢主任"])
def test_never_by_an_officer(city: City, who: str):
    hazard = city.household()

    with pytest.raises(NotAllowed):
        city.stop_gas(hazard, by=who)


def test_an_officer_s_hand_is_refused_even_with_a_job_at_the_operator(city: City):
    both = city.hire("两头沈", "城东区燃气管理局", "county_officer")
    city.also(both, "运行一班", "inspector")
    hazard = city.household()

    with pytest.raises(Refused) as refusal:
        city.stop_gas(hazard, by=both)

    assert said(refusal) == {("guard", "operator_acts")}


def test_nor_by_people_of_another_team(city: City):
    hazard = city.household(asset="VW-1")

    with pytest.raises((NotAllowed, NotFound)):
        city.stop_gas(hazard, by="郑巡检")


def test_the_user_is_told_what_it_means(city: City):
    hazard = city.household()

    with pytest.raises(Refused) as refusal:
        city.stop_gas(hazard, safety_told=None, life_impact_told=False, gas_basis="无", resume_condition=None)

    assert said(refusal) == {
        ("safety_told", "not_confirmed"),
        ("life_impact_told", "not_confirmed"),
        ("gas_basis", "too_short"),
        ("resume_condition", "required"),
    }


def test_stopped_it_neither_closes_nor_is_stopped_again(city: City):
    hazard = city.household()
    city.stop_gas(hazard)
    with pytest.raises(Refused) as refusal:
        city.stop_gas(hazard)
    assert said(refusal) == {("guard", "already_open")}

    city.bring_to(hazard, "verified")
    with pytest.raises(Refused) as refusal:
        city.close(hazard)
    assert said(refusal) == {("guard", "no_open_gas_stop")}

    city.resume_gas(hazard)
    city.close(hazard)


def test_the_recheck_starts_the_day_in_which_gas_flows_again(city: City):
    hazard = city.household()
    city.stop_gas(hazard)
    city.bring_to(hazard, "submitted")
    assert "resume_gas" not in city.timers(hazard)

    city.verify(hazard)

    timer = city.timers(hazard)["resume_gas"]
    assert timer.expires_at - city.now == timedelta(hours=24)
    city.fast_forward(hours=23)
    city.resume_gas(hazard)
    assert "resume_gas" not in city.timers(hazard)
    assert "gas_stop" not in city.look(hazard).proceedings["open"]
    city.fast_forward(days=2)
    assert city.firings(hazard, "resume_gas") == []


def test_without_a_gas_stop_there_is_no_such_clock(city: City):
    hazard = city.bring_to(city.household(), "verified")

    assert city.timers(hazard).keys() == {"close"}


def test_not_resumed_in_time_the_operator_hears_then_the_regulator(city: City):
    hazard = city.household()
    city.stop_gas(hazard)
    city.bring_to(hazard, "verified")

    city.fast_forward(hours=24 + 25)

    [reminder] = [e for e in city.events(hazard, "timer.reminded") if e.data["timer"] == "resume_gas"]
    assert {city.name(p) for p in reminder.data["told"]} == {"周调度", "赵经理"}
    assert [f.told for f in city.firings(hazard, "resume_gas")] == [
        ("周调度", "赵经理"), ("何安全",), ("唐监管",),
    ]  # fmt: skip


@pytest.mark.parametrize("back", ["sent back", "alarm"])
def test_back_at_work_nobody_is_asked_to_resume(city: City, back: str):
    [opened] = city.apply([city.alarm_report()])
    hazard = opened.hazard
    city.act("李巡检", hazard, "attach", evidence=[city.photo(stage="control")])
    city.stop_gas(hazard)
    city.bring_to(hazard, "verified")
    assert "resume_gas" in city.timers(hazard)

    if back == "sent back":
        city.send_back(hazard)
    else:
        city.apply([city.change("system", hazard, "realarm", note="再次超限")])

    assert "resume_gas" not in city.timers(hazard)
    city.submit(hazard)
    city.verify(hazard)
    assert city.timers(hazard)["resume_gas"].started_at == city.now


def test_it_flows_again_on_a_passed_test_only(city: City):
    hazard = city.household()
    city.stop_gas(hazard)

    with pytest.raises(Refused) as refusal:
        city.resume_gas(hazard, evidence=[], gastight_result="failed", gastight_record=None)

    assert said(refusal) == {
        ("gastight_result", "not_a_choice"),
        ("gastight_record", "required"),
        ("evidence", "evidence_missing"),
    }


def test_what_was_not_stopped_is_not_resumed_and_never_by_an_officer(city: City):
    hazard = city.household()
    with pytest.raises(Refused) as refusal:
        city.resume_gas(hazard)
    assert said(refusal) == {("guard", "nothing_open")}

    city.stop_gas(hazard)
    with pytest.raises(NotAllowed):
        city.resume_gas(hazard, by="唐监管")


def test_of_a_major_the_day_begins_with_the_second_officer_s_signature(city: City):
    hazard = city.bring_to(city.report(major=True), "submitted")
    city.stop_gas(hazard)

    city.verify(hazard, by="唐监管")
    assert "resume_gas" not in city.timers(hazard)
    city.fast_forward(hours=5)
    city.verify(hazard, by="梁处长")

    assert city.timers(hazard)["resume_gas"].expires_at - city.now == timedelta(hours=24)
