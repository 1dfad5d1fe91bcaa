"""Signs of life: each job of each worker leaves one when it comes to its end, with what it counted, so that any process can tell."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.schedule.models import Pulse

#: counts of workers long gone are kept here, so that totals never fall
PAST = "past"
GONE_AFTER = timedelta(days=2)


def beat(
    session: Session,
    worker: str,
    job: str,
    *,
    now: datetime,
    add: Mapping[str, int],
    error: str | None = None,
) -> None:
    """A job came to its end (or failed with this kind of error), having counted `add` since it last said so."""
    row = session.get(Pulse, (worker, job))
    if row is None:
        row = Pulse(
            worker=worker, job=job, started_at=now, beat_at=None, failed_at=None, error=None, counts={}
        )
        session.add(row)
    row.counts = _sum(row.counts, add)
    if error is None:
        row.beat_at, row.error = now, None
    else:
        row.failed_at, row.error = now, error


def fold(session: Session, now: datetime) -> int:
    """Add up the counts of workers that have been silent for days under `past` and forget them; returns how many rows went."""
    heard = sa.func.coalesce(Pulse.beat_at, Pulse.started_at)
    return _put_away(session, sa.and_(Pulse.worker != PAST, heard < now - GONE_AFTER))


def leave(session: Session, worker: str) -> int:
    """A worker stops on purpose: its counts go to `past`, its last signs of life with them."""
    return _put_away(session, Pulse.worker == worker)


def _put_away(session: Session, wanted: sa.ColumnElement[bool]) -> int:
    statement = sa.select(Pulse).where(wanted).order_by(Pulse.worker, Pulse.job)
    gone = session.scalars(statement.with_for_update(skip_locked=True)).all()
    for row in gone:
        kept = session.get(Pulse, (PAST, row.job), with_for_update=True)
        if kept is None:
            kept = Pulse(
                worker=PAST,
                job=row.job,
                started_at=row.started_at,
                beat_at=None,
                failed_at=None,
                error=None,
                counts={},
            )
            session.add(kept)
        kept.counts = _sum(kept.counts, row.counts)
        # the last sign of life stays: a house without any worker must be seen, also after a clean stop
        kept.beat_at = max((at for at in (kept.beat_at, row.beat_at) if at is not None), default=None)
        session.delete(row)
        session.flush()
    return len(gone)


def pulses(session: Session) -> list[Pulse]:
    """Every job of every worker that is not long gone, by worker, the longest running first."""
    order = (Pulse.started_at, Pulse.worker, Pulse.job)
    return list(session.scalars(sa.select(Pulse).where(Pulse.worker != PAST).order_by(*order)))


def last_beats(session: Session, jobs: Collection[str]) -> dict[str, datetime]:
    """When each of these jobs last came to its end in any worker; those that never did are left out."""
    rows = session.execute(
        sa.select(Pulse.job, sa.func.max(Pulse.beat_at))
        .where(Pulse.job.in_(list(jobs)), Pulse.beat_at.is_not(None))
        .group_by(Pulse.job)
    )
    return {job: at for job, at in rows if at is not None}


def totals(session: Session) -> Counter[str]:
    """All counts of all workers, past ones included, by name."""
    found: Counter[str] = Counter()
    for counts in session.scalars(sa.select(Pulse.counts)):
        found.update({name: int(number) for name, number in counts.items()})
    return found


def _sum(counts: Mapping[str, int], add: Mapping[str, int]) -> dict[str, int]:
    return {name: int(counts.get(name, 0)) + int(add.get(name, 0)) for name in {*counts, *add}}
