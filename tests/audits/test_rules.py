"""The file of the audit's rules: what is wrong with it is said with its line and a mend, all at once."""

from pathlib import Path

import pytest

from hazard_flow.audits import rules
from hazard_flow.audits.judging import JUDGES
from hazard_flow.audits.rules import audit_rules, load_rules
from hazard_flow.workflow.rule_file import RuleFileError

SHIPPED = (Path(rules.__file__).parent / "rules.v1.yaml").read_text("utf-8")


def test_the_shipped_file_has_the_twenty_points_and_a_judge_for_each():
    found = audit_rules()
    assert [point.number for point in found.points.values()] == list(range(1, 21))
    assert found.points.keys() == JUDGES.keys()


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        (
            "judge: machine, weight: 3, mark: V,",
            "judge: oracle, weight: 3, mark: V,",
            "'oracle' is not known",
        ),
        ("weight: 3, mark: V,", "weight: heavy, mark: V,", "a whole number from 1 to 10"),
        ("weight: 3, mark: V,", "weight: 3, mark: X,", "'X' is not known"),
        ("name: {zh: 等级准确, en: Level is right}", "name: {zh: 等级准确}", "'en' is missing"),
        ('pct_lel: "1"', 'pct_lel: "little"', "a number is expected"),
        ("blue: 72", "green: 72", "'green' is not known"),
        ("answer_fails: [orange, red]", "answer_fails: [orange, pink]", "'pink' is not known"),
        ("percent_max: 10", "percent_max: 4", "from 5 to 100"),
        ("measure_left_min: 4\n", "\n", "'measure_left_min' is missing"),
        ("version: 1\n", "version: [1\n", "did not find expected"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_mend(good: str, bad: str, said: str):
    assert good in SHIPPED

    with pytest.raises(RuleFileError) as refused:
        load_rules(SHIPPED.replace(good, bad, 1), name="rules.v2.yaml")

    assert said in str(refused.value)
    assert all(str(one).startswith(f"rules.v2.yaml:{one.line}: ") for one in refused.value.mistakes)
    assert all("Mend: " in str(one) for one in refused.value.mistakes)


def test_all_mistakes_come_at_once_and_one_that_is_missing_is_said_once():
    broken = SHIPPED.replace("weight: 3, mark: V,", "weight: 30, mark: V,", 1).replace(
        "night: {from: 22, to: 6}\n", ""
    )

    with pytest.raises(RuleFileError) as refused:
        load_rules(broken, name="r")

    assert len(refused.value.mistakes) == 2
