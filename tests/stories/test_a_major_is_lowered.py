"""From major back to general: what the national list names only by the regulator, anything else by a second person, listed not at all."""

from datetime import timedelta

import pytest

from hazard_flow.errors import NotAllowed, NotFound, Refused
from tests.harness.city import City
from tests.harness.refusals import said

LOCAL = ["江海省重大隐患补充判定标准 第三条"]


def test_the_regulator_lowers_what_the_national_list_names(city: City):
    hazard = city.bring_to(city.report(major=True), "rectifying")
    city.request_lowering(hazard, by="何安全")

    city.lower_to_general(hazard, by="唐监管")

    lowered = city.look(hazard)
    assert (lowered.workflow, lowered.level, lowered.urgency, lowered.state) == (
        "general", "general", "B", "rectifying",
    )  # fmt: skip
    assert (lowered.due_at, lowered.original_due_at) == (hazard.due_at, hazard.due_at)
    assert lowered.proceedings["open"] == {}
    assert {"何安全", "韩总"} <= {
        m.who for m in city.told(hazard) if m.params.get("action") == "lower_to_general"
    }


def test_the_enterprise_does_not(city: City):
    hazard = city.bring_to(city.report(major=True), "rectifying")
    city.request_lowering(hazard, by="韩总")

    with pytest.raises(Refused) as refusal:
        city.lower_to_general(hazard, by="何安全")

    assert said(refusal) == {("guard", "regulator_lowers_national")}


def test_nor_before_it_was_confirmed_when_the_reporter_named_the_list(city: City):
    hazard = city.report("违章建筑压在管线上", catalogue_code="PIP-M01")
    city.request_lowering(hazard, by="韩总")

    with pytest.raises(Refused) as refusal:
        city.lower_to_general(hazard, by="何安全")

    assert said(refusal) == {("guard", "regulator_lowers_national")}


def test_nor_one_that_became_major_by_itself(city: City):
    hazard = city.report("地下室使用液化气", catalogue_code="RES-M01", source="household_check")
    city.control(hazard)
    city.fast_forward(hours=24)
    assert city.look(hazard).level == "major"
    city.request_lowering(hazard, by="韩总")

    with pytest.raises(Refused) as refusal:
        city.lower_to_general(hazard, by="何安全")

    assert said(refusal) == {("guard", "regulator_lowers_national")}


def test_what_only_a_local_list_names_a_second_person_of_the_enterprise_may_lower(city: City):
    hazard = city.report(major=True)
    city.assign(hazard, clause=LOCAL)
    city.request_lowering(hazard, by="韩总")

    city.lower_to_general(hazard, by="何安全")

    assert city.look(hazard).level == "general"


def test_but_not_whoever_asked(city: City):
    hazard = city.report(major=True)
    city.assign(hazard, clause=LOCAL)
    city.request_lowering(hazard, by="何安全")

    with pytest.raises(Refused) as refusal:
        city.lower_to_general(hazard, by="何安全")

    assert said(refusal) == {("separation", "own_work")}


def test_nobody_lowers_what_nobody_asked_to(city: City):
    hazard = city.bring_to(city.report(major=True), "rectifying")

    with pytest.raises(Refused) as refusal:
        city.lower_to_general(hazard)

    assert said(refusal) == {("guard", "nothing_open")}


@pytest.mark.parametrize("who", ["王班长", "赵经理", "卢主任"])
def test_others_do_not(city: City, who: str):
    hazard = city.bring_to(city.report(major=True), "rectifying")
    city.request_lowering(hazard)

    with pytest.raises((NotAllowed, NotFound)):
        city.lower_to_general(hazard, by=who)


def test_a_listed_one_is_not_lowered_at_all(city: City):
    hazard = city.bring_to(city.report(major=True), "rectifying")
    city.list_(hazard)
    city.request_lowering(hazard)

    with pytest.raises(Refused) as refusal:
        city.lower_to_general(hazard, by="梁处长")

    assert said(refusal) == {("guard", "no_open_listing"), ("guard", "lifting_published")}


