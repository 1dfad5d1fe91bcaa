"""The other half of the fixed seeds, and a random one."""

import pytest

from tests.sim.episodes import EVERY_TIME, live, random_seed


@pytest.mark.parametrize("seed", range(6, 10))
def test_another_fixed_episode_keeps_every_promise(seed: int):
    assert live(seed).seen.keys() >= EVERY_TIME


@pytest.mark.always
def test_a_random_episode_keeps_every_promise():
    assert live(random_seed()).seen["fired"] > 0
