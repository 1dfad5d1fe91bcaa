"""What `/watchz` must never stop asking about timers and the worker."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from hazard_flow.i18n import Label, both
from hazard_flow.schedule.pulse import last_beats
from hazard_flow.schedule.queries import earliest_due_at, overdue, parked_count
from hazard_flow.timers.scheduler import WorkerLoop

#: A due timer waits for a beat (1 s) and, after an outage, for those before it; longer than this nobody is firing them.
LATE_AFTER = timedelta(seconds=60)
#: A beat of the timers lasts a second and is told every ten; other jobs may be busy for minutes with mail or a closure file.
SILENT_AFTER = timedelta(seconds=60)
SILENT_AFTER_OTHERS = timedelta(minutes=10)
TIMERS = "timers"

Check = Callable[[Session, datetime], Label | None]


def late_timers(session: Session, now: datetime) -> Label | None:
    """Whether a timer is due and nobody fires it."""
    waiting = overdue(session, now)
    if waiting is None or waiting <= LATE_AFTER:
        return None
    return both("watch.timers_late.found", seconds=int(waiting.total_seconds()))


def parked_timers(session: Session, _now: datetime) -> Label | None:
    """Whether a timer lies in the dead-letter list."""
    count = parked_count(session)
    return both("watch.timers_parked.found", n=count) if count else None


def worker_silent(jobs: Collection[str]) -> Check:
    """A check of all workers together, wherever they run: each of these jobs must keep coming to its end in at least one of them.

    An installation in which no worker ever ran and no timer waits has nothing to be silent about.
    """

    def check(session: Session, now: datetime) -> Label | None:
        beats = last_beats(session, jobs)
        if not beats:
            return both("watch.worker_silent.never") if earliest_due_at(session) is not None else None
        for name in sorted(jobs):
            at = beats.get(name)
            limit = SILENT_AFTER if name == TIMERS else SILENT_AFTER_OTHERS
            if at is not None and now - at > limit:
                seconds = int((now - at).total_seconds())
                return both("watch.worker_silent.found", job=name, seconds=seconds)
        return None

    return check


def worker_check(loop: WorkerLoop) -> Check:
    """A check of the worker inside this process: every job must keep coming to its end."""

    def check(_session: Session, _now: datetime) -> Label | None:
        stale = loop.stale()
        if not stale:
            return None
        told = ", ".join(f"{name} ({age:.0f} s)" for name, age in sorted(stale.items()))
        return both("watch.worker.found", jobs=told)

    return check
