"""What the law asks of a major beside the work: two reports, word to the staff, an approved plan, a signature, five confirmations."""

from datetime import timedelta

import pytest

from hazard_flow.errors import NotAllowed, NotFound, Refused
from tests.harness.city import City
from tests.harness.forms import FIVE
from tests.harness.refusals import said

SIX = ("plan_targets", "plan_methods", "plan_funds", "plan_people", "plan_schedule", "plan_safety")


def missing(refusal) -> set[str]:
    return {e.params["mark"] for e in refusal.value.fields if e.code == "mark_missing"}


def confirmed(city: City, state: str = "rectifying"):
    hazard = city.bring_to(city.report(major=True), state)
    city.control(hazard)
    return city.look(hazard)


def test_two_reports_each_with_its_own_day(city: City):
    hazard = confirmed(city)
    timers = city.timers(hazard)
    assert timers["report_regulator"].expires_at - city.now == timedelta(hours=24)
    assert timers["report_staff"].expires_at - city.now == timedelta(hours=24)

    city.report_regulator(hazard)
    assert "report_regulator" not in city.timers(hazard)
    assert "report_staff" in city.timers(hazard)
    assert {m.who for m in city.told(hazard) if m.params.get("action") == "report_regulator"} == {"唐监管"}

    city.report_staff(hazard)
    assert "report_staff" not in city.timers(hazard)


def test_not_made_they_climb_a_ladder_of_their_own(city: City):
    hazard = confirmed(city)

    city.fast_forward(hours=24 + 72)

    assert [f.told for f in city.firings(hazard, "report_regulator")] == [
        ("何安全", "韩总"), ("唐监管",), ("梁处长", "陈处长"),
    ]  # fmt: skip
    assert city.look(hazard).colour == "red"
    assert {e.data["ladder"] for e in city.events(hazard, "timer.escalated")} >= {"duties"}


def test_half_way_the_safety_director_and_the_principal_are_reminded(city: City):
    hazard = confirmed(city)

    city.fast_forward(hours=12)

    told = {
        (e.data["timer"], city.name(p)) for e in city.events(hazard, "timer.reminded") for p in e.data["told"]
    }
    assert told >= {
        (duty, who) for duty in ("report_regulator", "report_staff") for who in ("何安全", "韩总")
    }


def test_a_report_says_what_order_16_asks(city: City):
    hazard = confirmed(city)

    with pytest.raises(Refused) as refusal:
        city.report_regulator(hazard, current_state_and_cause="占压", harm_analysis=None)
    assert said(refusal) == {("current_state_and_cause", "too_short"), ("harm_analysis", "required")}

    with pytest.raises(Refused) as refusal:
        city.report_staff(hazard, evidence=[], staff_notified_at=(city.now + timedelta(days=1)).isoformat())
    assert said(refusal) == {("staff_notified_at", "in_the_future"), ("evidence", "evidence_missing")}

    with pytest.raises(Refused) as refusal:
        city.notify_staff(hazard, evidence=[])
    assert said(refusal) == {("evidence", "evidence_missing")}


def test_the_plan_is_due_three_working_days_after_the_confirmation(city: City):
    hazard = confirmed(city, "assigned")
    assert city.timers(hazard)["plan"].expires_at - city.now == timedelta(days=3, hours=15)

    city.submit_plan(hazard)
    timers = city.timers(hazard)
    assert "plan" in timers  # submitted is not approved
    assert timers["plan_decision"].expires_at - city.now == timedelta(days=3, hours=15)
    assert {m.who for m in city.told(hazard) if m.params.get("action") == "submit_plan"} == {"韩总"}

    city.decide_plan(hazard)
    assert not {"plan", "plan_decision"} & city.timers(hazard).keys()
    assert "plan_approved" in city.look(hazard).marks
    assert {m.who for m in city.told(hazard) if m.params.get("action") == "decide_plan"} == {
        "何安全",
        "赵经理",
    }


def test_a_plan_has_six_items(city: City):
    hazard = confirmed(city)

    with pytest.raises(Refused) as refusal:
        city.submit_plan(hazard, **dict.fromkeys(SIX))

    assert said(refusal) == {(item, "required") for item in SIX}


def test_a_rejected_plan_is_made_anew_and_its_day_runs_on(city: City):
    hazard = confirmed(city)
    before = city.timers(hazard)["plan"]
    city.submit_plan(hazard)

    city.decide_plan(hazard, decision="rejected", opinion="资金未落实")

    timers = city.timers(hazard)
    assert "plan_decision" not in timers
    assert (timers["plan"].id, timers["plan"].due_at) == (before.id, before.due_at)
    assert "plan_approved" not in city.look(hazard).marks
    city.submit_plan(hazard)


