"""The random city keeps every promise: half of the fixed seeds, and the soak. The other half is a file of its own, for a second core."""

import pytest

from tests.sim.episodes import EVERY_TIME, STEPS, live, live_many, random_seed

#: what two hours of both cores live through; a little over two million, for an episode ends early at a difference
SOAKED = 2_010_000
#: what must have happened somewhere in the fixed episodes: a city in which nothing goes wrong proves nothing
ALWAYS_SEEN = {
    "taken", "replayed", "refused refused", "refused not_allowed", "refused not_found", "refused state_conflict",
    "refused version_conflict",
    "dies_before_commit", "dies_after_commit", "locked_midway", "locked_out", "tick dies_before_commit", "tick dies_after_commit",
    "tick failed", "drain dies_before_commit", "drain dies_after_commit", "second worker died", "parked", "heal", "calendar", "policy",
    "release", "leave", "come_back", "roles", "set_back", "outage", "reuse", "sync", "timer.escalated", "timer.reminded",
    "timer.recounted", "hazard.migrated", "closed general rectified", "closed major rectified", "closed household rectified",
    "act request_extension", "act decide_extension", "act acknowledge", "act fail", "act suspend", "act alarm", "act report_protected",
}  # fmt: skip


@pytest.mark.parametrize("seed", range(1, 6))
def test_a_fixed_episode_keeps_every_promise(seed: int):
    assert live(seed).seen.keys() >= EVERY_TIME


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_two_million_steps_keep_every_promise():
    seen = live_many(random_seed(), SOAKED // STEPS)
    assert seen.keys() >= ALWAYS_SEEN, sorted(ALWAYS_SEEN - seen.keys())
