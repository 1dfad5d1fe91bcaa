"""A file of ladders loads only when no ladder can end in silence; a refusal names the line and a mend."""

import pytest

from hazard_flow.ladders.rules import ladders, load_ladders
from hazard_flow.workflow.rule_file import RuleFileError

GOOD = """version: 1
ladders:
  trial:
    name: {zh: 试, en: Trial}
    mark: D
    rungs:
    - {before: 1 h, tell: [responsible]}
    - {after: 0 min, tell: [team_leader], colour: blue, acknowledge_within: 2 h}
    - {after: 1 days, tell: [county_officer], repeat: 1 days}
"""


def test_shipped_ladders_load():
    assert {"round_overdue", "accident_report", "first_review"} <= set(ladders())


def test_a_good_file_loads():
    assert len(load_ladders(GOOD, name="trial")["trial"].rungs) == 3


@pytest.mark.parametrize(
    ("was", "becomes", "line", "said"),
    [
        (", repeat: 1 days", "", 9, "silence"),
        ("[county_officer]", "[team_leader]", 9, "silence"),
        ("after: 1 days", "after: 0 min", 9, "no later"),
        ("before: 1 h", "before: 1 workday", 7, "by the clock"),
        ("team_leader", "teamleader", 8, "teamleader"),
        ("colour: blue", "colour: green", 8, "green"),
        ("mark: D", "mark: X", 5, "'X'"),
        ("before: 1 h, ", "", 7, "says when"),
    ],
)
def test_a_mistake_names_its_line(was: str, becomes: str, line: int, said: str):
    with pytest.raises(RuleFileError) as refused:
        load_ladders(GOOD.replace(was, becomes, 1), name="trial.yaml")
    assert any(one.line == line and said in one.message for one in refused.value.mistakes), str(refused.value)
