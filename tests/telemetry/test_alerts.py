"""Statements of other systems about their alerts, spelt out."""

from datetime import UTC, datetime

import pytest

from hazard_flow.telemetry.alerts import Change, Said, fold_statement

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def said(words: str) -> list[str]:
    """The transitions of one episode after firing (F) and resolved (R) in this order."""
    state: Said | None = None
    steps = []
    for word in words:
        state, step = fold_statement(state, firing=word == "F", level=2, episode="e", at=START)
        steps += [step.change.value] if step else []
    return steps


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("F", ["raised"]),
        ("FFF", ["raised"]),
        ("FR", ["raised", "ended"]),
        ("FRRR", ["raised", "ended"]),
        ("R", []),  # inhibited all the time: it never fired for us
        ("RF", ["raised"]),  # the order of arrival decides nothing
        ("RFR", ["raised"]),
    ],
)
def test_statements_about_one_episode(words: str, expected: list[str]) -> None:
    assert said(words) == expected


def test_a_worse_statement_of_the_same_episode_rises() -> None:
    state, _ = fold_statement(None, firing=True, level=1, episode="e", at=START)
    state, step = fold_statement(state, firing=True, level=2, episode="e", at=START)
    assert step is not None
    assert (step.change, step.level) == (Change.ROSE, 2)
    assert fold_statement(state, firing=True, level=1, episode="e", at=START)[1] is None
