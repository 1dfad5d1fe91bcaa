"""A case handed to enforcement is waited for: the hazard stays open, its clocks run, and nothing closes before there is an answer."""

from datetime import timedelta

import pytest

from hazard_flow.errors import NotAllowed, Refused
from tests.harness.city import City
from tests.harness.refusals import said

ENFORCER = "秦执法"


@pytest.fixture(autouse=True)
def enforcement(city: City) -> None:
    city.hire(ENFORCER, "城东区燃气管理局", "enforcement")


def handed_over(city: City, state: str = "rectifying"):
    hazard = city.bring_to(city.report(), state)
    city.control(hazard)
    city.request_transfer(hazard)
    return city.look(hazard)


def test_it_stays_open_and_its_clocks_run(city: City):
    hazard = city.bring_to(city.report(), "rectifying")
    before = city.timers(hazard)

    city.request_transfer(hazard)

    assert city.look(hazard).state == "rectifying"
    timers = city.timers(hazard)
    assert timers.keys() == before.keys() | {"transfer_reply"}
    assert timers["rectify"].id == before["rectify"].id
    assert timers["transfer_reply"].expires_at - city.now == timedelta(days=7, hours=15)
    assert {m.who for m in city.told(hazard, template="told")} == {ENFORCER}


def test_meanwhile_it_does_not_close(city: City):
    hazard = city.bring_to(city.report(), "verified")
    city.request_transfer(hazard)

    with pytest.raises(Refused) as refusal:
        city.close(hazard)
    assert said(refusal) == {("guard", "no_open_transfer")}

    city.accept_transfer(hazard, by=ENFORCER)
    city.close(hazard)


@pytest.mark.parametrize("answer", ["accept_transfer", "return_transfer"])
def test_the_answer_ends_the_waiting_and_whoever_handed_it_over_hears(city: City, answer: str):
    hazard = handed_over(city)

    getattr(city, answer)(hazard, by=ENFORCER)

    assert "transfer_reply" not in city.timers(hazard)
    assert "transfer" not in city.look(hazard).proceedings["open"]
    assert {m.who for m in city.told(hazard) if m.params.get("action") == answer} == {"唐监管"}


def test_whoever_handed_it_over_may_take_it_back_nobody_else(city: City):
    hazard = handed_over(city)

    for who in (ENFORCER, "陈处长", "何安全"):
        with pytest.raises(NotAllowed):
            city.withdraw_transfer(hazard, by=who)

    city.withdraw_transfer(hazard, by="唐监管")
    assert "transfer_reply" not in city.timers(hazard)
    assert {m.who for m in city.told(hazard) if m.params.get("action") == "withdraw_transfer"} == {ENFORCER}


def test_returned_it_may_be_handed_over_once_more(city: City):
    hazard = handed_over(city)
    city.return_transfer(hazard, by=ENFORCER)
    city.fast_forward(days=1)

    city.request_transfer(hazard)

    assert city.timers(hazard)["transfer_reply"].started_at == city.now


def test_no_answer_is_asked_for_from_enforcement_not_from_whoever_mends(city: City):
    hazard = handed_over(city)

    city.fast_forward(days=8)

    [reminder] = [e for e in city.events(hazard, "timer.reminded") if e.data["timer"] == "transfer_reply"]
    assert {city.name(p) for p in reminder.data["told"]} == {ENFORCER, "唐监管"}
    assert [f.told for f in city.firings(hazard, "transfer_reply")] == [tuple(sorted((ENFORCER, "唐监管")))]
    # nobody in the enterprise is to blame
    assert city.events(hazard, "timer.escalated")[-1].data["colour"] is None


def test_no_answer_goes_up_to_the_top(city: City):
    hazard = handed_over(city)

    city.fast_forward(days=30)

    firings = city.firings(hazard, "transfer_reply")
    assert [f.level for f in firings[:3]] == [0, 1, 2]
    assert firings[2].told == ("梁处长", "陈处长")


def test_all_that_is_missing_is_said_at_once(city: City):
    hazard = handed_over(city)

    with pytest.raises(Refused) as refusal:
        city.request_transfer(
            hazard, receiving_body="", case_facts="拖", case_materials=None, transfer_basis="无"
        )

    assert said(refusal) == {
        ("receiving_body", "required"),
        ("case_facts", "too_short"),
        ("case_materials", "required"),
        ("transfer_basis", "too_short"),
        ("guard", "already_open"),
    }


@pytest.mark.parametrize("who", ["何安全", "韩总", ENFORCER, "卢主任"])
def test_only_an_officer_hands_over(city: City, who: str):
    hazard = city.bring_to(city.report(), "rectifying")

    with pytest.raises(NotAllowed):
        city.request_transfer(hazard, by=who)


def test_nobody_answers_what_was_not_asked(city: City):
    hazard = city.bring_to(city.report(), "rectifying")

    with pytest.raises(Refused) as refusal:
        city.accept_transfer(hazard, by=ENFORCER)

    assert said(refusal) == {("guard", "nothing_open")}


def test_raised_meanwhile_the_answer_is_still_waited_for(city: City):
    hazard = handed_over(city)
    before = city.timers(hazard)["transfer_reply"]

    city.escalate_to_major(hazard)

    after = city.timers(hazard)["transfer_reply"]
    assert (after.expires_at, after.started_at) == (before.expires_at, before.started_at)
    city.accept_transfer(hazard, by=ENFORCER)
