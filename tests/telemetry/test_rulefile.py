"""A rule file loads whole or is refused with file, line and mend for every mistake in it."""

from pathlib import Path

import pytest

from hazard_flow.telemetry import rulefile
from hazard_flow.telemetry.rulefile import RuleFileError, read_rules, shipped_rules
from hazard_flow.telemetry.rules import Meaning
from hazard_flow.telemetry.signals import Problem, Raw
from hazard_flow.telemetry.sources.alertmanager import parse
from tests.telemetry.payloads import bodies
from tests.telemetry.test_alertmanager import RECEIVED

SHIPPED = (Path(rulefile.__file__).parent / "rules.v1.yaml").read_text("utf-8")


def test_the_shipped_rules_are_those_of_the_standard() -> None:
    rule = shipped_rules().threshold_for("ch4_lel")
    assert rule is not None
    assert [(level.level, level.above, level.clear_below, level.k, level.n) for level in rule.levels] == [
        (1, 25, 20, 3, 5),
        (2, 50, 45, 3, 3),
    ]
    assert rule.family == "gas_leak"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("above: 25,", "above: 15,", "the deadband is upside down"),
        ("above: 50,", "above: 500,", "500 %LEL is outside the span"),
        ("k: 3, n: 5", "k: 6, n: 5", "6 of the last 5 samples can never be"),
        ("k: 3, n: 5", "k: 3, n: five", "'five' is not a number"),
        ("above: 50, clear_below: 45", "above: 22, clear_below: 20", "level 2 must be the worse"),
        ("family: gas_leak, hazard: general", "family: gas, hazard: general", "'gas' is not known here"),
        ("hazard: general", "hazard: major", "'major' is not known here"),
        ("off_delay: 10m", "off_delay: 10", "a duration with its unit is expected here"),
        ("scope: device", "scope: planet", "'planet' is not known here"),
        ("- id: gas_level", "- id: gas_level\n  rates: 3", "unknown key 'rates'"),
        ("span: [0, 100]", "span: [100, 0]", "a span has a low and a high end"),
        ("where: {kind: sensor_fault}", "where: {}", "a line without labels would match every alert"),
        ("en: Gas leak", "de: Gasleck", "unknown key 'de'"),
        ("version: 1", "version: 0", "a whole number from 1 to 10000 is expected here"),
    ],
)
def test_a_mistake_is_named_with_its_line(old: str, new: str, said: str) -> None:
    assert old in SHIPPED
    with pytest.raises(RuleFileError) as refused:
        read_rules(SHIPPED.replace(old, new, 1).encode(), name="mine.yaml")
    mistake = next(m for m in refused.value.mistakes if said in m.message)
    expected = SHIPPED[: SHIPPED.index(old)].count("\n") + 1
    assert abs(mistake.line - expected) <= 1
    assert str(mistake).startswith(f"mine.yaml:{mistake.line}: ")
    assert mistake.mend


@pytest.mark.parametrize(
    "text", ["", "[]", "a: [", "version: 1", "version: 1\nversion: 1", "\x00", "rules: *x"]
)
def test_what_is_no_rule_file_is_refused(text: str) -> None:
    with pytest.raises(RuleFileError):
        read_rules(text.encode(), name="x.yaml")


def test_all_mistakes_are_listed_at_once() -> None:
    wrong = SHIPPED.replace("above: 25,", "above: 15,", 1).replace("hazard: general", "hazard: major", 1)
    with pytest.raises(RuleFileError) as refused:
        read_rules(wrong.encode(), name="x.yaml")
    assert len(refused.value.mistakes) == 2


def test_recorded_alerts_find_their_family() -> None:
    rules = shipped_rules()
    [fault] = parse(Raw("alertmanager", bodies("06")[0], RECEIVED)).signals
    [gas] = parse(Raw("alertmanager", bodies("02")[0], RECEIVED)).signals
    assert rules.meaning("alertmanager", fault) == Meaning("alertmanager", "device_fault", "sensor_fault", 1)
    assert rules.meaning("alertmanager", gas) == Meaning("alertmanager", "gas_leak", "process", 2)
    assert rules.meaning("zabbix", gas) == Problem("no_mapping", "CombustibleGasSecondLevel")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, (0, "")),
        (100, (100, "")),
        (130, (100, "over_range")),  # a saturated head may well be real gas
        (-1, Problem("outside_span", "ch4_lel -1 %LEL")),
        (65535, Problem("outside_span", "ch4_lel 65535 %LEL")),
    ],
)
def test_readings_are_held_against_the_span(value: float, expected: object) -> None:
    assert shipped_rules().reading("ch4_lel", value) == expected
