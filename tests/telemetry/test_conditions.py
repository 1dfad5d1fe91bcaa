"""Deadband, k of n intervals, levels, rates, falling values and full scales, spelt out."""

import pytest

from hazard_flow.telemetry.marks import Track, combination_ticks
from hazard_flow.telemetry.rules import Combination
from hazard_flow.telemetry.scanning import scan
from tests.telemetry.folding import MINUTE, OFF_DELAY, RULES, START, arrived, rule, stream, whole

GAS, RISE, FULL = rule("gas_level"), rule("gas_rise"), rule("over_range")


def steps(
    name: str, values: list[float], *, every: float = MINUTE, interval: float = MINUTE
) -> list[tuple[str, int]]:
    found = whole(rule(name), stream(values, every=every), interval=interval)
    return [(step.change.value, step.level) for episode in found for step in episode.steps]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([60, 60], []),  # two of three
        ([60, 60, 60], [("raised", 2)]),
        ([25, 25, 25], [("raised", 1)]),  # at the limit counts
        ([24.9] * 20, []),
        ([26, 24, 26, 24, 26], [("raised", 1)]),  # 3 of 5 survives the flapping that `for:` never caught
        ([26, 3, 3, 3, 26, 3, 3, 3, 26], []),  # single spikes
        ([30, 30, 30, 60, 60, 60], [("raised", 1), ("rose", 2)]),
        ([60, 60, 60, 46, 46, 46], [("raised", 2)]),  # deadband of level 2
        ([60, 60, 60, 44, 44, 44], [("raised", 2), ("fell", 1)]),
        ([60, 60, 60, 44, 44, 44, 55, 55, 55], [("raised", 2), ("fell", 1), ("rose", 2)]),
        ([30] * 3 + [21] * 60, [("raised", 1)]),  # above clear_below: never normal
        ([30] * 3 + [3] * 9, [("raised", 1)]),  # 9 minutes under it: not yet
        ([30] * 3 + [3] * 10, [("raised", 1), ("ended", 1)]),  # the tenth minute
        ([30] * 3 + [3] * 9 + [22] + [3] * 9, [("raised", 1)]),  # one dip over 20 starts the off-delay again
        ([30] * 3 + [3] * 10 + [30] * 3, [("raised", 1), ("ended", 1), ("raised", 1)]),
    ],
)
def test_a_level_is_k_of_n_with_a_deadband(values: list[float], expected: list[tuple[str, int]]) -> None:
    assert steps("gas_level", values) == expected


def test_samples_of_one_instant_count_each() -> None:
    assert steps("gas_level", [60, 60, 60], every=0) == [("raised", 2)]


def test_the_window_follows_the_devices_own_interval() -> None:
    half_hour = 30 * MINUTE
    assert steps("gas_level", [60] * 3, every=half_hour, interval=half_hour) == [("raised", 2)]
    assert steps("gas_level", [60] * 3, every=half_hour) == []  # expected every minute, seen every half hour


def test_no_window_is_longer_than_six_hours() -> None:
    assert steps("gas_level", [60] * 9, every=7 * 60 * MINUTE, interval=7 * 60 * MINUTE) == []


def test_an_episode_begins_with_its_first_high_sample() -> None:
    [episode] = whole(GAS, stream([3, 30, 3, 30, 30]))
    assert ((episode.began_at - START) / MINUTE, (episode.fired_at - START) / MINUTE) == (1, 4)
    assert episode.peak_value == 30


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([2, 13, 24, 35], [("raised", 2)]),  # 11 a minute, at or above 20 twice
        ([2, 11, 20, 29, 38], []),  # 9 a minute
        ([2, 80, 80, 2], []),  # a spike of two samples rises once
        ([0, 4, 8, 19, 19], []),  # fast, but nowhere near
    ],
)
def test_a_rate_needs_two_rises_above_its_bound(values: list[float], expected: list[tuple[str, int]]) -> None:
    assert steps("gas_rise", values) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([100, 100, 100], [("raised", 2)]),
        ([100, 99.9, 100, 99.9], []),
        ([100, 100, 100] + [40] * 10, [("raised", 2), ("ended", 2)]),
    ],
)
def test_a_full_scale_is_suspect(values: list[float], expected: list[tuple[str, int]]) -> None:
    assert FULL.alert_class == "suspect"
    assert steps("over_range", values) == expected


def test_a_falling_value_alarms_below_its_limit_and_its_lowest_is_the_peak() -> None:
    low = rule("pressure_low")
    points = stream([150, 118, 119, 117, 99, 98] + [130] * 12)
    [episode] = whole(low, points)
    assert [(step.change.value, step.level) for step in episode.steps] == [
        ("raised", 1),
        ("rose", 2),
        ("ended", 2),
    ]
    assert episode.peak_value == 98


# on a site

SUSPECTED: Combination = RULES.combinations[0]


def combined(gas: dict[float, float], pressure: dict[float, float]) -> list[tuple[float, float | None]]:
    """The episodes of gas and pressure by minute."""
    tracks = {
        ("G-1", "ch4_lel"): Track([minute * MINUTE for minute in gas], list(gas.values())),
        ("P-1", "pressure"): Track([minute * MINUTE for minute in pressure], list(pressure.values())),
    }
    found = scan(combination_ticks(SUSPECTED, tracks), off_delay=OFF_DELAY)
    return [(one.fired_at / MINUTE, one.normal_at and one.normal_at / MINUTE) for one in found]


@pytest.mark.parametrize(
    ("gas", "pressure", "expected"),
    [
        ({20: 16}, {10: 300, 15: 269}, [(20, None)]),
        ({14: 16}, {10: 300, 15: 269}, [(15, None)]),  # whichever comes last
        ({20: 14}, {10: 300, 15: 269}, []),  # too little gas
        ({20: 16}, {10: 300, 15: 271}, []),  # a drop of less than ten per cent
        ({26: 16}, {10: 300, 15: 269}, []),  # not within ten minutes of each other
        ({20: 16}, {0: 300, 15: 269}, []),  # the drop took a quarter of an hour
        ({20: 16, 22: 3, 31: 2}, {10: 300, 15: 269}, [(20, 31)]),
    ],
)
def test_a_combination_holds_within_its_window_of_observed_time(
    gas: dict[float, float], pressure: dict[float, float], expected: list[tuple[float, float | None]]
) -> None:
    assert combined(gas, pressure) == expected


# out of order


def test_a_late_sample_raises_in_its_place() -> None:
    early, late = stream([30, 3, 30, 3]), [(START + 90, 30.0)]
    assert arrived(GAS, [early]) == []
    [episode] = arrived(GAS, [early, late])
    assert episode.fired_at == START + 120


def test_a_late_high_sample_joins_two_episodes_into_one() -> None:
    points = stream([30] * 3 + [3] * 12 + [30] * 3)
    bridge = points[8]
    rest = [point for point in points if point != bridge]
    assert len(arrived(GAS, [rest])) == 2
    assert len(arrived(GAS, [rest, [(bridge[0], 25.0)]])) == 1


def test_a_late_normal_sample_parts_one_episode_into_two() -> None:
    before, after = stream([30] * 3), [(at + 3600, value) for at, value in stream([30] * 3)]
    assert len(arrived(GAS, [before, after])) == 1  # silence is not normal
    assert len(arrived(GAS, [before, after, [(START + 1800, 2.0)]])) == 2
