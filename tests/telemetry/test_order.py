"""Law L3: the same samples give the same episodes, in whatever order, portions and repetitions they arrive."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hazard_flow.telemetry.marks import Track, combination_ticks
from tests.telemetry.folding import MINUTE, RULES, START, Point, arrived, rule, whole

IDS = ("gas_level", "gas_rise", "over_range", "pressure_low")
#: values around every limit of the rules
VALUES = st.sampled_from(
    [0.0, 12.0, 19.0, 20.0, 24.0, 25.0, 31.0, 44.0, 46.0, 50.0, 61.0, 99.0, 100.0, 118.0, 130.0]
)
#: instants on a coarse grid, some of them together, with holes long enough to end an episode
INSTANTS = st.integers(0, 90).map(lambda place: START + place * MINUTE / 2)


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Point], list[list[Point]]]:
    """Samples, and the batches they arrive in: shuffled, cut anywhere."""
    points = draw(st.lists(st.tuples(INSTANTS, VALUES), max_size=30, unique=True))
    order = draw(st.permutations(points))
    sizes = draw(st.lists(st.integers(1, 9), min_size=len(order), max_size=len(order)))
    batches, start = [], 0
    for size in sizes:
        batches.append(order[start : start + size])
        start += size
    return points, batches


def check(name: str, delivered: tuple[list[Point], list[list[Point]]]) -> None:
    points, batches = delivered
    assert arrived(rule(name), batches) == whole(rule(name), points)


@pytest.mark.parametrize("name", IDS)
@given(deliveries())
@settings(max_examples=60)
def test_any_order_and_any_portions_give_the_same_episodes(name: str, delivered: Any) -> None:
    check(name, delivered)


@pytest.mark.soak
@pytest.mark.parametrize("name", IDS)
@given(deliveries())
@settings(max_examples=5_000)
def test_any_order_and_any_portions_give_the_same_episodes_in_full(name: str, delivered: Any) -> None:
    check(name, delivered)


@given(deliveries(), st.data())
def test_a_sample_more_never_undoes_an_alarm(delivered: Any, data: st.DataObject) -> None:
    """Why the order decides nothing: who was in alarm at an instant, and how badly at worst, stays so whatever comes later."""
    points, _ = delivered
    part = data.draw(st.lists(st.sampled_from(points), unique=True) if points else st.just([]))
    for name in IDS:
        all_of = whole(rule(name), points)
        for few in whole(rule(name), part):
            around = [
                one
                for one in all_of
                if one.fired_at <= few.fired_at and (one.normal_at is None or few.fired_at < one.normal_at)
            ]
            assert len(around) == 1
        worst = max((one.peak_level for one in whole(rule(name), part)), default=0)
        assert worst <= max((one.peak_level for one in all_of), default=0)


@given(
    st.lists(st.tuples(INSTANTS, st.sampled_from([2.0, 15.0, 30.0])), max_size=12),
    st.lists(st.tuples(INSTANTS, st.sampled_from([300.0, 269.0, 240.0])), max_size=12),
    st.data(),
)
def test_a_combination_holds_for_more_samples_wherever_it_holds_for_fewer(
    gas: list[Point], pressure: list[Point], data: st.DataObject
) -> None:
    def held(gas: list[Point], pressure: list[Point]) -> set[float]:
        tracks = {("G", "ch4_lel"): _track(gas), ("P", "pressure"): _track(pressure)}
        return {tick.at for tick in combination_ticks(RULES.combinations[0], tracks) if tick.reached}

    fewer = [
        data.draw(st.lists(st.sampled_from(points), unique=True) if points else st.just([]))
        for points in (gas, pressure)
    ]
    assert held(*fewer) <= held(gas, pressure)


def _track(points: list[Point]) -> Track:
    ordered = sorted(points)
    return Track([at for at, _ in ordered], [value for _, value in ordered])
