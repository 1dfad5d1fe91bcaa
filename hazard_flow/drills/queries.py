"""Reads: filed drills, and the rungs of one that a person may see."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.drills.models import Drill, DrillRung
from hazard_flow.drills.operations import SUBJECT
from hazard_flow.errors import NotFound
from hazard_flow.identity.actor import Actor
from hazard_flow.notifications.models import Message
from hazard_flow.schedule.models import Outbox
from hazard_flow.storage.paging import Page, keyset
from hazard_flow.storage.scope import Scope


def seen(actor: Actor) -> sa.ColumnElement[bool]:
    """The rungs a person may read: of their own whole organisation, or of their division; a regulator's administrator reads all."""
    if actor.is_system or any(h.role == "administrator" and h.regulator for h in actor.holdings):
        return sa.true()
    scope = actor.scope
    whole = Scope(paths=scope.homes or scope.paths, divisions=scope.divisions)
    return whole.where(DrillRung.path, DrillRung.division)


def drills_page(session: Session, actor: Actor, *, cursor: str | None, limit: int) -> Page[Drill]:
    """Drills in which something of theirs was climbed, newest first."""
    mine = sa.exists().where(DrillRung.drill_id == Drill.id, seen(actor))
    statement = sa.select(Drill).where(mine)
    return keyset(session, statement, instant=Drill.started_at, id_=Drill.id, cursor=cursor, limit=limit)


def by_number(session: Session, number: str) -> Drill:
    """One drill; `NotFound` when there is none."""
    found = session.scalar(sa.select(Drill).where(Drill.number == number))
    if found is None:
        raise NotFound(f"drill {number}")
    return found


def rungs_of(session: Session, drill: Drill, actor: Actor) -> list[DrillRung]:
    """Its rungs as far as the person may read them, in order; `NotFound` when nothing of theirs is among them."""
    rows = sa.select(DrillRung).where(DrillRung.drill_id == drill.id, seen(actor))
    found = list(session.scalars(rows.order_by(DrillRung.position)))
    if not found:
        raise NotFound(f"drill {drill.number}")
    return found


def last_held(session: Session) -> datetime | None:
    """When a drill was last held."""
    return session.scalar(sa.select(sa.func.max(Drill.started_at)))


def deliveries(
    session: Session, drill: Drill
) -> tuple[dict[uuid.UUID, list[Outbox]], dict[uuid.UUID, datetime]]:
    """The messages really sent, by person, and when each person acknowledged theirs."""
    rows = session.scalars(
        sa.select(Outbox)
        .where(Outbox.subject_id == drill.id, Outbox.subject_kind == SUBJECT)
        .order_by(Outbox.person_id, Outbox.channel)
    )
    sent: dict[uuid.UUID, list[Outbox]] = {}
    for row in rows:
        sent.setdefault(row.person_id, []).append(row)
    read = session.execute(
        sa.select(Message.person_id, Message.acknowledged_at).where(
            Message.subject_id == drill.id, Message.acknowledged_at.is_not(None)
        )
    )
    return sent, {person: at for person, at in read if at is not None}
