"""Lowering needs a reason and a second person; nobody decides their own request, and silence refuses."""

from datetime import timedelta

import pytest

from hazard_flow.errors import NotAllowed, Refused
from tests.harness.city import City
from tests.harness.refusals import said


def test_a_second_person_agrees_and_it_is_lower(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    city.request_lowering(hazard, by="何安全")
    assert city.look(hazard).urgency == "B"

    city.decide_lowering(hazard, by="韩总")

    lowered = city.look(hazard)
    assert (lowered.urgency, lowered.state, lowered.due_at) == ("C", "rectifying", hazard.due_at)
    assert city.events(hazard)[-1].data["adopted"] == {"urgency": "C"}
    assert "lowering_decision" not in city.timers(hazard)


def test_who_is_told(city: City):
    hazard = city.bring_to(city.report(), "rectifying")

    city.request_lowering(hazard, by="何安全")
    assert {m.who for m in city.told(hazard, template="told")} == {
        "韩总"
    }  # 何安全 asks, so it goes one level up

    city.decide_lowering(hazard, by="韩总")
    assert {m.who for m in city.told(hazard, template="told")} == {"韩总", "何安全", "王班长"}


def test_rejected_it_stays(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    city.request_lowering(hazard)

    city.decide_lowering(hazard, decision="rejected", opinion="依据不足，不同意")

    assert city.look(hazard).urgency == "B"
    assert city.look(hazard).proceedings["open"] == {}


def test_who_asked_does_not_decide(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    city.request_lowering(hazard, by="何安全")

    with pytest.raises(Refused) as refusal:
        city.decide_lowering(hazard, by="何安全")

    assert said(refusal) == {("separation", "own_work")}


def test_who_mends_does_not_decide(city: City):
    hazard = city.report()
    city.assign(hazard, responsible=str(city.person("何安全")))
    city.accept(hazard)
    city.request_lowering(hazard, by="赵经理")

    with pytest.raises(Refused) as refusal:
        city.decide_lowering(hazard, by="何安全")

    assert said(refusal) == {("separation", "own_work")}


def test_a_manager_who_asks_for_others_does_not_decide(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    city.request_lowering(hazard, by="王班长")  # the responsible person

    with pytest.raises(NotAllowed):
        city.decide_lowering(hazard, by="赵经理")


def test_the_asked_for_must_be_lower_and_have_a_reason(city: City):
    hazard = city.bring_to(city.report(), "rectifying")

    with pytest.raises(Refused) as refusal:
        city.request_lowering(hazard, requested_urgency="B", reason="小")

    assert said(refusal) == {("guard", "urgency_falls"), ("reason", "too_short")}


def test_one_request_at_a_time(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    city.request_lowering(hazard)

    with pytest.raises(Refused) as refusal:
        city.request_lowering(hazard, by="赵经理")

    assert said(refusal) == {("guard", "already_open")}


def test_silence_refuses_at_the_end_of_the_second_working_day(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    city.request_lowering(hazard, by="赵经理")
    expires_at = city.timers(hazard)["lowering_decision"].expires_at
    assert expires_at - city.now == timedelta(days=2, hours=15)  # asked Monday 09:00, until Wednesday 24:00

    city.fast_forward(days=2, hours=15)

    [lapsed] = [e for e in city.events(hazard) if e.action == "lapse_lowering"]
    assert (lapsed.at, lapsed.who) == (expires_at, "system:timers")
    assert lapsed.data["silent"] == {
        "timer": "lowering_decision",
        "due_at": expires_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "late_ms": 0,
    }
    assert city.look(hazard).urgency == "B"
    assert {m.who for m in city.told(hazard) if m.params.get("action") == "lapse_lowering"} == {
        "赵经理",
        "何安全",
    }
    with pytest.raises(Refused) as refusal:
        city.decide_lowering(hazard)
    assert said(refusal) == {("guard", "nothing_open")}


def test_half_way_whoever_decides_is_reminded_not_whoever_mends(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    city.request_lowering(hazard, by="赵经理")

    city.fast_forward(days=1, hours=12)

    [reminder] = [e for e in city.events(hazard, "timer.reminded") if e.data["timer"] == "lowering_decision"]
    assert {city.name(p) for p in reminder.data["told"]} == {"何安全"}


def test_the_reminder_too_passes_over_who_asked(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    city.request_lowering(hazard, by="何安全")

    city.fast_forward(days=1, hours=12)

    [reminder] = [e for e in city.events(hazard, "timer.reminded") if e.data["timer"] == "lowering_decision"]
    assert {city.name(p) for p in reminder.data["told"]} == {"韩总"}


def test_an_open_request_keeps_it_from_closing(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    city.request_lowering(hazard)
    city.submit(hazard)
    city.verify(hazard)

    with pytest.raises(Refused) as refusal:
        city.close(hazard)
    assert said(refusal) == {("guard", "no_open_lowering")}

    city.decide_lowering(hazard, decision="rejected", opinion="不同意调整")
    city.close(hazard)
