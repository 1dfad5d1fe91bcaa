"""Leaves a worker's signs of life in the database: seldom while nothing happens, at once when a job fails."""

import os
import secrets
import socket
from collections import Counter
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hazard_flow.clock import Clock
from hazard_flow.schedule.pulse import beat, fold, leave
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.timers.scheduler import Job

log = structlog.get_logger(__name__)

#: a job that runs every second says so this often: the embedded database must not write to the disk every second
PULSE_EVERY = timedelta(seconds=10)


def worker_name() -> str:
    """A name no other worker has: machine, process, and four letters against re-used process numbers."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(2)}"


class PulseKeeper:
    """Hears of every run of a worker's jobs. Each job's runs come one after the other, so its counts need no lock."""

    def __init__(self, database: Database, clock: Clock, *, worker: str | None = None) -> None:
        self._database = database
        self._clock = clock
        self.worker = worker or worker_name()
        self._counts: dict[str, Counter[str]] = {}
        self._told: dict[str, tuple[datetime, bool]] = {}

    def __call__(self, job: Job, result: object, error: Exception | None) -> None:
        """Note a run; counts not yet told wait for the next time, also when the database does not answer."""
        counts = self._counts.setdefault(job.name, Counter())
        tally = getattr(result, "tally", None)
        if tally is not None:
            counts.update(tally())
        try:
            self._tell(job, error)
        except SQLAlchemyError as broken:
            log.warning("worker.pulse_not_written", job=job.name, error=type(broken).__name__)

    def close(self) -> None:
        """The worker has stopped on purpose: it is no more among those that are watched."""
        try:
            with self._database.transaction(SYSTEM) as session:
                leave(session, self.worker)
        except SQLAlchemyError as broken:
            log.warning("worker.pulse_not_closed", error=type(broken).__name__)

    def _tell(self, job: Job, error: Exception | None) -> None:
        now = self._clock.now()
        told_at, was_fine = self._told.get(job.name, (None, True))
        is_news = told_at is None or was_fine != (error is None)
        if not is_news and told_at is not None and now - told_at < PULSE_EVERY:
            return
        kind = type(error).__name__ if error is not None else None
        with self._database.transaction(SYSTEM) as session:
            if told_at is None:
                fold(session, now)
            beat(session, self.worker, job.name, now=now, add=self._counts[job.name], error=kind)
        self._counts[job.name] = Counter()
        self._told[job.name] = (now, error is None)
