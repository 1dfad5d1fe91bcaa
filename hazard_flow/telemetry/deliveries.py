"""Messages handed in over HTTP, stored together: what arrives while one transaction commits shares the next.

A commit costs the same for one row as for a hundred. So nobody waits on purpose: who comes first commits at once, who comes meanwhile
queues, and the first of the queue commits for all of it.
"""

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.orm import Session

from hazard_flow.errors import NotAllowed, SignInNeeded, Unavailable
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.telemetry import inbox
from hazard_flow.telemetry.arriving import delivered
from hazard_flow.telemetry.models import Source

#: messages one transaction takes at most: the rest of a storm is answered by the next
MESSAGES_MAX = 500


class UnknownAddress(SignInNeeded):
    """No source has this address."""

    code = "unknown_source"


class SourceRefused(NotAllowed):
    """The source exists, but not for this."""

    code = "source_refused"


@dataclass(eq=False)
class Delivery:
    """One request: to which address, and the messages in it. `stored` says of each whether it was new, or `error` why none was."""

    kind: str
    token_digest: bytes
    bodies: Sequence[bytes]
    received_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)
    stored: Sequence[bool] | None = None
    error: Exception | None = None
    #: set when it is settled, or when it is this one's turn to lead
    woken: threading.Event = field(default_factory=threading.Event)

    @property
    def is_settled(self) -> bool:
        """Whether its sender can be answered."""
        return self.stored is not None or self.error is not None


class Together:
    """The way of deliveries into the database. `alone`: each in a transaction of its own, to compare."""

    def __init__(self, database: Database, *, messages_max: int = MESSAGES_MAX, alone: bool = False) -> None:
        self._database = database
        self._messages_max = messages_max
        self._alone = alone
        self._lock = threading.Lock()
        self._waiting: deque[Delivery] = deque()
        self._busy = False

    def store(self, delivery: Delivery) -> Sequence[bool]:
        """Keep the messages and return once they are committed: of each, whether it was new.

        Raises UnknownAddress, SourceRefused, or what the database raised for this delivery.
        """
        if self._alone:
            self._settle([delivery])
        elif self._must_wait(delivery):
            delivery.woken.wait()
        if not delivery.is_settled:
            self._lead()
        if delivery.error is not None:
            raise delivery.error
        assert delivery.stored is not None
        return delivery.stored

    def _must_wait(self, delivery: Delivery) -> bool:
        with self._lock:
            self._waiting.append(delivery)
            was, self._busy = self._busy, True
            return was

    def _lead(self) -> None:
        """Settle the front of the queue, one's own delivery first, and let the next in line lead on."""
        group = self._front()
        try:
            self._settle(group)
        finally:
            for delivery in group:
                if not delivery.is_settled:  # this thread is being torn down
                    delivery.error = Unavailable("interrupted")
                delivery.woken.set()
            with self._lock:
                heir = self._waiting[0] if self._waiting else None
                self._busy = heir is not None
            if heir is not None:
                heir.woken.set()

    def _front(self) -> list[Delivery]:
        with self._lock:
            group = [self._waiting.popleft()]
            count = len(group[0].bodies)
            while self._waiting and count + len(self._waiting[0].bodies) <= self._messages_max:
                group.append(self._waiting.popleft())
                count += len(group[-1].bodies)
        return group

    def _settle(self, group: Sequence[Delivery]) -> None:
        """Commit for all of the group; if that fails each alone, so that only the one at fault hears of it."""
        try:
            with self._database.transaction(SYSTEM) as session:
                answers = keep(session, group)
        except Exception as error:
            if len(group) > 1 and not _is_outage(error):
                for delivery in group:
                    self._settle([delivery])
                return
            for delivery in group:
                delivery.error = error
            return
        for delivery, answer in zip(group, answers, strict=True):
            if isinstance(answer, Exception):
                delivery.error = answer
            else:
                delivery.stored = answer


def _is_outage(error: Exception) -> bool:
    """Whether the database itself failed: then asking it once more for each sender would only keep them waiting."""
    return isinstance(error, OperationalError | InterfaceError | PoolExhausted)


def keep(session: Session, group: Sequence[Delivery]) -> list[list[bool] | Exception]:
    """Store these deliveries in the session's transaction: of each message whether it was new; for a wrong address what it is told."""
    wanted = sa.select(Source.id, Source.kind, Source.active, Source.token_digest).where(
        Source.token_digest.in_({delivery.token_digest for delivery in group})
    )
    known = {row.token_digest: row for row in session.execute(wanted)}
    refusals: dict[int, Exception] = {}
    arrivals: list[inbox.Arrival] = []
    for place, delivery in enumerate(group):
        source = known.get(delivery.token_digest)
        if source is None:
            refusals[place] = UnknownAddress()
        elif source.kind != delivery.kind or not source.active:
            refusals[place] = SourceRefused(delivery.kind)
        else:
            arrivals += [
                delivered(source.id, delivery.kind, body, delivery.headers, now=delivery.received_at)
                for body in delivery.bodies
            ]
    fresh = iter(inbox.store_each(session, arrivals))
    return [
        refusals.get(place) or [next(fresh) for _ in delivery.bodies] for place, delivery in enumerate(group)
    ]
