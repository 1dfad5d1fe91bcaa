"""A worker's own clock is wrong: thirty days ahead, two hours behind, and jumping while it runs.

On PostgreSQL nothing is due before the database says so. The embedded database has no clock but the machine's: there a jump ahead fires
what is due by then, and what holds is that nothing is lost or doubled and that it goes on after the clock was put right.
"""

import glob
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from hazard_flow.bench.timers.trial import wait_until
from hazard_flow.hazards.models import HazardEvent
from hazard_flow.schedule.models import Timer
from hazard_flow.storage.scope import SYSTEM
from tests.chaos.checker import check
from tests.chaos.dice import dice
from tests.chaos.firings import all_fired, fates, lay
from tests.chaos.place import Place
from tests.chaos.programs import Worker

#: a minute on a machine of one's own, many on one that is shared
pytestmark = pytest.mark.timeout(900)

LIBRARY = next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), "")
AHEAD, BEHIND, RIGHT = "+30d", "-2h", "+0"
TIMERS = 100
#: how many times the clock jumps in the full run
JUMPS = 20

needs_faketime = pytest.mark.skipif(not LIBRARY, reason="libfaketime is not installed (Debian: faketime)")


@needs_faketime
@pytest.mark.postgres
def test_a_workers_own_clock_decides_nothing_on_postgres(postgres_place: Place):
    jumps(postgres_place, (AHEAD, BEHIND))


@needs_faketime
@pytest.mark.soak
@pytest.mark.postgres
@pytest.mark.timeout(0)
def test_a_clock_that_jumps_all_the_time_decides_nothing(postgres_place: Place):
    jumps(postgres_place, dice("clock jumps").choices((AHEAD, BEHIND, RIGHT), k=JUMPS))


@needs_faketime
def test_a_clock_put_right_on_the_embedded_database_loses_and_doubles_nothing(sqlite_place: Place):
    place = sqlite_place
    clock = Clock(place)
    laid = lay(place, TIMERS)
    worker = clock.worker(place)
    assert all_fired(place, laid, within_seconds=300), worker.tail()
    clock.show(AHEAD)
    assert wait_until(lambda: fired(place) > TIMERS, 300), worker.tail()
    clock.show(RIGHT)
    worker.stop()
    again = lay(place, TIMERS)
    worker = clock.worker(place)
    assert all_fired(place, again, within_seconds=300), worker.tail()
    worker.stop()

    assert fates(place, laid) == fates(place, again) == {"fired": TIMERS}
    assert check(place.database, place.application.clock.now(), all_fired=False) == []


def jumps(place: Place, shown: tuple[str, ...] | list[str]) -> None:
    """Between two jumps new timers are laid: they fire at once, and those due in days do not."""
    clock, began = Clock(place), time.monotonic()
    clock.show(AHEAD)
    laid = [lay(place, TIMERS)]
    worker = clock.worker(place)
    assert all_fired(place, laid[0], within_seconds=300), worker.tail()
    for time_shown in shown:
        clock.show(time_shown)
        laid.append(lay(place, TIMERS))
        assert all_fired(place, laid[-1], within_seconds=300), f"{time_shown}: {worker.tail()}"
    worker.stop()

    print(
        f"clock jumps {', '.join(shown)}: {fired(place)} fired; {time.monotonic() - began:.1f} s", flush=True
    )
    assert [fates(place, one) for one in laid] == [{"fired": TIMERS}] * len(laid)
    assert fired(place) == TIMERS * len(laid), "something fired before it was due"
    assert latest(place) <= datetime.now(UTC)
    now = place.application.clock.now()
    assert pending_after(place, now) > 0, "nothing was there that could have fired too early"
    assert check(place.database, now) == []


class Clock:
    """What a process believes the time to be, changed while it runs."""

    def __init__(self, place: Place) -> None:
        self._file = place.folder / "clock"
        self.show(RIGHT)

    def show(self, shown: str) -> None:
        """From now on."""
        fresh = Path(f"{self._file}.new")
        fresh.write_text(f"{shown}\n", "ascii")
        fresh.replace(self._file)

    def worker(self, place: Place) -> Worker:
        """A worker that goes by it; how long things take stays true."""
        return place.worker(
            LD_PRELOAD=LIBRARY, FAKETIME_TIMESTAMP_FILE=str(self._file), FAKETIME_NO_CACHE="1", FAKETIME_DONT_FAKE_MONOTONIC="1",
        )  # fmt: skip


def fired(place: Place) -> int:
    with place.database.reading(SYSTEM) as session:
        rungs = (
            sa.select(sa.func.count()).select_from(HazardEvent).where(HazardEvent.type == "timer.escalated")
        )
        return session.scalar(rungs) or 0


def latest(place: Place) -> datetime:
    with place.database.reading(SYSTEM) as session:
        return session.execute(sa.select(sa.func.max(HazardEvent.at))).scalar_one()


def pending_after(place: Place, now: datetime) -> int:
    """Timers that a clock thirty days ahead would have fired."""
    with place.database.reading(SYSTEM) as session:
        soon = (
            sa.select(sa.func.count())
            .select_from(Timer)
            .where(Timer.due_at > now, Timer.due_at < now + timedelta(days=29))
        )
        return session.scalar(soon) or 0
