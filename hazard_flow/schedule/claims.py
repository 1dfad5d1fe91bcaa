"""Taking what is due, with its subject locked beside it: what every kind of timer needs, wherever its handler stands."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Session

from hazard_flow.schedule.models import Timer
from hazard_flow.schedule.rows import TIMER_COLUMNS, TimerRow


class Poisoned(Exception):
    """Raised while firing: this one timer can't be fired. The engine parks it at once instead of searching for it by halving."""

    def __init__(self, timer_id: uuid.UUID, reason: str) -> None:
        super().__init__(reason)
        self.timer_id = timer_id
        self.reason = reason


def claim_due(
    session: Session,
    kind: str,
    *,
    subject: type[DeclarativeBase],
    only: sa.ColumnElement[bool],
    now: datetime,
    limit: int,
) -> Sequence[TimerRow]:
    """Due timers of a kind, oldest first, at most `limit`, each locked together with its subject.

    PostgreSQL passes over pairs of which another worker or a person holds a row: waiting for either would deadlock with people, who lock
    the subject before its timers. SQLite's transaction is alone anyway. A timer whose subject is being worked on comes in the next round.
    `only` says which subjects this process can work on (the same object each time: the statement is kept by it); the others' timers are
    left as they are. What is claimed are values: what becomes of them is written by `operations.plan`, `move` or `cancel`.
    """
    rows = session.connection().execute(_due(subject, only), {"kind": kind, "now": now, "limit": limit})
    return [TimerRow(*row) for row in rows.all()]


@cache
def _due(subject: type[DeclarativeBase], only: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return (
        sa.select(*TIMER_COLUMNS)
        .join(subject, sa.inspect(subject).primary_key[0] == Timer.subject_id)
        .where(
            Timer.subject_kind == sa.bindparam("kind"),
            Timer.parked_at.is_(None),
            Timer.due_at <= sa.bindparam("now"),
            only,
        )
        .order_by(Timer.due_at, Timer.id)
        .limit(sa.bindparam("limit", type_=sa.Integer()))
        .with_for_update(of=[Timer, subject], skip_locked=True)
    )