def test_only_the_principal_approves_and_not_their_own(city: City):
    hazard = confirmed(city)
    city.submit_plan(hazard)
    for who in ("何安全", "赵经理", "唐监管"):
        with pytest.raises(NotAllowed):
            city.decide_plan(hazard, by=who)

    city.also("韩总", "恒川燃气", "safety_director")
    city.act("何安全", hazard, "withdraw_plan", reason="需补充迁改方案")
    city.submit_plan(hazard, by="韩总")
    with pytest.raises(Refused) as refusal:
        city.decide_plan(hazard, by="韩总")
    assert said(refusal) == {("separation", "own_work")}


def test_nothing_is_handed_in_without_plan_and_signature(city: City):
    hazard = confirmed(city)

    with pytest.raises(Refused) as refusal:
        city.submit(hazard)
    assert missing(refusal) == {"plan_approved", "principal_signed"}

    city.approve_plan(hazard)
    city.sign_completion(hazard)
    city.submit(hazard)
    assert city.look(hazard).state == "submitted"


@pytest.mark.parametrize("who", ["何安全", "赵经理", "唐监管"])
def test_nobody_signs_for_the_principal(city: City, who: str):
    hazard = confirmed(city)

    with pytest.raises(NotAllowed):
        city.sign_completion(hazard, by=who)


@pytest.mark.parametrize("back", ["fail", "send_back", "realarm"])
def test_back_at_work_the_principal_signs_anew(city: City, back: str):
    hazard = confirmed(city, "submitted")
    if back == "fail":
        city.fail(hazard)
    else:
        city.verify(hazard)
        if back == "send_back":
            city.send_back(hazard)
        else:
            city.apply([city.change("system", hazard, "realarm", note="再次超限")])
    assert city.look(hazard).state == "rectifying"

    with pytest.raises(Refused) as refusal:
        city.submit(hazard)

    assert missing(refusal) == {"principal_signed"}


def test_it_is_not_cancelled_before_all_is_done_and_all_is_said_at_once(city: City):
    hazard = confirmed(city, "verified")
    city.request_transfer(hazard)

    with pytest.raises(Refused) as refusal:
        city.close(hazard, **dict.fromkeys(FIVE))

    assert missing(refusal) == {"regulator_told", "staff_congress_told", "staff_told"}
    assert said(refusal) == {
        *((field, "not_confirmed") for field in FIVE),
        ("guard", "mark_missing"),
        ("guard", "no_open_control"),
        ("guard", "no_open_transfer"),
    }


@pytest.mark.parametrize("lacking", FIVE)
def test_each_of_the_five_is_confirmed(city: City, lacking: str):
    hazard = city.bring_to(city.report(major=True), "verified")
    for duty in (city.report_regulator, city.report_staff, city.notify_staff):
        duty(hazard)

    with pytest.raises(Refused) as refusal:
        city.close(hazard, **{lacking: False})
    assert said(refusal) == {(lacking, "not_confirmed")}

    city.close(hazard)
    fields = city.events(hazard)[-1].data["fields"]
    assert {name: fields[name] for name in FIVE} == dict.fromkeys(FIVE, True)


def test_who_confirmed_the_major_does_not_cancel_it(city: City):
    city.hire("秦监管", "城东区燃气管理局", "county_officer")
    hazard = city.report(major=True)
    city.assign(hazard, by="秦监管")
    for step in (
        city.accept, city.approve_plan, city.sign_completion, city.submit, city.verify,
        city.report_regulator, city.report_staff, city.notify_staff,
    ):  # fmt: skip
        step(hazard)

    with pytest.raises(Refused) as refusal:
        city.close(hazard, by="秦监管")
    assert said(refusal) == {("separation", "own_work")}

    city.close(hazard, by="陈处长")


def test_nor_may_they_name_themselves_for_it(city: City):
    city.hire("秦监管", "城东区燃气管理局", "county_officer")
    hazard = city.report(major=True)

    with pytest.raises(Refused) as refusal:
        city.assign(hazard, by="秦监管", closer=city._id("秦监管"))

    assert said(refusal) == {("closer", "same_person_as")}


def test_the_enterprise_does_not_cancel_a_major(city: City):
    hazard = city.bring_to(city.report(major=True), "verified")

    with pytest.raises(NotAllowed):
        city.close(hazard, by="何安全")


def test_what_experts_must_judge_when_something_was_stopped(city: City):
    hazard = city.report(major=True)
    city.control(hazard, control="STOP_DEVICE")
    city.bring_to(hazard, "submitted")

    with pytest.raises(Refused) as refusal:
        city.verify(hazard, by="唐监管")
    assert said(refusal) == {("guard", "evaluated_if_stopped")}

    pieces = [city.photo("PHOTO_AFTER", stage="verify"), city.photo("EVALUATION_REPORT", stage="verify")]
    city.verify(hazard, by="唐监管", evidence=pieces)
    city.verify(hazard, by="梁处长")
    assert city.look(hazard).state == "verified"


def test_a_general_hazard_owes_none_of_it(city: City):
    hazard = city.bring_to(city.report(), "rectifying")

    for duty in (
        city.report_regulator,
        city.report_staff,
        city.notify_staff,
        city.submit_plan,
        city.sign_completion,
    ):
        with pytest.raises(NotFound):
            duty(hazard)
