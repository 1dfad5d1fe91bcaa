"""The database's clock: one time for all workers, whatever their own clocks say."""

from datetime import UTC, datetime

import sqlalchemy as sa

from hazard_flow.clock import Clock, SystemClock
from hazard_flow.storage.engine import is_sqlite
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database


class DatabaseClock:
    """PostgreSQL's `clock_timestamp()` (`now()` stands still inside a transaction), the machine's clock for the embedded database.

    It is never seen going back: what was due stays due.
    """

    def __init__(self, database: Database, machine: Clock | None = None) -> None:
        self._database = database
        self._machine = machine or SystemClock()
        self._last = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        """The present instant, aware UTC, never earlier than the last answer."""
        self._last = max(self._last, self._read())
        return self._last

    def _read(self) -> datetime:
        if is_sqlite(self._database.engine):
            return self._machine.now()
        with self._database.reading(SYSTEM) as session:
            instant = session.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        assert isinstance(instant, datetime)
        return instant.astimezone(UTC)
