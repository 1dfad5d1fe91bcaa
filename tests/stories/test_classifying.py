"""Whoever classifies says what it is: the row of the catalogue, the urgency, and with it what must be shown at the end."""

import pytest

from hazard_flow.errors import NotAllowed, NotFound, Refused
from tests.harness.city import City
from tests.harness.refusals import said


def test_the_classifier_s_urgency_stands_not_the_reporter_s(city: City):
    hazard = city.report(suspected_urgency="A")

    city.assign(hazard, urgency="C", due_at=city.day(60))

    assert city.look(hazard).urgency == "C"


def test_the_code_the_classifier_cites_is_the_hazard_s(city: City):
    hazard = city.report(catalogue_code="VLV-G02")

    city.assign(hazard, basis=["城镇燃气管理条例 第三十五条", "VLV-G04"])

    classified = city.look(hazard)
    assert classified.catalogue_code == "VLV-G04"
    assert classified.details["catalogue_code"] == "VLV-G02"  # what the reporter thought stays in the record


def test_an_article_in_words_leaves_the_reporter_s_code(city: City):
    hazard = city.report(catalogue_code="VLV-G02")

    city.assign(hazard, basis=["城镇燃气管理条例 第三十五条"])

    assert city.look(hazard).catalogue_code == "VLV-G02"


@pytest.mark.parametrize(
    ("basis", "code"),
    [("VLV-G99", "clause_unknown"), ("PIP-M01", "clause_unknown"), ("短", "clause_unknown")],
)
def test_a_basis_that_is_none_is_refused(city: City, basis: str, code: str):
    hazard = city.report()

    with pytest.raises(Refused) as refusal:
        city.assign(hazard, basis=[basis])

    assert said(refusal) == {("basis", code)}


def test_a_major_cites_a_clause_of_the_national_list_or_of_a_local_one(city: City):
    hazard = city.report(major=True)

    with pytest.raises(Refused) as refusal:
        city.assign(hazard, clause=["VLV-G03"])
    assert said(refusal) == {("clause", "clause_unknown")}

    city.assign(hazard, clause=["江海省重大隐患补充判定标准 第三条"])
    assert city.look(hazard).state == "assigned"


def test_a_report_under_a_code_of_the_national_list_is_a_suspected_major(city: City):
    hazard = city.report("违章建筑压在管线上", catalogue_code="PIP-M01")

    assert (hazard.workflow, hazard.level, hazard.urgency) == ("major", "major", "M")


def test_a_conditional_code_is_general_until_its_time_runs_out(city: City):
    hazard = city.report("地下室使用液化气", catalogue_code="RES-M01", source="household_check")

    assert (hazard.level, hazard.urgency) == ("general", "A")
    assert "written_notice" in city.timers(hazard)


@pytest.mark.parametrize("who", ["李巡检", "王班长", "徐复查", "周调度", "钱管理", "卢主任"])
def test_others_do_not_classify(city: City, who: str):
    hazard = city.report(by="郑巡检", unit="运行一班", asset="VW-1")

    with pytest.raises((NotAllowed, NotFound)):
        city.assign(hazard, by=who)


def test_the_department_manager_may(city: City):
    hazard = city.report()

    city.assign(hazard, by="赵经理", closer=str(city.person("孟安全")))

    assert city.look(hazard).state == "assigned"


def test_a_department_manager_does_not_confirm_a_major(city: City):
    hazard = city.report(major=True)

    with pytest.raises(NotAllowed):
        city.assign(hazard, by="赵经理")
