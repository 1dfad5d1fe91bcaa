"""The dead-letter list: timers that could not be fired, kept with their error until a person lets them try again. Nothing is dropped."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.errors import NotFound
from hazard_flow.hazards.effects import CONCEALED_PATH
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.actor import Actor
from hazard_flow.schedule.models import Timer
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
    """Whose timers a person looks after.

    An administrator those of the own organisation, a regulator's administrator all of them, an officer those of the hazards in scope.
    """
    if actor.is_system:
        return sa.true()
    desks = [h for h in actor.holdings if h.role == "administrator"]
    if any(h.regulator for h in desks):
        return sa.true()
    homes = sorted({uuid.UUID(hex=h.path.split("/", 1)[0]) for h in desks})
    in_scope = actor.scope.where(Hazard.path, Hazard.division, Hazard.parties)
    concealed = sa.exists().where(Hazard.id == Timer.subject_id, Hazard.path == CONCEALED_PATH)
    return sa.or_(
        sa.and_(Timer.home_id.in_(homes), ~concealed),
        sa.exists().where(Hazard.id == Timer.subject_id, in_scope) if actor.scope.divisions else sa.false(),
    )


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


def retry(session: Session, timer_id: uuid.UUID, *, seen: sa.ColumnElement[bool] | None = None) -> None:
    """Let a parked timer try again; it is still due and fires in the next tick. Its error stays until then."""
    found = session.scalar(
        sa.update(Timer)
        .where(Timer.id == timer_id, Timer.parked_at.is_not(None), sa.true() if seen is None else seen)
        .values(parked_at=None, attempts=0)
        .returning(Timer.id)
    )
    if found is None:
        raise NotFound(f"parked timer {timer_id}")
