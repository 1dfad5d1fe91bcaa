"""Rows of timer and outbox as plain values, for those who handle hundreds at once: an ORM instance costs ten times as much.

What they change is written by the operations that take them, never by a flush: they cannot be assigned to, `_replace` makes another.
"""

import uuid
from datetime import datetime
from typing import Any, NamedTuple

from hazard_flow.schedule.models import Outbox, Timer
from hazard_flow.storage.base import new_id


class TimerRow(NamedTuple):
    """A pending timer; what each column means stands at `models.Timer`."""

    id: uuid.UUID
    home_id: uuid.UUID
    subject_kind: str
    subject_id: uuid.UUID
    name: str
    level: int
    cycle: int
    due_at: datetime
    expires_at: datetime
    started_at: datetime
    fence: int
    rule: str
    provisional: bool
    created_at: datetime


#: what a query selects to make `TimerRow`s
TIMER_COLUMNS = tuple(getattr(Timer, name) for name in TimerRow._fields)


class MessageRow(NamedTuple):
    """A message about to be sent; what each column means stands at `models.Outbox`."""

    id: uuid.UUID
    home_id: uuid.UUID
    subject_kind: str
    subject_id: uuid.UUID
    seq: int
    person_id: uuid.UUID
    channel: str
    template: str
    params: dict[str, Any]
    created_at: datetime
    due_at: datetime
    state: str = "pending"
    attempts: int = 0
    instead_of_id: uuid.UUID | None = None


def timer_row(timer: Timer | TimerRow) -> TimerRow:
    """The row of a `Timer` that was never attached to a session, with the defaults the ORM would have filled."""
    if isinstance(timer, TimerRow):
        return timer
    return TimerRow(
        timer.__dict__.get("id") or new_id(),
        timer.home_id,
        timer.subject_kind,
        timer.subject_id,
        timer.name,
        timer.level,
        timer.cycle or 0,
        timer.due_at,
        timer.expires_at,
        timer.started_at,
        timer.fence,
        timer.rule or "state",
        bool(timer.provisional),
        timer.created_at,
    )


def message_row(message: Outbox | MessageRow) -> MessageRow:
    """The row of an `Outbox` that was never attached to a session, likewise."""
    if isinstance(message, MessageRow):
        return message
    return MessageRow(
        message.__dict__.get("id") or new_id(),
        message.home_id,
        message.subject_kind,
        message.subject_id,
        message.seq,
        message.person_id,
        message.channel,
        message.template,
        message.params,
        message.created_at,
        message.due_at,
        message.state or "pending",
        message.attempts or 0,
        message.instead_of_id,
    )
