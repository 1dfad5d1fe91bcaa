"""The disk is full: writes are refused with a sentence, nothing acknowledged is lost, and it goes on by itself once there is room."""

import os
import pwd
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hazard_flow.bench.timers.trial import wait_until
from hazard_flow.simulation.servers import Postgres
from tests.chaos.callers import Callers, calling
from tests.chaos.checker import check
from tests.chaos.dice import dice
from tests.chaos.firings import all_fired, fates, lay
from tests.chaos.journal import ACKNOWLEDGED
from tests.chaos.place import Place, on_postgres, on_sqlite
from tests.chaos.small_disk import SmallDisk, small_disk

#: a minute on a machine of one's own, many on one that is shared
pytestmark = pytest.mark.timeout(900)

#: how often the disk is filled, timers
SAMPLE, WHOLE = (1, 200), (15, 2_000)
MEGABYTES, MEGABYTES_FOR_POSTGRES = 48, 96
#: refusals waited for before there is room again
REFUSALS = 6
INSUFFICIENT_STORAGE = 507


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def cramped(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Place, SmallDisk]]:
    with small_disk(megabytes=MEGABYTES if request.param == "sqlite" else MEGABYTES_FOR_POSTGRES) as disk:
        if request.param == "sqlite":
            with on_sqlite(tmp_path, data=disk.folder) as place:
                yield place, disk
        else:
            with _tables_on(disk, tmp_path) as place:
                yield place, disk


def test_a_full_disk_refuses_and_goes_on(cramped: tuple[Place, SmallDisk]):
    run(*cramped, *SAMPLE)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_a_disk_filled_again_and_again_refuses_and_goes_on(cramped: tuple[Place, SmallDisk]):
    run(*cramped, *WHOLE)


def run(place: Place, disk: SmallDisk, times: int, timers: int) -> None:
    chance, began = dice(f"full disk, {place.database.engine.dialect.name}"), time.monotonic()
    laid = lay(place, timers)
    web = place.web("web" if place.server else "serve")
    worker = place.worker() if place.server else None

    with calling(place, web, chance) as callers:
        for _ in range(times):
            disk.fill()
            _wait_for(callers, INSUFFICIENT_STORAGE, REFUSALS)
            disk.free()
            _wait_for(callers, 200, REFUSALS)
        assert all_fired(place, laid, within_seconds=300)
    for program in filter(None, (web, worker)):
        assert program.running, program.tail()
        program.stop()

    print(
        f"disk filled {times} times, {dict(fates(place, laid))}, {callers.told()}; {time.monotonic() - began:.1f} s",
        flush=True,
    )
    assert fates(place, laid) == {"fired": timers}
    assert callers.wrong == []
    assert len(callers.journal.having(ACKNOWLEDGED)) > REFUSALS
    now = place.application.clock.now()
    assert check(place.database, now, journal=callers.journal, all_fired=False, dice=chance) == []


def _wait_for(callers: Callers, status: int, count: int) -> None:
    before = callers.answers[status]
    assert wait_until(lambda: callers.answers[status] >= before + count, 300), (
        f"no {status}: {callers.told()}"
    )


@contextmanager
def _tables_on(disk: SmallDisk, folder: Path) -> Iterator[Place]:
    """PostgreSQL whose tables lie on the small disk; its log, as an administrator would have it, on another."""
    with Postgres() as server, on_postgres(server, folder) as place:
        space = disk.folder / "tables"
        space.mkdir()
        if os.geteuid() == 0:
            os.chown(space, pwd.getpwnam("postgres").pw_uid, -1)
        server.sql(f"CREATE TABLESPACE small LOCATION '{space}'")
        place.database.dispose()
        server.sql("ALTER DATABASE chaos SET TABLESPACE small")
        yield place
