"""How long raw telemetry is kept: done messages and signals some days, dead messages until a person is through with them, keys longer.

On PostgreSQL days go away whole; what lies in the rest, and everything on SQLite, is deleted row by row. Before anything goes, what
belongs to a hazard has been copied to it (`windows`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from hazard_flow.clock import Clock
from hazard_flow.storage import partitions
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.telemetry import windows
from hazard_flow.telemetry.models import Inbox, InboxKey, SignalKey, StoredSignal

log = structlog.get_logger("telemetry.retention")

JOB = "retention"
RUN_EVERY_SECONDS = 30.0
#: how often old rows are looked for: days go away, not seconds
SWEEP_EVERY = timedelta(minutes=10)
#: days that have their piece before they begin
DAYS_AHEAD = 3
#: a broker keeps a session for 14 days; what it then repeats must still be known
KEYS_KEPT = timedelta(days=15)
#: rows deleted in one transaction, so that nobody waits long for the writer
ROWS_MAX = 5_000

_TABLES = ("inbox", "signal")


@dataclass
class Keeper:
    """The worker's job: copies evidence windows, makes days ahead, lets old ones go."""

    database: Database
    clock: Clock
    #: how long done messages and signals are kept at least; a day goes when its last hour has
    kept: timedelta
    _swept_at: datetime | None = None

    def __call__(self) -> None:
        """Copy what is due; every ten minutes look for what is old."""
        now = self.clock.now()
        self._often(lambda session: windows.copy_due(session, now))
        if self._swept_at is None or now - self._swept_at >= SWEEP_EVERY:
            self.sweep(now)
            self._swept_at = now

    def sweep(self, now: datetime) -> None:
        """Make the days to come and remove what is older than it is kept. Only after every window due was copied."""
        self._often(lambda session: windows.copy_due(session, now))
        with self.database.transaction(SYSTEM) as session:
            for table in _TABLES:
                partitions.make_ahead(session, table, today=now.astimezone(UTC).date(), days=DAYS_AHEAD)
        cut = _midnight(now - self.kept)
        with self.database.transaction(SYSTEM) as session:
            dropped = sum(partitions.drop_before(session, table, cut.date()) for table in _TABLES)
        gone = self._often(
            lambda session: _delete(session, Inbox, Inbox.received_at < cut, Inbox.state == "done")
        )
        gone += self._often(lambda session: _delete(session, StoredSignal, StoredSignal.received_at < cut))
        old = now - KEYS_KEPT
        gone += self._often(lambda session: _delete(session, InboxKey, InboxKey.stored_at < old))
        gone += self._often(lambda session: _delete(session, SignalKey, SignalKey.stored_at < old))
        if dropped or gone:
            log.info("old telemetry let go", before=cut.isoformat(), days=dropped, rows=gone)

    def _often(self, work: Callable[[Session], int]) -> int:
        """The work again and again, a transaction each, until nothing is left of it."""
        total = 0
        while True:
            with self.database.transaction(SYSTEM) as session:
                done = work(session)
            total += done
            if not done:
                return total


def _midnight(at: datetime) -> datetime:
    return datetime.combine(at.astimezone(UTC).date(), time(), UTC)


def _delete(session: Session, table: Any, *conditions: sa.ColumnElement[bool]) -> int:
    key = sa.inspect(table).primary_key
    some = sa.select(*key).where(*conditions).limit(ROWS_MAX)
    named = sa.tuple_(*key) if len(key) > 1 else key[0]
    gone = session.execute(
        sa.delete(table).where(*conditions, named.in_(some)), execution_options={"synchronize_session": False}
    )
    return int(getattr(gone, "rowcount", 0))
