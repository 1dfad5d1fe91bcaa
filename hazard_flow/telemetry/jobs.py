"""What a worker runs for telemetry: evaluation every second or so, and the broker's consumer in a thread of its own."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hazard_flow.clock import Clock
from hazard_flow.storage.base import new_id
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.telemetry import inbox, lanes
from hazard_flow.telemetry.intake import Drained, drain
from hazard_flow.telemetry.packets import Packet, store_packets
from hazard_flow.telemetry.sources.mqtt import Consumer

log = structlog.get_logger("telemetry")

#: seconds between two looks at the inbox
DRAIN_EVERY_SECONDS = 0.5
RENEW_EVERY_SECONDS = 2.0


def drain_inbox(database: Database, clock: Clock) -> Drained:
    """Evaluate all that is pending, a transaction for each 500 messages; a failing database leaves the rest for the next call."""
    total = Drained()
    with database.reading(SYSTEM) as session:
        if not inbox.is_waiting(session):
            return total
    while True:
        with database.transaction(SYSTEM) as session:
            done = drain(session, clock.now())
        total.taken += done.taken
        total.dead += done.dead
        total.opened += done.opened
        if not done.more:
            return total


def run_consumer(
    url: str,
    database: Database,
    clock: Clock,
    stop: threading.Event,
    *,
    client_id: str = "hazard-flow-intake",
) -> None:
    """Consume device messages until `stop`; of several workers one at a time does (see `lanes`). Runs in its own thread."""
    lease = _Lease(database, _SteadyClock(clock), new_id().hex)
    while not stop.is_set():
        if lease.holds():
            Consumer(
                url=url, client_id=client_id, store=_storing(database), clock=lease.clock, holds=lease.holds
            ).run(stop)
        else:
            stop.wait(RENEW_EVERY_SECONDS)
    lease.release()


def _storing(database: Database) -> Callable[[Sequence[Packet]], object]:
    def store(packets: Sequence[Packet]) -> None:
        with database.transaction(SYSTEM) as session:
            store_packets(session, packets)

    return store


class _SteadyClock:
    """Another clock, asked only at `set` and counted on from there: stamping a message must not cost a question to the database."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.set()

    def set(self) -> datetime:
        """Ask again; the present instant."""
        self._at, self._counted = self._clock.now(), time.monotonic()
        return self._at

    def now(self) -> datetime:
        """The present instant, aware UTC."""
        return self._at + timedelta(seconds=time.monotonic() - self._counted)


class _Lease:
    """The consumer's right to be the one; renewed as it is asked for, believed until its end when the database is away."""

    def __init__(self, database: Database, clock: _SteadyClock, holder: str) -> None:
        self._database, self.clock, self._holder = database, clock, holder
        self._held_to = 0.0
        self._asked = 0.0

    def holds(self) -> bool:
        """Whether this process may consume now."""
        at = time.monotonic()
        if at - self._asked >= RENEW_EVERY_SECONDS or not self._held_to:
            self._asked = at
            try:
                with self._database.transaction(SYSTEM) as session:
                    taken = lanes.lease(session, lanes.BROKER, self._holder, now=self.clock.set())
                self._held_to = at + lanes.LEASE.total_seconds() if taken else 0.0
            except SQLAlchemyError as error:
                log.warning("the lease could not be renewed", error=type(error).__name__)
        return at < self._held_to

    def release(self) -> None:
        """Let the next worker begin at once."""
        try:
            with self._database.transaction(SYSTEM) as session:
                lanes.release(session, lanes.BROKER, self._holder)
        except SQLAlchemyError:
            log.warning("the lease could not be given back; it ends by itself")
