"""Writes on pending timers and outgoing messages, a whole set in one statement."""

import uuid
from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.schedule.bulk import insert_rows
from hazard_flow.schedule.models import Outbox, Timer
from hazard_flow.storage.base import Base, new_id

_TIMER_KEY = ("home_id", "subject_kind", "subject_id", "name", "level", "cycle")
#: what a timer planned again takes over; one that was parked gets a new chance
_REPLANNED = (
    "due_at",
    "expires_at",
    "started_at",
    "fence",
    "rule",
    "provisional",
    "attempts",
    "parked_at",
    "error",
)


def plan(session: Session, timers: Iterable[Timer]) -> None:
    """Pending timers from new, unattached `Timer` values; one that is planned already (same subject, name, level, cycle) is moved."""
    insert_rows(session, Timer.__table__, [_row(t) for t in timers], key=_TIMER_KEY, update=_REPLANNED)


def cancel(
    session: Session,
    subject_ids: Collection[uuid.UUID],
    *,
    names: Collection[str] | None = None,
    kind: str | None = None,
) -> int:
    """Take back pending timers of these subjects, of some names only where given; parked ones too. Returns how many."""
    if not subject_ids:
        return 0
    wanted: list[sa.ColumnElement[bool]] = [Timer.subject_id.in_(list(subject_ids))]
    if names is not None:
        wanted.append(Timer.name.in_(list(names)))
    if kind is not None:
        wanted.append(Timer.subject_kind == kind)
    found = session.execute(sa.delete(Timer).where(*wanted).execution_options(synchronize_session="fetch"))
    return int(getattr(found, "rowcount", 0))


def enqueue(session: Session, messages: Iterable[Outbox]) -> None:
    """Outgoing messages from new, unattached `Outbox` values; the same event, person and channel twice is one message."""
    insert_rows(session, Outbox.__table__, [_row(m) for m in messages])


def _row(thing: Base) -> dict[str, Any]:
    """All columns of a value that was never attached to a session, with the defaults the ORM would have filled."""
    row: dict[str, Any] = {}
    for column in sa.inspect(type(thing)).columns:
        value = getattr(thing, column.key)
        if value is None and isinstance(column.default, sa.ColumnDefault) and column.default.is_scalar:
            value = column.default.arg
        row[column.key] = value
    row["id"] = row["id"] or new_id()
    return row
