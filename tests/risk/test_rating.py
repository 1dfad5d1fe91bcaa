"""Ratings against tables worked out by hand: every combination of the exact scores, and every other value refused."""

import itertools
from decimal import Decimal

import pytest

from hazard_flow.errors import Refused
from hazard_flow.resources import PACKAGE
from hazard_flow.risk.grading import grading, load
from hazard_flow.risk.rating import rate
from hazard_flow.workflow.rule_file import RuleFileError

LETTERS = {"R": "red", "O": "orange", "Y": "yellow", "B": "blue"}
LIKELIHOOD = ("10", "6", "3", "1", "0.5", "0.2", "0.1")
EXPOSURE = ("10", "6", "3", "2", "1", "0.5")
CONSEQUENCE = ("100", "40", "15", "7", "3", "1")
#: A line for each likelihood, a block for each consequence (100, 40, 15, 7, 3, 1), in it a letter for each exposure (10 … 0.5).
#: Worked out on paper: at likelihood 10 and consequence 15, for one, D is 1500, 900, 450, 300, 150 and 75.
LEC_BY_HAND = {
    "10": "RRRRRR RRRRRO RRROYY RROYYB OOYBBB YBBBBB",
    "6": "RRRRRO RRRROY RROOYB ROYYBB OYBBBB BBBBBB",
    "3": "RRRROY RRROYB ROYYBB OYBBBB YBBBBB BBBBBB",
    "1": "RROOYB ROYYBB YYBBBB YBBBBB BBBBBB BBBBBB",
    "0.5": "ROYYBB OYBBBB YBBBBB BBBBBB BBBBBB BBBBBB",
    "0.2": "OYBBBB YBBBBB BBBBBB BBBBBB BBBBBB BBBBBB",
    "0.1": "YBBBBB BBBBBB BBBBBB BBBBBB BBBBBB BBBBBB",
}
#: a line for each L, a letter for each S from 1 to 5
LS_BY_HAND = {
    "1": "BBBBB",  # 1 2 3 4 5
    "2": "BBBBY",  # 2 4 6 8 10
    "3": "BBYYO",  # 3 6 9 12 15
    "4": "BBYOR",  # 4 8 12 16 20
    "5": "BYORR",  # 5 10 15 20 25
}


def lec(likelihood: str, exposure: str, consequence: str) -> dict[str, str]:
    return {"likelihood": likelihood, "exposure": exposure, "consequence": consequence}


def test_lec_is_what_the_table_says_for_all_252_combinations():
    judged = 0
    for likelihood, line in LEC_BY_HAND.items():
        for consequence, block in zip(CONSEQUENCE, line.split(), strict=True):
            for exposure, letter in zip(EXPOSURE, block, strict=True):
                found = rate("lec", lec(likelihood, exposure, consequence), (), grading())
                assert found.colour == LETTERS[letter], (likelihood, exposure, consequence, found.product)
                judged += 1
    assert judged == len(LIKELIHOOD) * len(EXPOSURE) * len(CONSEQUENCE) == 252


def test_ls_is_what_the_table_says_for_all_25_combinations():
    for likelihood, line in LS_BY_HAND.items():
        for severity, letter in zip("12345", line, strict=True):
            found = rate("ls", {"probability": likelihood, "severity": severity}, (), grading())
            assert found.colour == LETTERS[letter], (likelihood, severity)
            assert found.product == int(likelihood) * int(severity)


def test_products_are_exact():
    assert rate("lec", lec("0.1", "3", "100"), (), grading()).product == Decimal(30)
    assert rate("lec", lec("0.2", "0.5", "7"), (), grading()).product_text == "0.7"
    assert rate("lec", lec("10", "1", "7"), (), grading()).colour == "yellow", "70 itself is yellow"


@pytest.mark.parametrize(
    "wrong", ["0", "2", "5", "11", "-1", "0.55", "1e1x", "NaN", "Infinity", "三", "10 0", "1e400"]
)
@pytest.mark.parametrize("name", ["likelihood", "exposure", "consequence"])
def test_any_other_score_is_refused_by_name(name: str, wrong: str):
    allowed = {"likelihood": LIKELIHOOD, "exposure": EXPOSURE, "consequence": CONSEQUENCE}[name]
    if wrong in allowed:
        pytest.skip("a score of this scale")
    with pytest.raises(Refused) as refused:
        rate("lec", {**lec("1", "1", "1"), name: wrong}, (), grading())
    assert [(one.field, one.code) for one in refused.value.fields] == [(name, "not_a_choice")]


@pytest.mark.parametrize("wrong", ["0", "6", "2.5", "-3", ""])
def test_ls_takes_whole_numbers_from_one_to_five(wrong: str):
    with pytest.raises(Refused):
        rate("ls", {"probability": wrong, "severity": "3"}, (), grading())


def test_everything_missing_is_listed_at_once():
    with pytest.raises(Refused) as refused:
        rate("lec", {}, ("unheard_of",), grading(), field="residual_")
    assert [one.field for one in refused.value.fields] == [
        "residual_grounds", "residual_likelihood", "residual_exposure", "residual_consequence",
    ]  # fmt: skip


@pytest.mark.parametrize("ground", sorted(grading().direct))
def test_a_direct_ground_is_red_whatever_the_scores(ground: str):
    assert rate("lec", lec("0.1", "0.5", "1"), [ground], grading()).colour == "red"
    assert rate("direct", {}, [ground], grading()).colour == "red"


def test_a_direct_rating_names_its_ground():
    with pytest.raises(Refused):
        rate("direct", {}, (), grading())
    with pytest.raises(Refused):
        rate("rmc", {}, (), grading())


def test_upper_levels_control_what_lower_ones_do():
    by_hand = {
        "red": ("company", "department", "team", "post"),
        "orange": ("department", "team", "post"),
        "yellow": ("team", "post"),
        "blue": ("post",),
    }
    assert {colour: grade.controlled_by for colour, grade in grading().grades.items()} == by_hand


def test_a_wrong_grading_file_names_line_and_mend():
    text = (PACKAGE / "risk" / "grading.v1.yaml").read_text("utf-8")
    assert load(text, name="g").version == 1
    for broken in (
        text.replace('from: {red: "320", orange: "160"', 'from: {red: "160", orange: "320"'),
        text.replace("control: team", "control: boss"),
        text.replace('check: "FREQ=DAILY"', "check: daily"),
        text.replace("direct:", "grounds:"),
    ):
        with pytest.raises(RuleFileError) as refused:
            load(broken, name="g")
        assert all(one.line > 0 and one.mend for one in refused.value.mistakes)


def test_no_product_lies_in_a_gap_unnoticed():
    products = {a * b for a, b in itertools.product(range(1, 6), repeat=2)}
    assert not products & {7, 11, 13, 14, 17, 18, 19, 21, 22, 23, 24}
