"""The other half of the fixed seeds, a random one, and what must have happened somewhere in them."""

from tests.sim.episodes import live_all, random_seed


def test_further_fixed_episodes_keep_every_promise():
    seen = live_all(range(6, 8))
    assert seen["tick"] > seen["act"] > 0


def test_the_last_fixed_episodes_keep_every_promise():
    seen = live_all(range(8, 10))
    assert seen["timer.escalated"] > 0


def test_a_random_episode_keeps_every_promise():
    live_all([random_seed()])
