"""Biogas is told from a leak by two heads that agree, move together and follow the warmth; in doubt it is a leak."""

import math
import random

import pytest

from hazard_flow.telemetry.biogas import Track, resembles_biogas

HOURS = 30
MINUTES = HOURS * 60


def warmth() -> Track:
    """Two days' sinus around 14 °C."""
    return track([14 + 4 * math.cos(2 * math.pi * (minute - 960) / 1440) for minute in range(MINUTES)])


def track(values) -> Track:
    return Track([60.0 * minute for minute in range(len(values))], list(values))


def air(seed: int = 1) -> list[float]:
    """What the well's air does to both heads: it forgets itself within minutes."""
    rolls, now, found = random.Random(seed), 0.0, []
    for _ in range(MINUTES):
        now = 0.88 * now + rolls.gauss(0, 0.4)
        found.append(now)
    return found


def head(share: float, *, shared, level=None, seed: int = 2) -> Track:
    """A head that sees a share of the level, the well's air and its own noise."""
    rolls = random.Random(seed)
    levels = level or [22 * (1 + 0.04 * (degree - 14)) for degree in warmth().values]
    return track(
        [
            max(0.0, share * (at + moved) + rolls.gauss(0, 0.35))
            for at, moved in zip(levels, shared, strict=True)
        ]
    )


def test_heads_that_agree_and_move_together_with_the_warmth_are_biogas():
    shared = air()

    assert resembles_biogas([head(1.0, shared=shared), head(0.95, shared=shared, seed=3)], warmth())


def test_one_head_that_sees_much_less_is_a_leak():
    shared = air()

    assert not resembles_biogas([head(1.0, shared=shared), head(0.6, shared=shared, seed=3)], warmth())


def test_heads_that_move_each_for_itself_are_a_leak():
    assert not resembles_biogas([head(1.0, shared=air(1)), head(0.95, shared=air(5), seed=3)], warmth())


def test_a_level_that_goes_against_the_warmth_is_a_leak():
    shared = air()
    level = [22 * (1 - 0.04 * (degree - 14)) for degree in warmth().values]

    assert not resembles_biogas(
        [head(1.0, shared=shared, level=level), head(0.95, shared=shared, level=level, seed=3)], warmth()
    )


@pytest.mark.parametrize("heads", [0, 1])
def test_without_a_second_head_nothing_can_be_told(heads):
    assert not resembles_biogas([head(1.0, shared=air())] * heads, warmth())


def test_a_short_record_is_no_proof():
    shared = air()
    short = [
        Track(one.times[:90], one.values[:90])
        for one in (head(1.0, shared=shared), head(0.95, shared=shared, seed=3))
    ]

    assert not resembles_biogas(short, warmth())


def test_clean_wells_are_not_biogas():
    clean = [track([0.0] * MINUTES), track([0.0] * MINUTES)]

    assert not resembles_biogas(clean, warmth())