def test_nor_before_its_lifting_was_published(city: City):
    hazard = city.bring_to(city.report(major=True), "rectifying")
    city.list_(hazard)
    city.request_lowering(hazard)
    city.lift_listing(hazard)

    with pytest.raises(Refused) as refusal:
        city.lower_to_general(hazard)
    assert said(refusal) == {("guard", "lifting_published")}

    city.publish_lifting(hazard)
    city.lower_to_general(hazard)


def test_refused_it_stays(city: City):
    hazard = city.bring_to(city.report(major=True), "rectifying")
    city.request_lowering(hazard, by="何安全")

    city.refuse_lowering(hazard, by="唐监管")

    assert (city.look(hazard).level, city.look(hazard).proceedings["open"]) == ("major", {})
    assert "lowering_decision" not in city.timers(hazard)
    assert "何安全" in {m.who for m in city.told(hazard) if m.params.get("action") == "refuse_lowering"}


def test_silence_refuses_after_ten_working_days(city: City):
    hazard = city.bring_to(city.report(major=True), "rectifying")
    city.control(hazard)
    city.report_regulator(hazard)
    city.report_staff(hazard)
    city.request_lowering(hazard)
    expires_at = city.timers(hazard)["lowering_decision"].expires_at
    assert expires_at - city.now == timedelta(
        days=14, hours=15
    )  # Monday the 2nd, until Monday the 16th 24:00

    city.fast_forward(days=14, hours=15)

    [lapsed] = [e for e in city.events(hazard) if e.action == "lapse_lowering"]
    assert lapsed.at == expires_at
    assert city.look(hazard).level == "major"
    [reminder] = [e for e in city.events(hazard, "timer.reminded") if e.data["timer"] == "lowering_decision"]
    assert {city.name(p) for p in reminder.data["told"]} == {"唐监管"}


def test_the_work_goes_on_under_the_general_clocks(city: City):
    hazard = city.bring_to(city.report(major=True), "rectifying")
    city.submit_plan(hazard)
    city.request_lowering(hazard)

    city.lower_to_general(hazard)

    assert city.timers(hazard).keys() == {"control", "rectify", "progress"}
    assert city.look(hazard).proceedings["open"] == {}  # nobody could approve a plan any more
    assert city.events(hazard)[-1].data["void"] == ["plan"]


def test_raised_once_more_everything_is_owed_once_more(city: City):
    hazard = city.bring_to(city.report(major=True), "rectifying")
    city.report_regulator(hazard)
    city.report_staff(hazard)
    city.approve_plan(hazard)
    city.request_lowering(hazard)
    city.lower_to_general(hazard)
    city.fast_forward(days=3)

    city.escalate_to_major(hazard)

    duties = {name: city.timers(hazard)[name].expires_at for name in ("report_regulator", "report_staff")}
    assert set(duties.values()) == {city.now + timedelta(hours=24)}
    with pytest.raises(Refused) as refusal:
        city.submit(hazard)
    assert ("guard", "mark_missing") in said(refusal)


def test_a_general_hazard_s_request_does_not_pass_for_a_major_s(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    city.request_lowering(hazard, by="王班长")  # from B to C

    city.escalate_to_major(hazard)

    assert city.events(hazard)[-1].data["void"] == ["lowering"]
    assert "lowering_decision" not in city.timers(hazard)
    with pytest.raises(Refused) as refusal:
        city.lower_to_general(hazard)
    assert said(refusal) == {("guard", "nothing_open")}


def test_it_needs_a_reason_and_the_urgency_it_has_now(city: City):
    hazard = city.bring_to(city.report(major=True), "assigned")
    with pytest.raises(Refused) as refusal:
        city.request_lowering(hazard, reason="不严重")
    assert said(refusal) == {("reason", "too_short")}

    city.request_lowering(hazard)
    with pytest.raises(Refused) as refusal:
        city.lower_to_general(hazard, urgency=None, opinion="可")
    assert said(refusal) == {("urgency", "required"), ("opinion", "too_short")}


def test_a_team_leader_does_not_ask(city: City):
    hazard = city.bring_to(city.report(major=True), "rectifying")

    with pytest.raises(NotAllowed):
        city.request_lowering(hazard, by="王班长")
