"""The rules file of originality: what is wrong with it is said with file, line and mend, all at once; what it says can be relied on."""

from pathlib import Path

import pytest

from hazard_flow.evidence.fingerprints import DISTANCE_MAX
from hazard_flow.hazards.originality import rules
from hazard_flow.hazards.originality.rules import CHECKS, load_rules, shipped_rules
from hazard_flow.i18n import known
from hazard_flow.workflow.rule_file import RuleFileError

SHIPPED = (Path(rules.__file__).parent / "rules.v2.yaml").read_text("utf-8")


def line_of(text: str, part: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), 1) if part in line)


def test_the_shipped_file_loads_and_every_check_has_its_weight_and_its_sentence():
    found = shipped_rules()
    assert found.weights.keys() == set(CHECKS)
    assert all(known(f"originality.{check}") for check in CHECKS)
    assert found.limit("near_bits") <= DISTANCE_MAX
    assert {value.mark for value in (*found.limits.values(), *found.weights.values())} <= set(rules.MARKS)


def test_the_longest_beginning_of_a_code_counts():
    found = load_rules(
        SHIPPED.replace("  PIP: {value: 5", "  PIP-G03: {value: 30, mark: D}\n  PIP: {value: 5"), name="r"
    )
    assert [found.minutes(code).value for code in ("PIP-G03", "PIP-M01", "RES-G01")] == [30, 5, 2]
    assert found.minutes("XYZ-G01") is None


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("near_bits:            {value: 7,", "near_bits:            {value: 8,", "from 0 to 7"),
        (
            "speed_kmh:            {value: 120,  mark: D}",
            "speed_kmh:            {value: fast, mark: D}",
            "whole number",
        ),
        (
            "far_m:                {value: 200,  mark: D}",
            "far_m:                {value: 200,  mark: X}",
            "'X'",
        ),
        ("  too_fast:           {value: 60, mark: D}\n", "", "'too_fast' is missing"),
        ("  edited:  ", "  editted: ", "'editted' is not known"),
        ("  PIP: {", "  PIPE: {", "'PIPE' begins no catalogue code"),
        ("720x1280", "1280x720", "'1280x720' is no size of a screen"),
        ("[PHOTO_BEFORE, PHOTO_AFTER,", "[PHOTO_BEFORE, PHOTO_LATER,", "'PHOTO_LATER' is not known"),
        ("spread_assets: [pipe_segment,", "spread_assets: [pipe,", "'pipe' is not known"),
        ("version: 2\n", "version: 2\nversion: 3\n", "stands twice"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_mend(good: str, bad: str, said: str):
    assert good in SHIPPED
    broken = SHIPPED.replace(good, bad, 1)

    with pytest.raises(RuleFileError) as refused:
        load_rules(broken, name="rules.v2.yaml")

    [mistake] = [one for one in refused.value.mistakes if said in one.message or said in one.mend]
    assert str(mistake).startswith(f"rules.v2.yaml:{mistake.line}: ")
    assert "Mend: " in str(mistake)
    if bad:
        assert abs(mistake.line - line_of(broken, bad.strip().splitlines()[-1])) <= 1


def test_all_mistakes_come_at_once():
    broken = SHIPPED.replace("value: 7,", "value: 70,", 1).replace("mark: D}", "mark: Q}", 1)
    with pytest.raises(RuleFileError) as refused:
        load_rules(broken, name="r")
    assert len(refused.value.mistakes) == 2


def test_what_is_no_yaml_is_said():
    with pytest.raises(RuleFileError, match="write plain YAML"):
        load_rules("version: [1", name="r")
