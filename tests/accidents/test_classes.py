"""The class of an accident by State Council Order 493 art. 3: every boundary, from both sides, and the worst count decides."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from hazard_flow.accidents.classes import Toll, classify, supplements_until
from hazard_flow.accidents.rules import CLASSES, accident_rules, load_rules
from hazard_flow.workflow.rule_file import RuleFileError

MILLION = 1_000_000
#: copied by hand from the regulation: class → least dead, least seriously injured, least loss
BY_HAND = {
    "particularly_major": (30, 100, 100 * MILLION),
    "major": (10, 50, 50 * MILLION),
    "larger": (3, 10, 10 * MILLION),
    "ordinary": (0, 0, 0),
}


@pytest.mark.parametrize(("name", "least"), BY_HAND.items())
@pytest.mark.parametrize("which", ["dead", "seriously_injured", "loss_yuan"])
def test_the_number_at_the_boundary_belongs_to_the_worse_class_and_one_less_does_not(name, least, which):
    at = dict(zip(("dead", "seriously_injured", "loss_yuan"), least, strict=True))[which]
    assert classify(Toll(**{which: at})) == name
    if at:
        milder = CLASSES[CLASSES.index(name) + 1]
        assert classify(Toll(**{which: at - 1})) == milder


def test_the_worst_of_the_three_counts_decides_in_every_combination():
    def by_hand(value: int, column: int) -> int:
        return min(n for n, name in enumerate(CLASSES) if value >= BY_HAND[name][column])

    values = [
        sorted({0, *(v for row in BY_HAND.values() for v in (row[n] - 1, row[n]) if v >= 0)})
        for n in range(3)
    ]
    combinations = list(itertools.product(*values))
    for dead, injured, loss in combinations:
        expected = CLASSES[min(by_hand(dead, 0), by_hand(injured, 1), by_hand(loss, 2))]
        assert classify(Toll(dead, injured, loss)) == expected, (dead, injured, loss)
    assert len(combinations) == 7**3


def test_casualties_are_supplemented_for_thirty_days_and_after_a_fire_for_seven():
    at = datetime(2026, 11, 2, tzinfo=UTC)
    assert supplements_until("explosion", at) - at == timedelta(days=30)
    assert supplements_until("fire", at) - at == timedelta(days=7)


def test_the_shipped_rules_say_where_each_number_comes_from():
    assert accident_rules().marks == {
        "classes": "V", "reports": "V", "levels": "M", "supplements": "M", "similar_places": "D",
    }  # fmt: skip


def test_a_file_whose_worse_class_is_milder_is_refused_with_line_and_mend():
    from hazard_flow.resources import PACKAGE

    text = (PACKAGE / "accidents" / "rules.v1.yaml").read_text("utf-8").replace("{dead: 3, ", "{dead: 12, ")
    with pytest.raises(
        RuleFileError, match=r"x.yaml:9: 'larger' is no milder than 'major'.*Mend: give the worse class"
    ):
        load_rules(text, name="x.yaml")
