"""What a worker runs for telemetry: evaluation every second or so, and the broker's consumer in a thread of its own."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from hazard_flow.clock import Clock
from hazard_flow.storage.base import new_id
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.telemetry import inbox, lanes
from hazard_flow.telemetry.intake import Drained, drain, evaluate
from hazard_flow.telemetry.packets import Packet, claim_packets, store_packets
from hazard_flow.telemetry.sources.mqtt import Broker, Consumer
from hazard_flow.telemetry.sources.topics import SUBSCRIBED

log = structlog.get_logger("telemetry")

#: seconds between two looks at the inbox
DRAIN_EVERY_SECONDS = 0.5
RENEW_EVERY_SECONDS = 2.0
#: our name at the broker, which keeps the session under it: changing it loses what waits there
CLIENT_ID = "hazard-flow-intake"


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


@dataclass
class Share:
    """How many shards this process drives: the more, the longer it leaves a free one to others."""

    held: int = 0


def run_consumer(
    broker: Broker,
    database: Database,
    clock: Clock,
    stop: threading.Event,
    *,
    client_id: str = CLIENT_ID,
    shard: str = "",
    topics: Sequence[str] = SUBSCRIBED,
    share: Share | None = None,
) -> None:
    """Consume device messages until `stop`; of several workers one at a time does (see `lanes`). Runs in its own thread."""
    share = share or Share()
    lease = _Lease(database, _SteadyClock(clock), new_id().hex, lanes.broker(shard))
    while not stop.is_set():
        stop.wait(RENEW_EVERY_SECONDS * share.held)
        if lease.holds():
            share.held += 1
            try:
                Consumer(
                    broker,
                    client_id=client_id,
                    store=_storing(database, lease.clock, shard),
                    clock=lease.clock,
                    holds=lease.holds,
                    topics=topics,
                ).run(stop)
            finally:
                share.held -= 1
        else:
            stop.wait(RENEW_EVERY_SECONDS)
    lease.release()


def consumers(
    broker: Broker, database: Database, clock: Clock, shards: Sequence[str]
) -> dict[str, Callable[[threading.Event], None]]:
    """The consumers of a worker by name: one, or one a shard, each with a session of its own at the broker.

    The first shard takes over the session of the time before there were shards, with all that waits in it, and the topics that have
    none.
    """
    if not shards:
        return {"mqtt": lambda stop: run_consumer(broker, database, clock, stop)}
    share = Share()
    found: dict[str, Callable[[threading.Event], None]] = {}
    for number, shard in enumerate(shards):
        others = () if number else tuple(topic for topic in SUBSCRIBED if not topic.startswith("gas/"))
        found[f"mqtt {shard}"] = partial(
            run_consumer,
            broker,
            database,
            clock,
            client_id=f"{CLIENT_ID}-{shard}" if number else CLIENT_ID,
            shard=shard,
            topics=(f"gas/{shard}/#", *others),
            share=share,
        )
    return found


def take_packets(database: Database, packets: Sequence[Packet], now: datetime, *, shard: str = "") -> None:
    """Store deliveries and, where nobody else is evaluating, evaluate them in the same transaction.

    So a message is written once, as done, and not read again. What evaluation cannot get through is stored all the same and left to
    `drain_inbox`.
    """
    try:
        with database.transaction(SYSTEM) as session:
            new = claim_packets(session, packets, shard=shard)
            if new and lanes.lock(session, lanes.EVALUATION):
                _evaluate(session, new, now)
            inbox.write(session, new)
    except _NotEvaluated as error:
        # Nothing was committed. A failed commit is another matter: it may have happened, only the broker's repeat mark tells.
        log.warning("a batch was not evaluated at once", error=type(error.__cause__).__name__)
        with database.transaction(SYSTEM) as session:
            store_packets(session, packets, shard=shard)


class _NotEvaluated(Exception):
    """Evaluation could not get through a batch."""


def _evaluate(session: Session, messages: Sequence[inbox.Message], now: datetime) -> None:
    done = Drained()
    try:
        problems = evaluate(session, messages, now, done)
    except Exception as error:
        raise _NotEvaluated from error
    for message in messages[: done.taken]:
        inbox.end(message, problems[message.id], now=now)


def _storing(database: Database, clock: Clock, shard: str) -> Callable[[Sequence[Packet]], object]:
    return lambda packets: take_packets(database, packets, clock.now(), shard=shard)


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

    def __init__(self, database: Database, clock: _SteadyClock, holder: str, lane: str) -> None:
        self._database, self.clock, self._holder, self._lane = database, clock, holder, lane
        self._held_to = 0.0
        self._asked = 0.0

    def holds(self) -> bool:
        """Whether this process may consume now."""
        at = time.monotonic()
        if at - self._asked >= RENEW_EVERY_SECONDS or not self._held_to:
            self._asked = at
            try:
                with self._database.transaction(SYSTEM) as session:
                    taken = lanes.lease(session, self._lane, self._holder, now=self.clock.set())
                self._held_to = at + lanes.LEASE.total_seconds() if taken else 0.0
            except SQLAlchemyError as error:
                log.warning("the lease could not be renewed", error=type(error).__name__)
        return at < self._held_to

    def release(self) -> None:
        """Let the next worker begin at once."""
        try:
            with self._database.transaction(SYSTEM) as session:
                lanes.release(session, self._lane, self._holder)
        except SQLAlchemyError:
            log.warning("the lease could not be given back; it ends by itself")
