"""The sealer: a job that gives new events their leaves and signs the tree. Any number may run; the database lets one at a time write.

Steps: 1 *look* for events without a leaf, without writing · 2 *append* them in batches, each a transaction of its own, so that one killed
in the middle leaves a whole tree and the next goes on from there · 3 *sign* the tree when it is time. Never within a request.

Events become visible in another order than they happened or were numbered in, so there is no mark "sealed up to here": what is looked
for is what has no leaf. Most runs look only at the last minutes; every few minutes, and first of all, a run looks at everything.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from hazard_flow.ledger import operations
from hazard_flow.ledger.leaves import LeafSource
from hazard_flow.ledger.statements import Signer
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database

log = structlog.get_logger(__name__)

JOB = "ledger"
SEAL_EVERY_SECONDS = 2.0
BATCH = 2_000
#: how far back an ordinary run looks behind the newest event it sealed, and how often one looks at everything
LOOK_BACK = timedelta(minutes=2)
SWEEP_EVERY = timedelta(minutes=5)


#: who signs at an instant: a key may come, go and be replaced while the worker runs
SignerNow = Callable[[datetime], Signer | None]


def nobody(_now: datetime) -> None:
    """Where there is no key the tree is sealed all the same, and its checkpoints stand unsigned."""


@dataclass(frozen=True)
class Sealed:
    """What one run did."""

    leaves: int = 0
    checkpoints: int = 0

    def tally(self) -> Counter[str]:
        """The numbers for the worker's pulse."""
        return Counter({"ledger.leaves": self.leaves, "ledger.checkpoints": self.checkpoints})


class Sealer:
    """Seals what a source has; remembers only how far back the next run must look."""

    def __init__(
        self, database: Database, source: LeafSource, *, signer: SignerNow = nobody, batch: int = BATCH
    ) -> None:
        self._database = database
        self._source = source
        self._signer = signer
        self._batch = batch
        self._newest_at: datetime | None = None
        self._swept_at: datetime | None = None

    def run(self, now: datetime) -> Sealed:
        """Seal everything there is to seal, and sign if it is time to."""
        since = self._since(now)
        leaves = self._append(since)
        if since is None:
            self._swept_at = now
        return Sealed(leaves, self._checkpoint(now))

    def _append(self, since: datetime | None) -> int:
        total = 0
        while self._has_unsealed(since):
            with self._database.transaction(SYSTEM) as session:
                sealed = operations.append(session, self._source, since=since, limit=self._batch)
            if not sealed:
                break  # another writer is at it, and sees the same
            total += len(sealed)
            # they come in the order they happened: what is behind need not be looked through again for each batch
            since = sealed[-1].at
            self._newest_at = max(since, self._newest_at or since)
        return total

    def _has_unsealed(self, since: datetime | None) -> bool:
        # looked at first without a lock: on the embedded database whoever may write keeps everybody else waiting
        with self._database.reading(SYSTEM) as session:
            return bool(self._source.unsealed(session, since=since, limit=1))

    def _checkpoint(self, now: datetime) -> int:
        signer = self._signer(now)
        with self._database.reading(SYSTEM) as session:
            if not operations.is_due(session, self._source, signer, now):
                return 0
        with self._database.transaction(SYSTEM) as session:
            statement = operations.checkpoint(session, self._source, signer, now)
        if statement is None:
            return 0
        log.info("ledger.checkpoint", size=statement.size, root=statement.root.hex(), key_id=statement.key_id)
        return 1

    def _since(self, now: datetime) -> datetime | None:
        """From when on to look; None for everything: at first, every few minutes, and when the clock was set back."""
        if (
            self._swept_at is None
            or self._newest_at is None
            or not self._swept_at <= now < self._swept_at + SWEEP_EVERY
        ):
            return None
        return min(self._newest_at, now) - LOOK_BACK
