"""What a walked track is worth against the line it was to follow."""

from datetime import UTC, datetime, timedelta

import pytest

from hazard_flow.assets.geometry import Line
from hazard_flow.inspections.rules import TrackRules, inspection_rules
from hazard_flow.inspections.tracks import Point, judge, packed, unpacked
from tests.harness.rounds import DEGREE_M, walk

START = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
RULES = TrackRules()
SOUTH, NORTH = (119.4, 32.3), (119.4, 32.3 + 1_000 / DEGREE_M)
LINES = {"one": Line((SOUTH, NORTH))}


def test_the_shipped_rules_are_these():
    assert inspection_rules().tracks == RULES
    assert set(inspection_rules().marks.values()) == {"D"}


def test_walked_whole_at_a_walking_pace_is_valid():
    judged = judge(walk(START, [SOUTH, NORTH]), LINES, RULES)
    assert (judged.is_valid, judged.because) == (True, ())
    assert judged.covered_m == pytest.approx(1_000, abs=1)
    assert judged.speed_kmh == pytest.approx(4.5, abs=0.1)


@pytest.mark.parametrize(("off_m", "covered"), [(0, True), (19, True), (21, False), (500, False)])
def test_only_what_the_track_came_near_is_covered(off_m: float, covered: bool):
    east = off_m / DEGREE_M / 0.8453  # a degree of longitude is shorter at 32.3° north
    beside = [(lon + east, lat) for lon, lat in (SOUTH, NORTH)]
    judged = judge(walk(START, beside), LINES, RULES)
    assert (judged.covered_m > 950) is covered
    assert judged.is_valid is covered


def test_nine_tenths_are_enough_and_less_is_not():
    def until(metres: float) -> bool:
        return judge(walk(START, [SOUTH, (119.4, 32.3 + metres / DEGREE_M)]), LINES, RULES).is_valid

    # the last fix covers as far as the reach beyond it
    assert until(885)
    assert not until(870)


def test_driven_past_nothing_is_covered():
    judged = judge(walk(START, [SOUTH, NORTH], kmh=45), LINES, RULES)
    assert (judged.covered_m, judged.because) == (0, ("too_little", "too_fast"))


def test_a_piece_driven_is_not_covered_and_the_rest_is():
    middle = (119.4, 32.3 + 500 / DEGREE_M)
    on_foot = walk(START, [SOUTH, middle])
    driven = walk(on_foot[-1].at + timedelta(seconds=1), [middle, NORTH], kmh=60)
    judged = judge([*on_foot, *driven], LINES, RULES)
    assert judged.covered_m == pytest.approx(520, abs=2)
    assert judged.too_fast_m == pytest.approx(500, abs=5)


def test_a_long_silence_covers_nothing_in_between():
    before = walk(START, [SOUTH, (119.4, 32.3 + 300 / DEGREE_M)])
    after = walk(before[-1].at + timedelta(minutes=5), [(119.4, 32.3 + 700 / DEGREE_M), NORTH])
    judged = judge([*before, *after], LINES, RULES)
    assert judged.gaps == 1
    assert judged.covered_m == pytest.approx(300 + 20 + 300 + 20, abs=3)


def test_unsure_fixes_are_left_out():
    good = walk(START, [SOUTH, NORTH])
    jumps = [Point(one.at + timedelta(seconds=1), 119.6, 32.9, 800.0) for one in good[::7]]
    judged = judge(sorted([*good, *jumps], key=lambda one: one.at), LINES, RULES)
    assert judged.unsure == len(jumps)
    assert judged.is_valid


def test_a_made_up_position_makes_no_round():
    mocked = [Point(one.at, one.lon, one.lat, one.accuracy_m, True) for one in walk(START, [SOUTH, NORTH])]
    assert judge(mocked, LINES, RULES).because == ("mocked",)


def test_standing_about_is_too_slow():
    assert "too_slow" in judge(walk(START, [SOUTH, NORTH], kmh=0.5), LINES, RULES).because


def test_no_track_is_said_so():
    assert judge([], LINES, RULES).because == ("no_track",)


def test_walked_twice_counts_once():
    there = walk(START, [SOUTH, NORTH])
    back = walk(there[-1].at + timedelta(seconds=10), [NORTH, SOUTH])
    assert judge([*there, *back], LINES, RULES).covered_m == pytest.approx(1_000, abs=1)


def test_kept_and_read_again_it_is_the_same():
    way = walk(START, [SOUTH, NORTH])
    again = unpacked(packed(way), START)
    assert [one.at for one in again] == pytest.approx([one.at for one in way], abs=timedelta(seconds=0.06))
    assert judge(again, LINES, RULES).covered_m == pytest.approx(judge(way, LINES, RULES).covered_m, abs=0.5)
