"""Giving it back and giving it on: the hazard stays open, the deadline stays, the right person hears of it."""

import pytest

from hazard_flow.errors import NotAllowed, Refused
from tests.harness.city import City
from tests.harness.refusals import said


def test_returning_puts_it_back_on_the_assigners_desk(city: City):
    hazard = city.bring_to(city.report(), "assigned")

    city.act("王班长", hazard, "return", return_reason="not_mine", note="该阀井归二班管理")

    back = city.look(hazard)
    assert (back.state, back.stage) == ("reported", "reported")
    assert "classify" in city.timers(hazard)
    assert not {"accept", "rectify"} & city.timers(hazard).keys()
    assert {m.who for m in city.told(hazard, template="returned")} == {"何安全"}


def test_a_returned_one_can_be_assigned_to_somebody_else(city: City):
    hazard = city.bring_to(city.report(), "assigned")
    city.act("王班长", hazard, "return", return_reason="not_mine", note="该阀井归二班管理")

    city.assign(hazard, responsible=str(city.person("吴班长")))

    assert city.look(hazard).responsible_id == city.person("吴班长")
    city.accept(hazard, by="吴班长")


@pytest.mark.parametrize("state", ["assigned", "rectifying"])
def test_reassigning_keeps_the_deadline(city: City, state: str):
    hazard = city.bring_to(city.report(), state)
    before = city.timers(hazard)["rectify"]

    city.act("赵经理", hazard, "reassign", responsible=str(city.person("吴班长")), reason="一班另有抢修任务")

    after = city.look(hazard)
    assert (after.state, after.due_at) == (state, hazard.due_at)
    assert after.responsible_id == city.person("吴班长")
    assert city.timers(hazard)["rectify"].id == before.id
    assert "吴班长" in {m.who for m in city.told(hazard)}


def test_whoever_had_it_before_has_no_part_any_more(city: City):
    hazard = city.bring_to(city.report(), "assigned")
    city.act("赵经理", hazard, "reassign", responsible=str(city.person("吴班长")), reason="一班另有抢修任务")

    with pytest.raises(NotAllowed):
        city.accept(hazard, by="王班长")
    city.accept(hazard, by="吴班长")


def test_it_cannot_be_given_to_its_own_rechecker(city: City):
    hazard = city.bring_to(city.report(), "assigned")

    with pytest.raises(Refused) as refusal:
        city.act(
            "赵经理", hazard, "reassign", responsible=str(city.person("徐复查")), reason="一班另有抢修任务"
        )

    assert said(refusal) == {("responsible", "same_person_as")}


def test_an_officer_sends_it_back_from_the_last_step(city: City):
    hazard = city.bring_to(city.report(), "verified")

    city.act("唐监管", hazard, "send_back", reason="现场抽查仍有异味，退回整改")

    assert city.look(hazard).state == "rectifying"
    assert {"rectify", "progress"} <= city.timers(hazard).keys()
