"""Reads: a person's inbox. Whose it is stands in every query; the database's row-level security says the same once more."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.errors import NotFound
from hazard_flow.hazards.models import Hazard
from hazard_flow.notifications.models import Message
from hazard_flow.storage.paging import Page, keyset

#: a number in the rail beyond which only "many" matters
UNREAD_CAP = 99


def unread_count(session: Session, person_id: uuid.UUID) -> int:
    """How many lines the person has not read, counted up to 99."""
    inner = (
        sa.select(Message.id)
        .where(Message.person_id == person_id, Message.read_at.is_(None))
        .limit(UNREAD_CAP)
    )
    return int(session.scalar(sa.select(sa.func.count()).select_from(inner.subquery())) or 0)


def inbox_page(
    session: Session, person_id: uuid.UUID, *, cursor: str | None = None, limit: int = 50
) -> Page[Message]:
    """The person's inbox, newest first."""
    statement = sa.select(Message).where(Message.person_id == person_id)
    return keyset(session, statement, instant=Message.created_at, id_=Message.id, cursor=cursor, limit=limit)


def to_acknowledge(session: Session, person_id: uuid.UUID, *, limit: int = 20) -> list[Message]:
    """What the person must still acknowledge, most urgent first; of closed hazards nothing is asked any more."""
    closed = sa.exists().where(Hazard.id == Message.subject_id, Hazard.closed_at.is_not(None))
    return list(
        session.scalars(
            sa.select(Message)
            .where(
                Message.person_id == person_id,
                Message.acknowledge_by.is_not(None),
                Message.acknowledged_at.is_(None),
                ~closed,
            )
            .order_by(Message.acknowledge_by, Message.id)
            .limit(limit)
        )
    )


def own_message(session: Session, person_id: uuid.UUID, message_id: uuid.UUID) -> Message:
    """One line of the person's inbox; NotFound for anybody else's."""
    found = session.scalar(sa.select(Message).where(Message.id == message_id, Message.person_id == person_id))
    if found is None:
        raise NotFound(f"message {message_id}")
    return found
