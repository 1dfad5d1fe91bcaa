"""Who sees what of the radar, what stays secret from whom, and what stands above what."""

import uuid

import pytest

from hazard_flow.assessment.radar.findings import Case, Finding, rank_enterprises, rank_hazards, score
from hazard_flow.assessment.radar.rules import load_rules, radar_rules
from hazard_flow.workflow.rule_file import RuleFileError
from tests.assessment.radar.looking import found, look, numbers, quickly
from tests.harness.cast import ANPING, HENGCHUAN, START
from tests.harness.city import City
from tests.harness.inspecting import examine, take
from tests.harness.photos import tiny_jpeg
from tests.harness.risks import fires

LEAK = {"catalogue_code": "VLV-G01", "asset": "VW-1"}


def test_a_regulator_sees_its_division_and_an_enterprise_itself(city: City):
    quickly(city)
    seen = {
        who: look(city, who).count for who in ("陈处长", "唐监管", "卢主任", "何安全", "方监管", "马安全")
    }
    assert seen == {"陈处长": 1, "唐监管": 1, "卢主任": 1, "何安全": 1, "方监管": 0, "马安全": 0}


def test_a_department_sees_its_own_and_a_role_without_the_right_nothing(city: City):
    quickly(city)
    assert look(city, "孟安全").count == 0, "the hazard is the operations department's"
    for who in ("韩总", "李巡检", "周调度", "顾管理"):
        assert look(city, who).count == 0, who


def test_the_part_somebody_holds_in_a_strange_hazard_opens_no_radar(city: City):
    city.also("何安全", ANPING, "inspector")
    city.report(by="孙巡检", asset="AP-1", catalogue_code="VLV-G01")
    for _ in range(2):
        city.report(by="孙巡检", asset="AP-1", catalogue_code="VLV-G01")
    assert len(found(city, "recurring_assets", "陈处长")) == 1
    assert found(city, "recurring_assets", "何安全") == []


def test_what_was_reported_past_a_manager_is_counted_for_nobody(city: City):
    for _ in range(3):
        city.report_protected(**LEAK)
    for who in ("何安全", "唐监管", "陈处长"):
        assert look(city, who).count == 0, who


def test_a_protected_report_does_not_break_the_silence_of_its_team(city: City):
    city.fast_forward(days=31)
    for _ in range(3):
        city.report(by="李巡检")
    hidden = city.report_protected(by="郑巡检")
    city.take_up(hidden)
    for who in ("何安全", "唐监管"):
        assert [one.name.zh for one in found(city, "silent_teams", who) if one.name] == ["运行二班"], who


def test_the_hazard_of_another_enterprise_is_counted_and_not_named(city: City):
    photo = tiny_jpeg()
    theirs = city.report(by="邓总", unit=ANPING, evidence=[take(city, photo)])
    ours = city.report(evidence=[take(city, photo)])
    examine(city)
    [own] = found(city, "reused_photos", "何安全")
    assert (numbers([own]), own.seen["others"]) == ({ours.number}, 1)
    [whole] = found(city, "reused_photos", "陈处长")
    assert numbers([whole]) == {ours.number, theirs.number}


def test_who_is_found_out_by_more_signals_stands_higher(city: City):
    once = quickly(city)
    both = quickly(city, code="VLV-G01", asset="VW-1")
    examine(city)
    city.fast_forward(hours=5)
    fires(city, "VW-1")
    seen = look(city)
    ranked = [case.number for case, _ in seen.hazards]
    assert ranked.index(both.number) < ranked.index(once.number)
    top = seen.hazards[0][1]
    assert set(top.signals) == {"contradicted_closings", "closed_too_fast"}
    [enterprise] = seen.enterprises
    assert enterprise.subject_id == city.founded.units[HENGCHUAN]
    assert seen.closed == {enterprise.subject_id: 2}


def finding(
    home: uuid.UUID, points: int, *, signal: str = "closed_too_fast", about: str = "hazard"
) -> Finding:
    case = Case(uuid.uuid4(), f"YH-{uuid.uuid4()}", "t", home, "general", "B", "closed", START)
    subject = case.id if about == "hazard" else home
    return Finding(signal, home, about, subject, points, START, {}, {}, (case,))


def test_a_large_enterprise_is_not_first_by_being_large():
    large, small = uuid.uuid4(), uuid.uuid4()
    many = [finding(large, 30) for _ in range(50)]
    few = [finding(small, 30, signal=key) for key in ("closed_too_fast", "moved_deadlines") for _ in range(3)]
    assert [one.subject_id for one in rank_enterprises([*many, *few])] == [small, large]


def test_a_finding_about_many_weighs_half_on_each():
    home = uuid.uuid4()
    alone, among = finding(home, 50), finding(home, 50, about="enterprise")
    ranked = rank_hazards([among, alone])
    assert [one.score for _, one in ranked] == [50, 25]


def test_a_score_grows_with_the_distance_and_never_reaches_a_hundred():
    assert [score(40, ratio) for ratio in (1, 2, 4, 400)] == [40, 64, 87, 87]
    assert score(100, 4) == 99


def test_every_threshold_of_the_shipped_rules_is_marked():
    rules = radar_rules()
    assert {one.mark for own in rules.signals.values() for one in own.values()} == {"D"}


def test_a_file_of_thresholds_is_refused_with_everything_that_is_wrong():
    text = "version: 1\nwindow_days: {value: 0, mark: D}\nsignals:\n  silent_teams: {weight: {value: 300, mark: Q}}\n"
    with pytest.raises(RuleFileError) as refused:
        load_rules(text, name="rules.v9.yaml")
    said = [str(one) for one in refused.value.mistakes]
    assert any(one.startswith("rules.v9.yaml:2:") and "1 to 400" in one for one in said)
    assert any("1 to 100" in one for one in said)
    assert any("'Q' is not known" in one for one in said)
    assert any("'days' is missing" in one for one in said)
    assert any("'moved_deadlines' is missing" in one for one in said)
