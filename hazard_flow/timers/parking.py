"""The dead-letter list: timers that could not be fired, kept with their error until a person lets them try again. Nothing is dropped."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.errors import NotFound
from hazard_flow.hazards.keepers import looked_after
from hazard_flow.identity.actor import Actor
from hazard_flow.schedule.models import Timer
from hazard_flow.schedule.upkeep import note
from hazard_flow.storage.paging import Page, keyset

ERROR_LENGTH_MAX = 2_000


def park(session: Session, timer_id: uuid.UUID, *, error: str, now: datetime) -> Timer | None:
    """Put one timer aside; None when it is gone or parked already (another worker was quicker)."""
    return session.scalar(
        sa.update(Timer)
        .where(Timer.id == timer_id, Timer.parked_at.is_(None))
        .values(parked_at=now, error=error[:ERROR_LENGTH_MAX], attempts=Timer.attempts + 1)
        .returning(Timer)
    )


def note_attempt(session: Session, timer_id: uuid.UUID, *, error: str) -> int:
    """Count a failed attempt without parking; returns how many there were."""
    count = session.scalar(
        sa.update(Timer)
        .where(Timer.id == timer_id)
        .values(attempts=Timer.attempts + 1, error=error[:ERROR_LENGTH_MAX])
        .returning(Timer.attempts)
    )
    return count or 0


def may_see(actor: Actor) -> sa.ColumnElement[bool]:
    """Whose timers a person looks after."""
    return looked_after(actor, home=Timer.home_id, subject=Timer.subject_id)


def parked_page(
    session: Session,
    *,
    seen: sa.ColumnElement[bool] | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Timer]:
    """The dead-letter list (of the timers `may_see` names), longest overdue first."""
    statement = sa.select(Timer).where(Timer.parked_at.is_not(None), sa.true() if seen is None else seen)
    return keyset(
        session, statement, instant=Timer.due_at, id_=Timer.id, cursor=cursor, limit=limit, descending=False
    )


def retry(
    session: Session,
    timer_id: uuid.UUID,
    *,
    actor: str,
    now: datetime,
    seen: sa.ColumnElement[bool] | None = None,
) -> None:
    """Let a parked timer try again; it is still due and fires in the next tick. Who did so, and what was wrong, stays on record."""
    timer = session.scalar(
        sa.select(Timer)
        .where(Timer.id == timer_id, Timer.parked_at.is_not(None), sa.true() if seen is None else seen)
        .with_for_update()
    )
    if timer is None or timer.parked_at is None:
        raise NotFound(f"parked timer {timer_id}")
    before = {
        "name": timer.name,
        "level": timer.level,
        "cycle": timer.cycle,
        "due_at": timer.due_at.isoformat(),
        "parked_at": timer.parked_at.isoformat(),
        "error": timer.error,
    }
    note(session, "timer.retried", timer, actor=actor, now=now, data=before)
    timer.parked_at, timer.attempts = None, 0
