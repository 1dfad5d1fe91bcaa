"""Nobody opens: each visit is counted and its notice posted; after the visits policy asks for, and in writing, gas may be stopped."""

import pytest

from hazard_flow.errors import NotAllowed, NotFound, Refused, StateConflict
from tests.harness.city import City
from tests.harness.refusals import said


def visited(city: City, times: int):
    hazard = city.household()
    city.control(hazard)
    for _ in range(times):
        city.record_absence(hazard)
        city.fast_forward(hours=20)
    return hazard


def test_visits_are_counted_each_with_its_posted_notice(city: City):
    hazard = visited(city, 2)

    assert city.look(hazard).counters == {"visits": 2}
    assert [e.kind for e in city.evidence(hazard)].count("ABSENCE_NOTICE_PHOTO") == 2
    assert city.told(hazard, template="counted") == []


def test_an_old_photo_of_the_notice_will_not_do(city: City):
    hazard = city.household()
    city.assign(hazard, closer=city._id("何安全"), by="赵经理")
    city.record_absence(hazard)

    with pytest.raises(Refused) as refusal:
        city.record_absence(hazard, evidence=[])

    assert said(refusal) == {("evidence", "evidence_missing")}


def test_the_third_in_vain_is_told_at_once_and_each_further_one(city: City):
    hazard = visited(city, 3)
    assert {m.who for m in city.told(hazard, template="counted")} == {"赵经理", "何安全"}
    assert city.look(hazard).colour == "yellow"

    city.record_absence(hazard)
    assert {m.params["count"] for m in city.told(hazard, template="counted")} == {3, 4}


def test_before_that_gas_is_not_stopped_for_it_even_after_notice(city: City):
    hazard = visited(city, 2)
    city.serve_notice(hazard)

    with pytest.raises(Refused) as refusal:
        city.stop_gas(hazard, gas_ground="refused_entry")

    assert said(refusal) == {("guard", "gas_stop_lawful")}


def test_nor_without_notice_after_it(city: City):
    hazard = visited(city, 3)

    with pytest.raises(Refused) as refusal:
        city.stop_gas(hazard, gas_ground="refused_entry")
    assert said(refusal) == {("guard", "gas_stop_lawful")}

    city.serve_notice(hazard, delivery="posted")
    city.stop_gas(hazard, gas_ground="refused_entry")


def test_refused_entry_counts_like_an_empty_house(city: City):
    hazard = visited(city, 2)

    city.record_absence(hazard, visit_result="refused")

    assert city.look(hazard).counters == {"visits": 3}


def test_a_visit_that_found_somebody_does_not_count(city: City):
    hazard = visited(city, 1)

    city.record_visit(hazard)

    assert city.look(hazard).counters == {"visits": 1}


def test_both_reset_the_follow_up(city: City):
    hazard = city.bring_to(city.household(), "rectifying")
    for act in (city.record_absence, city.record_visit):
        city.fast_forward(hours=3)
        act(hazard)
        assert city.timers(hazard)["follow_up"].started_at == city.now


def test_an_absence_is_no_result_of_a_visit_and_the_other_way_round(city: City):
    hazard = city.household()

    with pytest.raises(Refused) as refusal:
        city.record_absence(hazard, visit_result="done")
    assert said(refusal) == {("visit_result", "not_a_choice")}
    with pytest.raises(Refused) as refusal:
        city.record_visit(hazard, visit_result="absent")
    assert said(refusal) == {("visit_result", "not_a_choice")}


@pytest.mark.parametrize("who", ["唐监管", "何安全", "周调度", "郑巡检"])
def test_only_who_goes_there_records_it(city: City, who: str):
    hazard = city.household(asset="VW-1")

    with pytest.raises((NotAllowed, NotFound)):
        city.record_absence(hazard, by=who)


def test_an_ordinary_hazard_knows_no_visits(city: City):
    with pytest.raises(NotFound):
        city.record_absence(city.report())


def test_only_what_a_household_check_found_is_treated_so(city: City):
    hazard = city.report()

    with pytest.raises(Refused) as refusal:
        city.act("李巡检", hazard, "to_household")

    assert said(refusal) == {("guard", "switch_not_for_this")}
    assigned = city.bring_to(city.report(source="household_check"), "assigned")
    with pytest.raises(StateConflict):
        city.act("李巡检", assigned, "to_household")
