"""What wakes the worker's jobs, and the one importer of APScheduler: a ticker in memory, never a store of due times.

Its own job store is not used on purpose: two processes sharing one fire jobs twice, and a job missed by more than its grace is deleted
unrun. Due times are rows of ours, so a restart, a second worker or a skipped wake-up changes nothing.
"""

import logging
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from queue import SimpleQueue
from types import FrameType
from typing import Any

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

log = structlog.get_logger(__name__)

#: a clock that is kept by the network is slewed by less than this between two looks; anything more is a jump
JUMP_SECONDS = 0.5
#: the longest sleep between two looks at the clock: one reckoned while the clock was being set back could last for a month
LOOK_SECONDS = 1.0


def _nothing() -> None:
    """What most jobs need to stop."""


@dataclass(frozen=True)
class Job:
    """Something the worker does every so often, alone with itself: the next run waits for the one under way."""

    name: str
    seconds: float
    function: Callable[[], object]
    #: asks a long run to come back soon
    on_stop: Callable[[], None] = field(default=_nothing)


#: Told after each run of a job: the job, what it returned, and the error it broke off with.
Report = Callable[[Job, object, Exception | None], None]


def _unheard(_job: Job, _result: object, _error: Exception | None) -> None:
    """Nobody listens."""


class WorkerLoop:
    """The worker: its jobs, started together, stopped cleanly. In the background for `serve`, in front for `worker`.

    `report` hears of every run, in the job's own thread; it must not raise.
    """

    def __init__(self, jobs: Iterable[Job], *, report: Report = _unheard) -> None:
        self.jobs = tuple(jobs)
        self._report = report
        assert len({job.name for job in self.jobs}) == len(self.jobs), "two jobs have the same name"
        #: why `run` comes to its end: a signal's number, or None. A signal handler may put into this queue wherever it breaks in: the lock
        #: of an event, or the stream of the log, may be held by the very thread that it interrupts
        self._leave: SimpleQueue[int | None] = SimpleQueue()
        self._is_leaving = False
        self._finished: dict[str, float] = {}
        self._scheduler: _SteadyScheduler | None = None

    def start(self) -> None:
        """Start all jobs in background threads, each at once."""
        assert self._scheduler is None, "the worker runs already"
        # It reports every skipped start of a busy job as a warning; being busy is no news.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        scheduler = _SteadyScheduler(
            executors={"default": ThreadPoolExecutor(max(1, len(self.jobs)))},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone="UTC",
            daemon=True,
        )
        begun = time.monotonic()
        for job in self.jobs:
            self._finished[job.name] = begun
            scheduler.add_job(
                self._run_one,
                "interval",
                args=[job],
                seconds=job.seconds,
                id=job.name,
                next_run_time=datetime.now(UTC),
            )
        scheduler.start()
        self._scheduler = scheduler
        log.info("worker.started", jobs=[job.name for job in self.jobs])

    def run(self) -> None:
        """Start, and stay until SIGTERM or SIGINT; call it in the main thread."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        self.start()
        asked = self._leave.get()
        if asked is not None:
            log.info("worker.stopping", signal=signal.Signals(asked).name)
        self.stop()

    def stop(self) -> None:
        """Let what is under way finish, start nothing more, end. Safe to call twice."""
        self._is_leaving = True
        self._leave.put(None)
        scheduler, self._scheduler = self._scheduler, None
        if scheduler is None:
            return
        for job in self.jobs:
            job.on_stop()
        scheduler.shutdown(wait=True)
        log.info("worker.stopped")

    @property
    def is_running(self) -> bool:
        """Whether the jobs are being woken."""
        return self._scheduler is not None

    def age_seconds(self, name: str) -> float:
        """How long ago a job last came to its end without an error (or was started, before its first time)."""
        return time.monotonic() - self._finished[name]

    def stale(self, *, slack_seconds: float = 30.0) -> dict[str, float]:
        """Jobs that have not come to their end for longer than their interval and some slack, with their age in seconds."""
        ages = {job.name: self.age_seconds(job.name) for job in self.jobs if job.name in self._finished}
        return {
            job.name: ages[job.name]
            for job in self.jobs
            if job.name in ages and ages[job.name] > job.seconds + slack_seconds
        }

    def _run_one(self, job: Job) -> None:
        if self._is_leaving:
            return
        try:
            result = job.function()
        except Exception as error:
            log.exception("worker.job_failed", job=job.name)
            self._report(job, None, error)
            return
        self._finished[job.name] = time.monotonic()
        self._report(job, result, None)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._is_leaving = True
        self._leave.put(number)


class _SteadyScheduler(BackgroundScheduler):  # type: ignore[misc] # APScheduler has no annotations
    """Keeps its pace when the machine's clock is set.

    APScheduler reckons by the wall: set back by two hours it would sleep for them, and set ahead by a month it would list each half second
    of that month first. So a jump of the wall against the steady clock starts every job anew.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._wall_ahead = _wall_ahead()

    def _process_jobs(self) -> float:
        ahead = _wall_ahead()
        if abs(ahead - self._wall_ahead) > JUMP_SECONDS:
            log.warning("worker.clock_jumped", seconds=round(ahead - self._wall_ahead, 1))
            for job in self.get_jobs():
                job.modify(next_run_time=datetime.now(UTC))
        self._wall_ahead = ahead
        wait_seconds: float | None = super()._process_jobs()
        return LOOK_SECONDS if wait_seconds is None else min(wait_seconds, LOOK_SECONDS)


def _wall_ahead() -> float:
    return time.time() - time.monotonic()
