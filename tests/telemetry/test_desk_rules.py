"""The desk's file: what is released, and what may not load."""

from pathlib import Path

import pytest

from hazard_flow.telemetry.desk import rules
from hazard_flow.telemetry.desk.rules import desk_rules, load_rules
from hazard_flow.workflow.rule_file import RuleFileError

TEXT = (Path(rules.__file__).parent / "desk.v1.yaml").read_text("utf-8")


def test_the_worse_the_sooner() -> None:
    found = desk_rules()
    minutes = [found.limit(level=level, alert_class=kind).total_seconds() / 60
               for level, kind in ((2, "process"), (2, "sensor_fault"), (1, "process"), (1, "sensor_fault"))]  # fmt: skip
    assert minutes == [5, 5, 15, 60]


def test_every_false_alarm_of_gas_asks_for_a_reading() -> None:
    assert {
        c.code for c in desk_rules().causes.values() if c.verdict == "false_alarm" and not c.needs_reading
    } == set()
    assert {c.verdict for c in desk_rules().causes.values()} == set(rules.VERDICTS)


@pytest.mark.parametrize(
    ("was", "becomes", "message"),
    [
        ("shelved: 8\n", "shelved: 9\n", "a whole number from 1 to 8"),
        ("verdict: undecided", "verdict: perhaps", "'perhaps' is not known here"),
        ("reading: false", "reading: maybe", "true or false is expected"),
        ("operators: 1 ", "operators: 0 ", "a whole number from 1 to 100"),
        ("flood_above: 10 ", "flood_over: 10 ", "'flood_above' is missing"),
        ("en: Marsh gas", "de: Sumpfgas", "'en' is missing"),
    ],
)
def test_a_mistake_is_told_with_its_line(was: str, becomes: str, message: str) -> None:
    assert was in TEXT
    with pytest.raises(RuleFileError) as refused:
        load_rules(TEXT.replace(was, becomes, 1), name="desk.v2.yaml")
    assert message in str(refused.value)
    assert all(one.file == "desk.v2.yaml" and one.line > 1 for one in refused.value.mistakes)
