"""Scores, periods, medians and the rules they are made by: by hand."""

from datetime import UTC, date, datetime

import pytest

from hazard_flow.assessment.indicators import policy as rules
from hazard_flow.assessment.indicators.periods import back, period_of, read_period
from hazard_flow.assessment.indicators.policy import Aim, policy
from hazard_flow.assessment.indicators.scoring import Notices, score, shrunk, wilson
from hazard_flow.assessment.indicators.survival import median
from hazard_flow.workflow.rule_file import RuleFileError
from tests.harness.founding import ZONE


@pytest.mark.parametrize(
    ("key", "first", "last"),
    [
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31)),
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_period_has_its_days(key: str, first: date, last: date):
    period = read_period(key)
    assert (period.key, period.first, period.last) == (key, first, last)
    assert period_of(last, period.kind) == period
    assert period.before.last < first


def test_a_month_begins_at_midnight_in_the_city():
    assert read_period("2026-11").begins_at(ZONE) == datetime(2026, 10, 31, 16, tzinfo=UTC)


def test_thirteen_months_end_with_the_month_a_year_before():
    months = back(read_period("2026-03"), 13)
    assert (months[0].key, months[-1].key) == ("2025-03", "2026-03")
    assert months[-1].year_before == months[0]


@pytest.mark.parametrize("key", ["2026-13", "2026-Q5", "26-01", "1999-01", "2026-1", "", "2026-01-01"])
def test_any_other_text_is_no_period(key: str):
    with pytest.raises(ValueError, match="no period"):
        read_period(key)


@pytest.mark.parametrize(("value", "points"), [(98, 100), (70, 0), (84, 50), (100, 100), (50, 0)])
def test_points_are_linear_between_floor_and_target_and_clipped(value: float, points: float):
    assert Aim(6, target=98, floor=70).points(value) == pytest.approx(points)


def test_where_less_is_better_points_run_the_other_way():
    assert Aim(6, target=0, floor=20).points(5) == pytest.approx(75)


def test_weights_of_what_applies_are_made_a_hundred_again():
    aims = {"I01": Aim(6, 100, 0), "I02": Aim(2, 100, 0), "I03": Aim(92, 100, 0)}
    found = score({"I01": 100, "I02": 0}, aims, Notices(), policy())
    assert found.parts == {"I01": (100, 75), "I02": (0, 25)}
    assert (found.value, found.grade) == (75, "C")


def test_notices_take_points_off_up_to_a_limit_and_majors_found_oneself_add_some():
    aims = {"I01": Aim(100, 100, 0)}
    assert score({"I01": 90}, aims, Notices(orange=2, red=1), policy()).value == 81
    assert score({"I01": 90}, aims, Notices(orange=9, red=9), policy()).value == 70
    assert score({"I01": 90}, aims, Notices(own_majors_in_time=3), policy()).value == 93
    assert score({"I01": 99}, aims, Notices(own_majors_in_time=9), policy()).value == 100


def test_a_veto_caps_at_59_and_gives_a_d():
    found = score({"I01": 97}, {"I01": Aim(100, 100, 0)}, Notices(vetoes=(("x", "SG-1", "/"),)), policy())
    assert (found.value, found.grade, found.is_capped) == (59, "D", True)


def test_nothing_to_count_is_no_score():
    found = score({}, policy().aims, Notices(red=1), policy())
    assert (found.value, found.grade) == (None, "")


@pytest.mark.parametrize(
    ("value", "grade"), [(90, "A"), (89.9, "B"), (80, "B"), (79.9, "C"), (60, "C"), (59.9, "D")]
)
def test_grades_begin_where_the_rules_say(value: float, grade: str):
    assert policy().grade(value) == grade


def test_few_rows_are_drawn_to_the_mean_of_the_region():
    # 1 of 1 at a mean of 60 %: (1 + 20 × 0.6) ÷ 21
    assert shrunk(1, 1, 60, 20) == pytest.approx(100 * 13 / 21)
    assert shrunk(1, 2, None, 20) == 50
    assert shrunk(0, 0, 60, 20) is None


def test_the_interval_of_wilson_is_the_published_one():
    # Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263 → 0.2553 to 0.3662; 0 of 20 → 0 to 0.1611
    low, high = wilson(81, 263) or (0, 0)
    assert (round(low, 2), round(high, 2)) == (25.53, 36.62)
    assert wilson(0, 20) == (pytest.approx(0, abs=1e-9), pytest.approx(16.11, abs=0.01))
    assert wilson(0, 0) is None


def test_the_median_counts_those_that_are_not_done_for_as_long_as_they_were_watched():
    assert median([(1, True), (2, True), (3, True)]) == (2, False)
    # 6-MP of Freireich et al., Blood 21 (1963), as every textbook prints it: 23 weeks
    times = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    left = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    assert median([*((t, True) for t in times), *((t, False) for t in left)]) == (23, False)


def test_where_half_are_never_done_the_longest_watch_is_a_bound():
    assert median([(5, True), (9, False), (9, False)]) == (9, True)
    assert median([]) == (None, False)


def test_a_file_of_rules_that_does_not_add_up_is_refused_with_its_line():
    text = (rules.Path(rules.__file__).parent / "policy.v1.yaml").read_text("utf-8")
    broken = text.replace('I01: {weight: "6"', 'I01: {weight: "7"').replace("few: 10", "few: none")
    with pytest.raises(RuleFileError) as refused:
        rules.load(broken, name="policy.v9.yaml")
    told = str(refused.value)
    assert "policy.v9.yaml:" in told
    assert "a whole number from 1 to 1000" in told
    with pytest.raises(RuleFileError, match="the weights make 101"):
        rules.load(text.replace('I01: {weight: "6"', 'I01: {weight: "7"'), name="policy.v9.yaml")


def test_a_division_may_aim_otherwise():
    text = (rules.Path(rules.__file__).parent / "policy.v1.yaml").read_text("utf-8")
    told = (
        '{"9901": {I11: {weight: "8", target: "98", floor: "75"}}, '
        '"990102": {I12: {weight: "1", target: "80", floor: "50"}}}'
    )
    said = text.replace("divisions: {}", f"divisions: {told}")
    found = rules.load(said, name="policy.v2.yaml")
    assert found.aims_of("990102")["I11"].weight == 8
    assert found.aims_of("990102")["I12"].target == 80
    assert found.aims_of("990201")["I11"] == found.aims["I11"]
