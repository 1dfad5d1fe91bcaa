"""The colour now, by hand: what presses, whatever its order."""

import itertools
from decimal import Decimal

import pytest

from hazard_flow.risk.colours import COLOURS
from hazard_flow.risk.distribution import Distribution
from hazard_flow.risk.dynamic import Factor, dynamic
from hazard_flow.risk.grading import grading
from hazard_flow.risk.queries import check_rule_of

A, B, C = (Factor("hazard", "general", urgency) for urgency in "ABC")
LATE_A, LATE_B, LATE_C = (Factor("hazard", "general", urgency, is_overdue=True) for urgency in "ABC")
MAJOR = Factor("hazard", "major", "M")
LOW, HIGH = Factor("alarm", alarm_level=1), Factor("alarm", alarm_level=2)
#: what presses → the colours from a residual red, orange, yellow, blue, by hand
BY_HAND = [
    ([], "ROYB"),
    ([C], "ROYB"),
    ([B], "ROYB"),
    ([LATE_C], "ROYB"),
    ([A], "ROOO"),
    ([LOW], "ROOO"),
    ([LATE_B], "RROY"),
    ([LATE_B, LATE_B], "RROY"),
    ([LATE_A], "RRRR"),
    ([A, LATE_B], "RRRR"),
    ([LOW, LATE_B], "RRRR"),
    ([B, LATE_C, LOW], "ROOO"),
    ([MAJOR], "RRRR"),
    ([HIGH], "RRRR"),
    ([MAJOR, LATE_A, HIGH], "RRRR"),
]
LETTERS = dict(zip("ROYB", COLOURS, strict=True))


@pytest.mark.parametrize(("pressing", "wanted"), BY_HAND)
def test_colour_is_what_was_worked_out_by_hand(pressing: list[Factor], wanted: str):
    for order in itertools.permutations(pressing):
        assert [dynamic(residual, order) for residual in COLOURS] == [LETTERS[letter] for letter in wanted]


def test_more_pressure_is_never_better():
    every = [A, B, C, LATE_A, LATE_B, LATE_C, MAJOR, LOW, HIGH]
    for residual in COLOURS:
        for some in itertools.combinations(every, 3):
            for one in every:
                assert COLOURS.index(dynamic(residual, [*some, one])) <= COLOURS.index(
                    dynamic(residual, some)
                )


def test_checks_follow_the_colour():
    assert [check_rule_of(colour) for colour in COLOURS] == [
        "FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=MONTHLY;INTERVAL=3",
    ]  # fmt: skip


def test_the_index_weighs_points_against_all_of_them_red():
    # 2 red, 1 orange, 3 yellow, 4 blue: 2 + 0.6 + 0.9 + 0.4 = 3.9 of 10
    found = Distribution({"red": 2, "orange": 1, "yellow": 3, "blue": 4})
    assert (found.index(grading()), found.worst, found.total) == (Decimal("39.0"), "red", 10)
    assert Distribution(dict.fromkeys(COLOURS, 0)).index(grading()) is None
    assert Distribution({"blue": 5}).index(grading()) == Decimal("10.0")
