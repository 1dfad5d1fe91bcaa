"""Penalties of an enterprise are counted: three in 180 days or four in a year, beside an open major, call for closing it down."""

from datetime import timedelta

import pytest

from hazard_flow.errors import NotAllowed, Refused
from tests.harness.cast import EAST
from tests.harness.city import City
from tests.harness.refusals import said
from tests.harness.together import together


def proposal(city: City, hazard) -> dict:
    return [e for e in city.events(hazard) if e.action == "record_penalty"][-1].data["penalties"]


def ago(city: City, days: float) -> str:
    return (city.now - timedelta(days=days)).isoformat()


def test_the_third_in_180_days_beside_an_open_major_is_proposed(city: City):
    city.report(major=True)
    hazards = [city.report() for _ in range(3)]
    for number, hazard in enumerate(hazards, start=1):
        city.record_penalty(hazard)
        assert proposal(city, hazard) == {
            "in_180_days": number, "in_one_year": number, "closure_proposal": number == 3,
        }  # fmt: skip

    told = city.told(hazards[2], template="penalties")
    assert {(m.who, m.channel) for m in told} == {
        (who, channel) for who in ("唐监管", "陈处长", "梁处长") for channel in ("inbox", "message")
    }
    assert {(m.params["half_year"], m.params["year"]) for m in told} == {(3, 3)}
    assert city.told(hazards[1], template="penalties") == []


def test_without_an_open_major_it_is_not(city: City):
    major = city.bring_to(city.report(major=True), "closed")
    hazard = city.report()
    for _ in range(4):
        city.record_penalty(hazard)

    assert proposal(city, hazard)["closure_proposal"] is False
    assert city.told(hazard, template="penalties") == []
    assert city.look(major).stage == "closed"


def test_recorded_on_the_major_itself_it_is(city: City):
    hazard = city.bring_to(city.report(major=True), "rectifying")
    for _ in range(3):
        city.record_penalty(hazard)

    assert proposal(city, hazard)["closure_proposal"] is True


def test_the_fourth_in_a_year_is_proposed_however_far_apart(city: City):
    hazard = city.report(major=True)
    for days in (350, 250, 190, 10):
        city.record_penalty(hazard, penalty_at=ago(city, days))

    assert proposal(city, hazard) == {"in_180_days": 1, "in_one_year": 4, "closure_proposal": True}


@pytest.mark.parametrize(("days", "counts"), [(179, 3), (180, 2), (181, 2)])
def test_what_lies_180_days_back_counts_no_more(city: City, days: int, counts: int):
    hazard = city.report(major=True)
    for back in (days, 1, 0):
        city.record_penalty(hazard, penalty_at=ago(city, back))

    assert proposal(city, hazard)["in_180_days"] == counts


def test_one_decision_on_several_hazards_counts_once(city: City):
    major, other = city.report(major=True), city.report()
    for hazard in (major, other, major):
        city.record_penalty(hazard, penalty_number="云燃罚〔2026〕1号")

    assert proposal(city, major) == {"in_180_days": 1, "in_one_year": 1, "closure_proposal": False}


def test_another_enterprise_s_do_not_count(city: City):
    city.report(major=True)
    theirs, ours = city.report(by="孙巡检"), city.report()
    for _ in range(2):
        city.record_penalty(theirs, by="方监管")
    city.record_penalty(ours)

    assert proposal(city, ours)["in_180_days"] == 1


def test_the_enterprise_s_in_another_district_do(city: City):
    """Whoever records sees one district; the law counts the enterprise."""
    elsewhere = city.report(unit=city.found_unit("城西项目部", "990103"), by="何安全")
    assert elsewhere.division != EAST
    major, ours = city.report(major=True), city.report()
    for _ in range(2):
        city.record_penalty(elsewhere, by="方监管")

    city.record_penalty(ours, by="唐监管")

    assert proposal(city, ours) == {"in_180_days": 3, "in_one_year": 3, "closure_proposal": True}
    assert city.look(major).level == "major"


def test_a_major_the_enterprise_may_not_know_of_is_not_told_this_way(city: City):
    city.report_protected("违章建筑压在管线上", suspected_level="major")
    hazard = city.report()
    for _ in range(3):
        city.record_penalty(hazard)

    assert proposal(city, hazard)["closure_proposal"] is False


def test_two_recorded_at_once_see_each_other(city: City):
    major, one, two = city.report(major=True), city.report(), city.report()
    city.record_penalty(major)
    changes = [
        city.change(
            who, hazard, "record_penalty", evidence=[city.photo("ENFORCEMENT_DOC", stage="audit")],
            penalty_number=f"云燃罚〔2026〕{who}", penalty_at=city.now.isoformat(), penalty_kind="fine",
        )
        for who, hazard in (("唐监管", one), ("陈处长", two))
    ]  # fmt: skip

    answers = together(2, lambda n: city.act_as(changes[n]))

    assert not [a for a in answers if isinstance(a, Exception)], answers
    assert sorted(proposal(city, h)["in_180_days"] for h in (one, two)) == [2, 3]


@pytest.mark.parametrize("who", ["何安全", "韩总", "卢主任"])
def test_only_whoever_punishes_records_it(city: City, who: str):
    with pytest.raises(NotAllowed):
        city.record_penalty(city.report(), by=who)


def test_enforcement_may(city: City):
    city.hire("秦执法", "城东区燃气管理局", "enforcement")
    hazard = city.report()

    city.record_penalty(hazard, by="秦执法")

    assert proposal(city, hazard)["in_180_days"] == 1


def test_all_that_is_missing_is_said_and_nothing_is_counted(city: City):
    hazard = city.report(major=True)

    with pytest.raises(Refused) as refusal:
        city.act(
            "唐监管", hazard, "record_penalty", penalty_number="1",
            penalty_at=(city.now + timedelta(days=1)).isoformat(), penalty_kind="prison",
        )  # fmt: skip
    assert said(refusal) == {
        ("penalty_number", "too_short"),
        ("penalty_at", "in_the_future"),
        ("penalty_kind", "not_a_choice"),
        ("evidence", "evidence_missing"),
    }

    city.record_penalty(hazard)
    assert proposal(city, hazard)["in_180_days"] == 1


def test_in_a_batch_the_bad_one_is_not_counted(city: City):
    hazard = city.report(major=True)
    form = {"penalty_at": city.now.isoformat(), "penalty_kind": "fine"}
    changes = [
        city.change(
            "唐监管", hazard, "record_penalty", evidence=[city.photo("ENFORCEMENT_DOC", stage="audit")],
            penalty_number=number, **form,
        )
        for number in ("云燃罚1号", "x", "云燃罚2号")
    ]  # fmt: skip

    outcomes = city.apply(changes)

    assert [o.error.code if o.error else None for o in outcomes] == [None, "refused", None]
    assert proposal(city, hazard)["in_180_days"] == 2
