"""The database's clock: one time for all workers, whatever their own clocks say."""

import time
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from hazard_flow.clock import Clock, SystemClock
from hazard_flow.storage.engine import is_sqlite
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database

#: two machines' clocks part by less than 0.1 ms in this time
ASK_EVERY_SECONDS = 1.0


class DatabaseClock:
    """PostgreSQL's `clock_timestamp()` (`now()` stands still inside a transaction), the machine's clock for the embedded database.

    It is never seen going back: what was due stays due. The database is asked once a second; in between the time that passed here is
    added, which is never more than passed there since it answered: nothing is taken for due too early.
    """

    def __init__(self, database: Database, machine: Clock | None = None) -> None:
        self._database = database
        self._machine = machine or SystemClock()
        self._last = datetime.min.replace(tzinfo=UTC)
        #: the database's last answer, and when it came by the machine's monotonic clock
        self._answer: tuple[datetime, float] | None = None

    def now(self) -> datetime:
        """The present instant, aware UTC, never earlier than the last answer."""
        self._last = max(self._last, self._read())
        return self._last

    def _read(self) -> datetime:
        if is_sqlite(self._database.engine):
            return self._machine.now()
        if self._answer is None or time.monotonic() - self._answer[1] >= ASK_EVERY_SECONDS:
            self._answer = self._ask(), time.monotonic()
        instant, came_at = self._answer
        return instant + timedelta(seconds=time.monotonic() - came_at)

    def _ask(self) -> datetime:
        with self._database.reading(SYSTEM) as session:
            instant = session.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        assert isinstance(instant, datetime)
        return instant.astimezone(UTC)
