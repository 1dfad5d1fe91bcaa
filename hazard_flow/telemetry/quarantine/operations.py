"""Letting messages in quarantine be looked at again: one, or all of a kind after a mapping was mended. Nobody can delete any."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.identity.actor import Actor
from hazard_flow.telemetry import inbox
from hazard_flow.telemetry.models import Inbox, Source
from hazard_flow.telemetry.quarantine.queries import chosen, dead_of, message
from hazard_flow.telemetry.senders.operations import note

READ, RIGHT = "quarantine.read", "quarantine.replay"
#: messages let go in one step: each will be evaluated, and whoever waits behind them waits as long
REPLAYED_MAX = 5_000


def replay_one(session: Session, actor: Actor, message_id: uuid.UUID, *, now: datetime) -> None:
    """Look at one message again."""
    found, source = message(session, actor, message_id)
    note(session, "inbox.replayed", source, actor, data={"messages": 1, "reason": found.reason}, now=now)
    inbox.replay(session, [found.id])


def replay_all(
    session: Session, actor: Actor, *, source_id: uuid.UUID | None = None, code: str = "", now: datetime
) -> int:
    """Look again at the oldest `REPLAYED_MAX` messages of a source and first reason; how many those are."""
    wanted = (
        sa.select(Inbox.id, Inbox.source_id)
        .where(dead_of(actor), *chosen(session, source_id, code))
        .order_by(Inbox.received_at, Inbox.id)
        .limit(REPLAYED_MAX)
    )
    rows = session.execute(wanted).all()
    for of_source in sorted({row[1] for row in rows}, key=str):
        mine = sum(row[1] == of_source for row in rows)
        note(
            session,
            "inbox.replayed",
            session.get_one(Source, of_source),
            actor,
            data={"messages": mine, "reason": code},
            now=now,
        )
    return inbox.replay(session, [row[0] for row in rows])
