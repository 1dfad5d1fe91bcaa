"""A major passes its re-check when two officers have signed; one alone moves nothing, the same one twice is one."""

import pytest

from hazard_flow.errors import NotAllowed, Refused
from tests.harness.city import City
from tests.harness.refusals import said
from tests.harness.together import together


def handed_in(city: City):
    return city.bring_to(city.report(major=True), "submitted")


def test_one_alone_does_not_move_it(city: City):
    hazard = handed_in(city)
    before = city.timers(hazard)

    signed = city.verify(hazard, by="唐监管")

    assert signed.event.seq == hazard.seq + 1
    half = city.look(hazard)
    assert (half.state, half.verified_at) == ("submitted", None)
    event = city.events(hazard)[-1]
    assert event.data["signatures"] == {"have": 1, "needed": 2}
    assert (event.data["from"], event.data["state"]) == ("submitted", "submitted")
    assert {n: t.id for n, t in city.timers(hazard).items()} == {n: t.id for n, t in before.items()}
    assert [m.who for m in city.told(hazard, template="task") if m.params["state"] == "verified"] == []


def test_the_second_does(city: City):
    hazard = handed_in(city)
    city.verify(hazard, by="唐监管")
    city.fast_forward(days=1)

    city.verify(hazard, by="梁处长")

    passed = city.look(hazard)
    assert (passed.state, passed.verified_at) == ("verified", city.now)
    assert city.events(hazard)[-1].data["signatures"] == {"have": 2, "needed": 2}
    assert {m.who for m in city.told(hazard, template="task") if m.params["state"] == "verified"} == {
        "陈处长"
    }
    assert passed.proceedings["signed"] == {}


def test_the_same_one_twice_is_refused(city: City):
    hazard = handed_in(city)
    city.verify(hazard, by="唐监管")

    with pytest.raises(Refused) as refusal:
        city.verify(hazard, by="唐监管")

    assert said(refusal) == {("separation", "already_signed")}
    assert city.look(hazard).state == "submitted"


def test_an_officer_who_was_not_named_does_not_sign(city: City):
    hazard = handed_in(city)

    for who in ("陈处长", "何安全", "赵经理"):
        with pytest.raises(NotAllowed):
            city.verify(hazard, by=who)


def test_each_was_there_and_each_brings_what_is_asked(city: City):
    hazard = handed_in(city)

    with pytest.raises(Refused) as refusal:
        city.verify(hazard, by="唐监管", evidence=[], on_site=False, opinion=None)

    assert said(refusal) == {
        ("opinion", "required"), ("guard", "on_site_unless_c"), ("evidence", "evidence_missing"),
    }  # fmt: skip


def test_signatures_of_one_round_do_not_count_in_the_next(city: City):
    hazard = handed_in(city)
    city.verify(hazard, by="唐监管")
    city.fail(hazard, by="梁处长")
    city.sign_completion(hazard)
    city.submit(hazard)

    city.verify(hazard, by="梁处长")

    assert city.look(hazard).state == "submitted"
    city.verify(hazard, by="唐监管")
    assert city.look(hazard).state == "verified"


def test_three_named_any_two_will_do(city: City):
    city.hire("秦监管", "城东区燃气管理局", "county_officer")
    hazard = city.report(major=True)
    city.assign(hazard, verifiers=[city._id(n) for n in ("唐监管", "梁处长", "秦监管")])
    for step in (city.accept, city.approve_plan, city.sign_completion, city.submit):
        step(hazard)

    city.verify(hazard, by="秦监管")
    city.verify(hazard, by="唐监管")

    assert city.look(hazard).state == "verified"


def test_both_at_once_and_it_moves_exactly_once(city: City):
    hazard = handed_in(city)
    form = {"on_site": True, "opinion": "整改到位，同意"}
    changes = [
        city.change(who, hazard, "pass", evidence=[city.photo("PHOTO_AFTER", stage="verify")], **form)
        for who in ("唐监管", "梁处长")
    ]

    answers = together(2, lambda n: city.act_as(changes[n]))

    assert not [a for a in answers if isinstance(a, Exception)], answers
    passed = [e for e in city.events(hazard) if e.action == "pass"]
    assert [e.data["signatures"]["have"] for e in passed] == [1, 2]
    assert [e.data["state"] for e in passed] == ["submitted", "verified"]
    assert [m.who for m in city.told(hazard, template="task") if m.params["state"] == "verified"].count(
        "陈处长"
    ) == 2


def test_in_one_batch_too(city: City):
    hazard = handed_in(city)
    form = {"on_site": True, "opinion": "整改到位，同意"}
    people = ("唐监管", "唐监管", "梁处长")
    changes = [
        city.change(who, hazard, "pass", evidence=[city.photo("PHOTO_AFTER", stage="verify")], **form)
        for who in people
    ]

    outcomes = city.apply(changes)

    assert [o.error.code if o.error else None for o in outcomes] == [None, "refused", None]
    assert city.look(hazard).state == "verified"


def test_a_general_hazard_needs_one(city: City):
    hazard = city.bring_to(city.report(), "submitted")

    city.verify(hazard)

    assert city.look(hazard).state == "verified"
    assert "signatures" not in city.events(hazard)[-1].data
