"""kill -9 of workers in mid-batch, again and again, while six people work on the same hazards: nothing lost, nothing doubled."""

import random
import signal
import time
from dataclasses import dataclass

import pytest

from hazard_flow.timers.engine import BATCH_MAX
from tests.chaos.checker import check
from tests.chaos.dice import dice
from tests.chaos.firings import Laid, all_fired, fates, lay, left
from tests.chaos.journal import ACKNOWLEDGED, UNKNOWN
from tests.chaos.place import Place
from tests.chaos.programs import Worker
from tests.chaos.sight import Writes, sight
from tests.chaos.users import at_work

#: a minute on a machine of one's own, many on one that is shared
pytestmark = pytest.mark.timeout(900)

#: timers, kills: what CI samples and what the soak runs
SAMPLE, SAMPLE_ON_SQLITE, WHOLE, WHOLE_ON_SQLITE = (1_000, 2), (600, 2), (60_000, 60), (12_000, 20)
TOGETHER = 2
#: a kill comes at most this long after the worker was seen in a batch
LINGER_SECONDS = 0.2
#: how often a kill waits until a batch has been committed
FURTHER = 0.5
LOAD_SECONDS_MAX = 300.0
#: times as many kills as were asked for, at most, until enough of them struck in mid-batch
MORE_MOST = 3


@dataclass
class Rage:
    """What was done to the workers, and what they had to fire: more is laid where they are too quick."""

    laid: Laid
    kills: int = 0
    in_batch: int = 0
    rounds: int = 0


def test_killed_workers_lose_and_double_nothing(place: Place):
    timers, kills = SAMPLE if place.server else SAMPLE_ON_SQLITE
    run(place, timers=timers, kills=kills)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_sixty_killed_workers_lose_and_double_nothing(place: Place):
    timers, kills = WHOLE if place.server else WHOLE_ON_SQLITE
    run(place, timers=timers, kills=kills)


def run(place: Place, *, timers: int, kills: int) -> None:
    chance, began = dice(f"killed workers, {place.database.engine.dialect.name}"), time.monotonic()
    laid = lay(place, timers)
    print(f"{timers} timers laid in {time.monotonic() - began:.1f} s", flush=True)
    began = time.monotonic()

    with at_work(place, str(chance.random())) as journal:
        rage = kill_again_and_again(place, laid, kills=kills, chance=chance)
        laid = rage.laid
        survivors = [place.worker() for _ in range(TOGETHER)]
        assert all_fired(place, laid, within_seconds=300), f"{left(place, laid)} are left"
    now = place.application.clock.now()
    for worker in survivors:
        worker.stop()

    became = fates(place, laid)
    print(
        f"{len(laid.hazards)} timers, {rage.kills} kills ({rage.in_batch} in mid-batch), users: {journal.told()}; {dict(became)};"
        f" {time.monotonic() - began:.1f} s",
        flush=True,
    )
    assert kills <= rage.kills <= kills * MORE_MOST
    assert rage.in_batch >= kills // 2
    assert became.keys() <= {"fired", "classified"}, became
    assert journal.having(UNKNOWN) == [], journal.having(UNKNOWN)[:3]
    assert len(journal.having(ACKNOWLEDGED)) > kills
    assert check(place.database, now, journal=journal, all_fired=False, dice=chance) == []


def kill_again_and_again(place: Place, laid: Laid, *, kills: int, chance: random.Random) -> Rage:
    """Two workers at a time, each killed soon after it began to fire; on and on until half of the kills asked for struck in mid-batch."""
    with sight(place) as writes:
        return _rage(place, laid, writes, kills=kills, chance=chance)


def _rage(place: Place, laid: Laid, writes: Writes, *, kills: int, chance: random.Random) -> Rage:
    rage = Rage(laid)
    while rage.kills < kills or (rage.in_batch < kills // 2 and rage.kills < kills * MORE_MOST):
        if left(place, laid) < BATCH_MAX:
            rage.laid = laid = laid | lay(place, BATCH_MAX * TOGETHER)
        rage.rounds, began = rage.rounds + 1, time.monotonic()
        alive = [place.worker() for _ in range(min(TOGETHER, max(kills - rage.kills, 1)))]
        while alive:
            if chance.random() < FURTHER:
                _after_a_commit(place, laid)
            victim = _in_batch(alive, writes, chance)
            time.sleep(chance.uniform(0, LINGER_SECONDS))
            assert victim.process is not None
            victim.process.send_signal(signal.SIGSTOP)
            rage.in_batch += writes(victim.pid)
            victim.kill()
            rage.kills += 1
            alive.remove(victim)
        print(
            f"  round {rage.rounds}: {rage.kills} kills, {left(place, laid)} timers left, {time.monotonic() - began:.1f} s",
            flush=True,
        )
    return rage


def _in_batch(alive: list[Worker], writes: Writes, chance: random.Random) -> Worker:
    """The first worker seen firing."""
    until = time.monotonic() + LOAD_SECONDS_MAX
    while time.monotonic() < until:
        for worker in chance.sample(alive, len(alive)):
            assert worker.running, worker.tail()
            if worker.is_up and writes(worker.pid):
                return worker
        time.sleep(0.01)
    raise AssertionError(f"no worker fires: {[worker.tail() for worker in alive]}")


def _after_a_commit(place: Place, laid: Laid) -> None:
    """Wait until a batch has gone through, so that not every kill meets a worker's first."""
    before, until = left(place, laid), time.monotonic() + LOAD_SECONDS_MAX
    while left(place, laid) > before - BATCH_MAX and time.monotonic() < until:
        time.sleep(0.1)
