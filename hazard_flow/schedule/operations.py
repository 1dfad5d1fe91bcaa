"""Writes on pending timers and outgoing messages, a whole set in one statement."""

import uuid
from collections.abc import Collection, Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.schedule.bulk import append_rows, insert_rows, update_rows
from hazard_flow.schedule.models import Outbox, Timer
from hazard_flow.schedule.rows import MessageRow, TimerRow, message_row, timer_row

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
_FRESH = {"attempts": 0, "parked_at": None, "error": None}


def plan(session: Session, timers: Iterable[Timer | TimerRow]) -> None:
    """Pending timers; one that is planned already (same subject, name, level, cycle) is moved. ORM values must be unattached."""
    rows = [timer_row(t)._asdict() | _FRESH for t in timers]
    insert_rows(session, Timer.__table__, rows, key=_TIMER_KEY, update=_REPLANNED)


def plan_new(session: Session, timers: Iterable[TimerRow]) -> None:
    """Pending timers that are known not to be planned yet; one that is, is an error."""
    append_rows(session, Timer.__table__, list(timers))


def move(session: Session, timers: Iterable[TimerRow]) -> None:
    """Pending timers as they are now, found by their id."""
    update_rows(session, Timer.__table__, list(timers))


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


def enqueue(session: Session, messages: Iterable[Outbox | MessageRow]) -> None:
    """Outgoing messages; the same event, person and channel twice is one message. ORM values must be unattached."""
    insert_rows(session, Outbox.__table__, [message_row(m) for m in messages])


def enqueue_new(session: Session, messages: Iterable[MessageRow]) -> None:
    """Messages about events that have just happened, so that nobody can have been told yet; of the same twice the first stays."""
    rows: dict[tuple[object, ...], MessageRow] = {}
    for m in messages:
        rows.setdefault((m.subject_id, m.seq, m.person_id, m.channel), m)
    append_rows(session, Outbox.__table__, list(rows.values()))
