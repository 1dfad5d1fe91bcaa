"""What `/watchz` must never stop asking about timers and the worker."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from hazard_flow.schedule.queries import overdue, parked_count
from hazard_flow.timers.scheduler import WorkerLoop

#: A due timer waits for a beat (1 s) and, after an outage, for those before it; longer than this nobody is firing them.
LATE_AFTER = timedelta(seconds=60)


def late_timers(session: Session, now: datetime) -> str | None:
    """Whether a timer is due and nobody fires it."""
    waiting = overdue(session, now)
    if waiting is None or waiting <= LATE_AFTER:
        return None
    return f"the oldest due timer has been waiting for {int(waiting.total_seconds())} s: is a worker running?"


def parked_timers(session: Session, _now: datetime) -> str | None:
    """Whether a timer lies in the dead-letter list."""
    count = parked_count(session)
    return f"{count} timers could not be fired and are parked: see the dead-letter list" if count else None


def worker_check(loop: WorkerLoop) -> Callable[[Session, datetime], str | None]:
    """A check of the worker inside this process: every job must keep coming to its end."""

    def check(_session: Session, _now: datetime) -> str | None:
        stale = loop.stale()
        if not stale:
            return None
        told = ", ".join(f"{name} ({age:.0f} s ago)" for name, age in sorted(stale.items()))
        return f"the worker's jobs last ended too long ago: {told}"

    return check
