"""The database dies under load, again and again: workers and web come back by themselves, and what was acknowledged is there."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hazard_flow.bench.timers.trial import wait_until
from hazard_flow.simulation.servers import Postgres
from tests.chaos.callers import calling
from tests.chaos.checker import check
from tests.chaos.dice import dice
from tests.chaos.firings import all_fired, fates, lay
from tests.chaos.journal import ACKNOWLEDGED
from tests.chaos.place import Place, on_postgres

#: a minute on a machine of one's own, many on one that is shared
pytestmark = pytest.mark.timeout(900)

#: timers, deaths of the server
SAMPLE, WHOLE = (600, 2), (20_000, 30)


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Place]:
    with Postgres() as server, on_postgres(server, tmp_path) as made:
        yield made


@pytest.mark.postgres
def test_a_killed_database_loses_nothing_it_acknowledged(own_server: Place):
    run(own_server, *SAMPLE)


@pytest.mark.soak
@pytest.mark.postgres
@pytest.mark.timeout(0)
def test_thirty_times_killed_a_database_loses_nothing(own_server: Place):
    run(own_server, *WHOLE)


def run(place: Place, timers: int, deaths: int) -> None:
    chance, began = dice("killed database"), time.monotonic()
    laid = lay(place, timers)
    web, worker = place.web(), place.worker()
    assert wait_until(lambda: worker.is_up, 300), worker.tail()

    with calling(place, web, chance) as callers:
        for number in range(deaths):
            time.sleep(chance.uniform(0.5, 2.0))
            (_all_at_once, _without_a_checkpoint)[number % 2](place.server)
        assert all_fired(place, laid, within_seconds=300), worker.tail()
        assert wait_until(lambda: web.status("/readyz") == 200, 300)
    for program in (web, worker):
        assert program.running, program.tail()
        program.stop()

    became = fates(place, laid)
    print(
        f"{deaths} deaths of the database, {timers} timers {dict(became)}, {callers.told()}; {time.monotonic() - began:.1f} s",
        flush=True,
    )
    assert became == {"fired": timers}
    assert callers.wrong == []
    assert len(callers.journal.having(ACKNOWLEDGED)) > deaths
    now = place.application.clock.now()
    assert check(place.database, now, journal=callers.journal, all_fired=False, dice=chance) == []


def _all_at_once(server: Postgres) -> None:
    """kill -9 of the postmaster and of everybody it started, as when the machine's memory runs out."""
    assert server.process is not None
    children = _children(server.process.pid)
    server.process.send_signal(signal.SIGSTOP)  # so that it starts nobody anew
    for child in children:
        os.kill(child, signal.SIGKILL)
    server.kill()
    server.start()


def _without_a_checkpoint(server: Postgres) -> None:
    """What `pg_ctl restart -m immediate` does: everybody quits at once, the next start recovers."""
    assert server.process is not None
    server.process.send_signal(signal.SIGQUIT)
    server.process.wait(20)
    server.start()


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]
