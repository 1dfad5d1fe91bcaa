"""What verdicts come to; and that the rules of the points are whole."""

import pytest

from hazard_flow.audits import outcome
from hazard_flow.audits.finding import Finding, Remark, worst
from hazard_flow.audits.outcome import Given
from hazard_flow.audits.rules import audit_rules
from hazard_flow.catalogue.policy_file import shipped_policy
from hazard_flow.i18n import Label

RULES = audit_rules()
NOTHING = Label(zh="无", en="nothing")


def verdicts(**said: str) -> dict[str, dict[str, str]]:
    return {key: {"verdict": said.get(key, "pass")} for key in RULES.points}


def test_twenty_points_in_order_each_with_its_names_basis_and_retention():
    keys = {row.key for row in shipped_policy().rows}

    assert [point.number for point in RULES.points.values()] == list(range(1, 21))
    assert all(
        point.name.zh and point.name.en and point.asks.zh and point.asks.en for point in RULES.points.values()
    )
    assert all(point.basis.zh and point.basis.en and point.weight > 0 for point in RULES.points.values())
    assert {point.kept for point in RULES.points.values()} <= keys


def test_all_in_order_is_a_hundred_all_failing_nothing():
    assert outcome.score(verdicts(), RULES) == 100
    assert outcome.score(verdicts(**dict.fromkeys(RULES.points, "fail")), RULES) == 0
    assert outcome.score(verdicts(**dict.fromkeys(RULES.points, "remark")), RULES) == 50
    assert outcome.score(verdicts(**dict.fromkeys(RULES.points, "na")), RULES) == 100


def test_a_point_weighs_what_the_rules_say_and_what_does_not_apply_nothing():
    whole = sum(point.weight for point in RULES.points.values())
    level, funds = RULES.points["level"].weight, RULES.points["funds"].weight

    assert outcome.score(verdicts(level="fail"), RULES) == 100 * (whole - level) // whole
    without = whole - funds
    assert outcome.score(verdicts(level="fail", funds="na"), RULES) == 100 * (without - level) // without


@pytest.mark.parametrize(
    ("machine", "verdict", "needs"),
    [
        ("pass", "pass", False), ("pass", "remark", True), ("pass", "fail", True), ("pass", "na", True),
        ("remark", "remark", False), ("remark", "pass", True), ("remark", "fail", True),
        ("fail", "fail", False), ("fail", "pass", True), ("fail", "remark", True),
        ("open", "pass", False), ("open", "remark", True), ("open", "fail", True), ("open", "na", True),
        ("na", "na", False), ("na", "fail", True),
    ],
)  # fmt: skip
def test_only_the_machines_own_word_goes_without_a_reason(machine: str, verdict: str, needs: bool):
    findings = {"level": Finding("level", machine, NOTHING)}

    wrong = outcome.wrong([Given("level", verdict)], findings, RULES)
    explained = outcome.wrong([Given("level", verdict, "已核对现场")], findings, RULES)

    assert [one.code for one in wrong] == (["override_needs_reason"] if needs else [])
    assert explained == []


def test_the_worst_of_several_remarks_counts_and_what_is_in_order_says_nothing_beside_it():
    found = worst("photos", [
        Remark("pass", Label(zh="好", en="good"), (1,)),
        Remark("fail", Label(zh="坏", en="bad"), (3,)),
        Remark("remark", Label(zh="疑", en="odd"), (2,)),
    ])  # fmt: skip

    assert (found.result, found.reason.zh, found.reason.en, found.seqs) == (
        "fail",
        "坏；疑",
        "bad; odd",
        (2, 3),
    )
    assert Finding.read(found.plain()) == found
