"""One finding reported twice becomes one hazard: its evidence and its alarm go along, both records tell of it, nothing half happens."""

import dataclasses

import pytest
import sqlalchemy as sa

from hazard_flow.errors import NotAllowed, Refused, StateConflict
from hazard_flow.evidence.models import Evidence
from hazard_flow.hazards.models import RequestKey
from tests.harness.city import City
from tests.harness.refusals import said
from tests.harness.together import together


def test_it_ends_in_the_other_and_both_records_tell(city: City):
    first, second = city.report("阀井盖破损"), city.report("井盖裂了一半", by="郑巡检", asset="VW-1")

    city.merge(second, first)

    ended, kept = city.look(second), city.look(first)
    assert (ended.stage, ended.resolution, ended.merged_into_id) == ("closed", "merged", first.id)
    assert city.timers(second) == {}
    assert city.events(second)[-1].data["merged_into"] == first.number
    linked = city.events(first)[-1]
    assert (linked.type, linked.who, linked.action) == ("hazard.linked", "何安全", None)
    assert (linked.data["link"], linked.data["number"]) == ("merged_from", second.number)
    assert (kept.state, kept.resolution) == ("reported", None)


def test_its_evidence_goes_along(city: City):
    first = city.bring_to(city.report(), "rectifying")
    second = city.report(evidence=[city.photo(), city.photo("LEAK_READING_BEFORE")])

    city.merge(second, first)

    there = {(e.sha256, e.kind) for e in city.evidence(first)}
    assert {(e.sha256, e.kind) for e in city.evidence(second)} <= there
    assert {e["sha256"] for e in city.events(first)[-1].data["evidence"]} == {
        e.sha256 for e in city.evidence(second)
    }
    # its photo before needs one after, too
    with pytest.raises(Refused) as refusal:
        city.submit(first, evidence=city.after_photos(first)[:1])
    assert said(refusal) == {("evidence", "evidence_pair_missing")}
    city.submit(first)


def test_a_picture_both_have_is_there_once(city: City):
    same = city.photo()
    first, second = city.report(evidence=[same]), city.report(evidence=[same])

    city.merge(second, first)

    rows = city.all(sa.select(Evidence).where(Evidence.hazard_id == first.id))
    assert [e.sha256 for e in rows] == [same.sha256]


def test_the_alarm_level_rises_and_whoever_works_on_it_hears(city: City):
    first = city.bring_to(city.report(asset="VW-1"), "rectifying")
    alarm = city.alarm_report(signal={"alarm_level": 2, "blind": True})
    [opened] = city.apply([alarm])

    city.merge(opened.hazard, first)

    kept = city.look(first)
    assert (kept.alarm_level, kept.blind) == (2, True)
    assert {m.who for m in city.told(first, template="alarm")} == {"王班长"}


def test_it_never_falls(city: City):
    [first] = city.apply([city.alarm_report(signal={"alarm_level": 2})])
    second = city.report(asset="VW-1")

    city.merge(second, first.hazard)

    assert city.look(first.hazard).alarm_level == 2
    assert city.told(first.hazard, template="alarm") == []


def test_who_reported_it_hears_where_it_went(city: City):
    first, second = city.report(), city.report(by="李巡检")

    city.merge(second, first)

    assert {m.who for m in city.told(second) if m.params.get("action") == "merge"} == {"李巡检"}


def test_nobody_merges_what_they_reported(city: City):
    first = city.report()
    second = city.report(by="何安全", unit="运行一班")

    with pytest.raises(Refused) as refusal:
        city.merge(second, first, by="何安全")

    assert said(refusal) == {("separation", "own_work")}


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("YH-990102-20261102-9999", "hazard_unknown"),
        ("itself", "hazard_same"),
        ("closed", "hazard_closed"),
        ("elsewhere", "hazard_elsewhere"),
        ("another enterprise", "hazard_unknown"),
        ("ordinary", "hazard_less_serious"),
    ],
)
def test_a_target_that_is_none_is_refused_and_nothing_happens(city: City, target: str, code: str):
    hazard = city.report(asset="VW-1")
    if target == "itself":
        target = hazard.number
    elif target == "closed":
        other = city.report(asset="VW-1")
        city.dismiss(other)
        target = other.number
    elif target == "elsewhere":
        target = city.report(asset="VW-9", by="郑巡检").number
    elif target == "another enterprise":
        target = city.report(by="孙巡检").number
    elif target == "ordinary":
        hazard = city.report(catalogue_code="RES-M01", source="household_check")
        target = city.report().number
    before = {h.id: h.seq for h in city.hazards()}

    with pytest.raises(Refused) as refusal:
        city.merge(hazard, target)

    assert said(refusal) == {("merge_into", code)}
    assert {h.id: h.seq for h in city.hazards()} == before


