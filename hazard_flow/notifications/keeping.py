"""The dead-letter list of messages: what was given up, kept with its reason until a person lets it try again or says it is settled."""

import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.errors import FieldError, NotFound, Refused
from hazard_flow.hazards.keepers import looked_after
from hazard_flow.identity.actor import Actor
from hazard_flow.schedule.models import Outbox
from hazard_flow.schedule.queries import is_dead
from hazard_flow.schedule.upkeep import note
from hazard_flow.storage.paging import Page, keyset

NOTE_LENGTH_MIN, NOTE_LENGTH_MAX = 2, 300
#: a message still to be sent that is older than this waits for something
WAITING_AFTER = timedelta(hours=1)


def may_see(actor: Actor) -> sa.ColumnElement[bool]:
    """Whose messages a person looks after."""
    return looked_after(actor, home=Outbox.home_id, subject=Outbox.subject_id)


def dead_page(
    session: Session,
    *,
    seen: sa.ColumnElement[bool] | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Outbox]:
    """The dead-letter list, the longest lying first."""
    statement = sa.select(Outbox).where(is_dead(), sa.true() if seen is None else seen)
    return keyset(
        session,
        statement,
        instant=Outbox.created_at,
        id_=Outbox.id,
        cursor=cursor,
        limit=limit,
        descending=False,
    )


def waiting(
    session: Session, now: datetime, *, seen: sa.ColumnElement[bool], limit: int = 20
) -> tuple[list[Outbox], int]:
    """Messages that have been waiting for long, the oldest first, and how many there are in all."""
    wanted = (Outbox.state == "pending", Outbox.created_at <= now - WAITING_AFTER, seen)
    rows = session.scalars(
        sa.select(Outbox).where(*wanted).order_by(Outbox.created_at, Outbox.id).limit(limit)
    )
    count = session.scalar(sa.select(sa.func.count()).select_from(Outbox).where(*wanted)) or 0
    return list(rows), int(count)


def retry(
    session: Session,
    message_id: uuid.UUID,
    *,
    actor: str,
    now: datetime,
    alike: bool = False,
    seen: sa.ColumnElement[bool] | None = None,
) -> int:
    """Let a message that was given up try again, from the first attempt; its person is judged anew.

    `alike` takes all of the same person and channel along: one mended address, one press of the button. Returns how many.
    """
    rows = _taken(session, message_id, alike=alike, seen=seen)
    for row in rows:
        note(session, "message.retried", row, actor=actor, now=now, data=_before(row))
        row.state, row.due_at, row.attempts = "pending", now, 0
        row.reason = row.error = row.delivered_by = row.refused_since = None
    return len(rows)


def settle(
    session: Session,
    message_id: uuid.UUID,
    *,
    actor: str,
    said: str,
    now: datetime,
    alike: bool = False,
    seen: sa.ColumnElement[bool] | None = None,
) -> int:
    """Nothing more is to be done about it: the person was told another way, or need not be told; `said` is how, 2 to 300 characters."""
    length = len(said.strip())
    if length < NOTE_LENGTH_MIN:
        raise Refused(
            fields=[FieldError("note", "too_short", {"at_least": NOTE_LENGTH_MIN, "length": length})]
        )
    if length > NOTE_LENGTH_MAX:
        raise Refused(fields=[FieldError("note", "too_long", {"at_most": NOTE_LENGTH_MAX, "length": length})])
    rows = _taken(session, message_id, alike=alike, seen=seen)
    for row in rows:
        note(session, "message.settled", row, actor=actor, now=now, data=_before(row), said=said.strip())
        row.settled_at = now
    return len(rows)


def _taken(
    session: Session, message_id: uuid.UUID, *, alike: bool, seen: sa.ColumnElement[bool] | None
) -> list[Outbox]:
    wanted = sa.select(Outbox).where(is_dead(), sa.true() if seen is None else seen)
    row = session.scalar(wanted.where(Outbox.id == message_id).with_for_update())
    if row is None:
        raise NotFound(f"undelivered message {message_id}")
    if not alike:
        return [row]
    same = wanted.where(Outbox.person_id == row.person_id, Outbox.channel == row.channel)
    return list(session.scalars(same.order_by(Outbox.id).with_for_update()))


def _before(row: Outbox) -> dict[str, object]:
    # not the outside world's own words: they may name addresses, and this record is never erased
    return {
        "person": str(row.person_id),
        "channel": row.channel,
        "template": row.template,
        "reason": row.reason,
        "attempts": row.attempts,
        "created_at": row.created_at.isoformat(),
    }
