"""Reads: what is owed within a scope, what one subject owes, and who would be told next."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.identity.directory import Directory, Parts
from hazard_flow.ladders.models import TimeLimit, TimeLimitStep
from hazard_flow.ladders.rules import ladders
from hazard_flow.ladders.timing import SUBJECT, next_rung
from hazard_flow.schedule.models import Timer
from hazard_flow.storage.unit import scope_of_session

LISTED_MAX = 500


@dataclass(frozen=True)
class NextTold:
    """The rung a limit comes to next: when, and who is told."""

    at: datetime
    people: tuple[uuid.UUID, ...]


def owed(
    session: Session, *, kinds: Collection[str] | None = None, limit: int = LISTED_MAX
) -> Sequence[TimeLimit]:
    """Open limits the scope reaches, the earliest first; of some kinds of subject where given."""
    wanted = sa.select(TimeLimit).where(_reach(session), TimeLimit.ended_at.is_(None))
    if kinds is not None:
        wanted = wanted.where(TimeLimit.subject_kind.in_(list(kinds)))
    return session.scalars(wanted.order_by(TimeLimit.due_at, TimeLimit.id).limit(limit)).all()


def counts(session: Session, now: datetime) -> tuple[int, int]:
    """How many are owed within the scope, and how many of them are late."""
    late = sa.func.sum(sa.case((TimeLimit.due_at < now, 1), else_=0))
    row = session.execute(
        sa.select(sa.func.count(), late).where(_reach(session), TimeLimit.ended_at.is_(None))
    ).one()
    return int(row[0]), int(row[1] or 0)


def one(session: Session, limit_id: uuid.UUID) -> TimeLimit | None:
    """One limit, if the scope reaches it."""
    return session.scalar(sa.select(TimeLimit).where(TimeLimit.id == limit_id, _reach(session)))


def of_subject(
    session: Session, kind: str, subject_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, list[TimeLimit]]:
    """Every limit of these subjects, open and ended, by subject, in the order they were opened."""
    found: dict[uuid.UUID, list[TimeLimit]] = {}
    rows = session.scalars(
        sa.select(TimeLimit)
        .where(TimeLimit.subject_kind == kind, TimeLimit.subject_id.in_(list(subject_ids)), _reach(session))
        .order_by(TimeLimit.opened_at, TimeLimit.id)
    )
    for row in rows:
        found.setdefault(row.subject_id, []).append(row)
    return found


def steps(session: Session, limit: TimeLimit) -> Sequence[TimeLimitStep]:
    """What happened to a limit, in order."""
    return session.scalars(
        sa.select(TimeLimitStep).where(TimeLimitStep.limit_id == limit.id).order_by(TimeLimitStep.seq)
    ).all()


def next_told(session: Session, limits: Sequence[TimeLimit]) -> dict[uuid.UUID, NextTold]:
    """When each open limit climbs next, and to whom as things stand now."""
    open_ones = [limit for limit in limits if limit.is_open]
    if not open_ones:
        return {}
    directory = Directory.load(
        session,
        paths={one.path for one in open_ones},
        people={one.responsible_id for one in open_ones if one.responsible_id},
    )
    found = {}
    for limit in open_ones:
        number, at = next_rung(limit)
        rung = ladders()[limit.ladder].rungs[number - 1]
        parts = Parts(limit.path, limit.division, responsible=limit.responsible_id)
        found[limit.id] = NextTold(
            at, directory.tell(rung.addressees(is_named=limit.responsible_id is not None), parts).people
        )
    return found


def silent(session: Session) -> int:
    """How many open limits nothing will ever climb: there should be none. Parked timers do not count."""
    timed = sa.select(Timer.id).where(
        Timer.subject_kind == SUBJECT, Timer.subject_id == TimeLimit.id, Timer.parked_at.is_(None)
    )
    wanted = sa.select(sa.func.count()).where(TimeLimit.ended_at.is_(None), ~timed.exists())
    return int(session.scalar(wanted) or 0)


def _reach(session: Session) -> sa.ColumnElement[bool]:
    return scope_of_session(session).where(TimeLimit.path, TimeLimit.division, TimeLimit.parties)