def test_what_is_no_number_is_refused(city: City):
    with pytest.raises(Refused) as refusal:
        city.merge(city.report(), "隐患七号", reason="同")

    assert {field for field, _ in said(refusal)} == {"merge_into", "reason"}


def test_two_conditional_ones_may_be_one(city: City):
    first, second = (city.report(catalogue_code="RES-M01", source="household_check") for _ in range(2))

    city.merge(second, first)

    assert city.look(second).resolution == "merged"


def test_what_stands_open_is_settled_first(city: City):
    first, second = city.report(), city.report()
    city.control(second)
    city.request_lowering(second)
    city.stop_gas(second)
    city.request_transfer(second)

    with pytest.raises(Refused) as refusal:
        city.merge(second, first)

    assert said(refusal) == {
        ("guard", f"no_open_{flag}") for flag in ("control", "lowering", "gas_stop", "transfer")
    }


def test_once_assigned_it_is_not_merged(city: City):
    first, second = city.report(), city.bring_to(city.report(), "assigned")

    with pytest.raises(StateConflict):
        city.merge(second, first)


@pytest.mark.parametrize("who", ["李巡检", "王班长"])
def test_others_do_not(city: City, who: str):
    first, second = city.report(by="郑巡检", asset="VW-1"), city.report(by="郑巡检", asset="VW-1")

    with pytest.raises(NotAllowed):
        city.merge(second, first, by=who)


def test_a_major_is_not_merged_away(city: City):
    first, second = city.report(major=True), city.report(major=True)

    with pytest.raises(Exception, match="merge") as refusal:
        city.merge(second, first)

    assert refusal.value.code == "not_found"


def test_in_a_batch_the_bad_one_fails_alone(city: City):
    into = city.report()
    hazards = [city.report() for _ in range(3)]
    changes = [
        dataclasses.replace(city.change("何安全", h, "merge", merge_into=into.number, reason="同一处问题"))
        for h in hazards
    ]
    changes[1] = dataclasses.replace(
        changes[1], data={"merge_into": hazards[1].number, "reason": "同一处问题"}
    )

    outcomes = city.apply(changes)

    assert [o.error.code if o.error else None for o in outcomes] == [None, "refused", None]
    assert [city.look(h).resolution for h in hazards] == ["merged", None, "merged"]
    linked = [e.data["number"] for e in city.events(into, "hazard.linked")]
    assert linked == [hazards[0].number, hazards[2].number]


def test_in_one_batch_nothing_is_merged_into_what_ended_there(city: City):
    one, two = city.report(), city.report()
    changes = [
        city.change("何安全", one, "merge", merge_into=two.number, reason="同一处问题"),
        city.change("何安全", two, "merge", merge_into=one.number, reason="同一处问题"),
    ]

    outcomes = city.apply(changes)

    assert [o.error.code if o.error else None for o in outcomes] == [None, "refused"]
    assert [city.look(h).resolution for h in (one, two)] == ["merged", None]


def test_merged_into_each_other_at_once_one_stays(city: City):
    one, two = city.report(), city.report()
    changes = [
        city.change("何安全", one, "merge", merge_into=two.number, reason="同一处问题"),
        city.change("赵经理", two, "merge", merge_into=one.number, reason="同一处问题"),
    ]

    answers = together(2, lambda n: city.act_as(changes[n]))

    assert sorted(isinstance(a, Exception) for a in answers) == [False, True], answers
    assert sorted(str(city.look(h).resolution) for h in (one, two)) == ["None", "merged"]


def test_the_same_request_again_is_one_merge(city: City):
    first, second = city.report(), city.report()
    city.merge(second, first, key="m-1")

    again = city.merge(second, first, key="m-1")

    assert again.replayed
    assert len(city.events(first, "hazard.linked")) == 1
    assert len(city.all(sa.select(RequestKey).where(RequestKey.key == "m-1"))) == 1
