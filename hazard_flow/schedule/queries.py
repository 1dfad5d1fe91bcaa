"""Reads: what will fire next, what should have fired, what is parked, what waits to be sent."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.schedule.models import Outbox, Timer

NEXT_SHOWN = 3


def next_firings(
    session: Session, subject_ids: Collection[uuid.UUID], *, each: int = NEXT_SHOWN
) -> dict[uuid.UUID, list[Timer]]:
    """The next pending timers of each subject, soonest first."""
    if not subject_ids:
        return {}
    place = (
        sa.func.row_number()
        .over(partition_by=Timer.subject_id, order_by=(Timer.due_at, Timer.id))
        .label("place")
    )
    inner = (
        sa.select(Timer.id, place)
        .where(Timer.subject_id.in_(list(subject_ids)), Timer.parked_at.is_(None))
        .subquery()
    )
    rows = session.scalars(
        sa.select(Timer)
        .join(inner, inner.c.id == Timer.id)
        .where(inner.c.place <= each)
        .order_by(Timer.subject_id, Timer.due_at, Timer.id)
    )
    found: dict[uuid.UUID, list[Timer]] = {}
    for timer in rows:
        found.setdefault(timer.subject_id, []).append(timer)
    return found


def next_by_subject(session: Session, subject_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    """When each subject's next pending timer is due; subjects without one are left out."""
    if not subject_ids:
        return {}
    rows = session.execute(
        sa.select(Timer.subject_id, sa.func.min(Timer.due_at))
        .where(Timer.subject_id.in_(list(subject_ids)), Timer.parked_at.is_(None))
        .group_by(Timer.subject_id)
    )
    return {row[0]: row[1] for row in rows}


def earliest_due_at(session: Session, kinds: Collection[str] | None = None) -> datetime | None:
    """When the next timer is due, parked ones left out; without an age window, so that nothing old is ever overlooked."""
    wanted = [Timer.parked_at.is_(None)]
    if kinds is not None:
        wanted.append(Timer.subject_kind.in_(list(kinds)))
    return session.scalar(sa.select(Timer.due_at).where(*wanted).order_by(Timer.due_at, Timer.id).limit(1))


def overdue(session: Session, now: datetime) -> timedelta | None:
    """How long the oldest due timer has been waiting to be fired; None when nothing is due."""
    earliest = earliest_due_at(session)
    return now - earliest if earliest is not None and earliest <= now else None


def parked_count(session: Session, *, seen: sa.ColumnElement[bool] | None = None) -> int:
    """How many timers lie in the dead-letter list (of those a condition leaves)."""
    wanted = (Timer.parked_at.is_not(None), sa.true() if seen is None else seen)
    return int(session.scalar(sa.select(sa.func.count()).where(*wanted)) or 0)


def outbox_age(session: Session, now: datetime) -> timedelta | None:
    """How long ago the oldest message still to be sent was written, retried ones included; None when all are out."""
    oldest = session.scalar(sa.select(sa.func.min(Outbox.created_at)).where(Outbox.state == "pending"))
    return now - oldest if oldest is not None else None


def is_dead() -> sa.ColumnElement[bool]:
    """The condition of a message in the dead-letter list: given up, and nobody has settled it yet."""
    return sa.and_(Outbox.state == "failed", Outbox.settled_at.is_(None))


def dead_count(session: Session, *, seen: sa.ColumnElement[bool] | None = None) -> int:
    """How many messages lie in the dead-letter list (of those a condition leaves)."""
    wanted = (is_dead(), sa.true() if seen is None else seen)
    return int(session.scalar(sa.select(sa.func.count()).select_from(Outbox).where(*wanted)) or 0)


def deliveries(
    session: Session, subject_id: uuid.UUID, *, kind: str = "hazard", limit: int = 200
) -> list[Outbox]:
    """Who was told what about a subject, newest first; what was told in confidence is of another kind and not among it."""
    return list(
        session.scalars(
            sa.select(Outbox)
            .where(Outbox.subject_id == subject_id, Outbox.subject_kind == kind)
            .order_by(Outbox.created_at.desc(), Outbox.seq.desc(), Outbox.person_id, Outbox.channel)
            .limit(limit)
        )
    )
