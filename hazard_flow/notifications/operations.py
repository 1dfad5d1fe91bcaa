"""Writes on a person's inbox: reading and acknowledging."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.operations import act
from hazard_flow.identity.actor import Actor
from hazard_flow.notifications.models import Message
from hazard_flow.notifications.queries import own_message
from hazard_flow.notifications.relevance import SUBJECT


def mark_read(
    session: Session, person_id: uuid.UUID, *, now: datetime, before: datetime | None = None
) -> None:
    """The person has seen everything in the inbox (that came up to `before`)."""
    unread = sa.update(Message).where(Message.person_id == person_id, Message.read_at.is_(None))
    if before is not None:
        unread = unread.where(Message.created_at <= before)
    session.execute(unread.values(read_at=now))


def acknowledge(session: Session, actor: Actor, message_id: uuid.UUID, *, now: datetime) -> Message:
    """The person has taken note of a notice: through the door, so that the ladder knows. Twice is once.

    Of a closed hazard there is no ladder left to tell, so only the inbox line is marked. Raises what the door refuses with; the notice
    then still waits.
    """
    assert actor.id is not None
    message = own_message(session, actor.id, message_id)
    if message.acknowledged_at is not None:
        return message
    if message.subject_kind == SUBJECT and not _is_closed(session, message.subject_id):
        act(
            session,
            actor=actor,
            hazard_id=message.subject_id,
            action="acknowledge",
            request_key=f"acknowledge:{message.id}",
            now=now,
        )
    message.acknowledged_at = now
    message.read_at = message.read_at or now
    return message


def _is_closed(session: Session, hazard_id: uuid.UUID) -> bool:
    return session.scalar(sa.select(Hazard.closed_at).where(Hazard.id == hazard_id)) is not None
