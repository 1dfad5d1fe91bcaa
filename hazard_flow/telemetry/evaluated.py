"""Signals are stored once and evaluated once, however often and in however many messages they come."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.schedule.bulk import among, append_rows, claim_rows
from hazard_flow.telemetry.inbox import Message
from hazard_flow.telemetry.models import SignalKey, StoredSignal
from hazard_flow.telemetry.placed import Placed

#: under which source and delivery key a signal came
Name = tuple[uuid.UUID, str]


def keep(session: Session, placed: Sequence[Placed], *, messages: Mapping[Name, Message]) -> list[Placed]:
    """Store the signals and return those not stored before, in their order. `messages`: the first that carried each of them."""
    first: dict[Name, Placed] = {}
    for p in placed:
        first.setdefault(_name(p), p)
    shared = [p for name, p in first.items() if not _is_the_messages_own(p, messages[name])]
    new = _claimed(session, shared)
    own = [p for name, p in first.items() if _is_the_messages_own(p, messages[name])]
    again = _stored_before(session, [p for p in own if messages[_name(p)].processed_at is not None], messages)
    new |= {p.id for p in own if _name(p) not in again}
    fresh = [p for p in placed if p.id in new]
    append_rows(session, StoredSignal.__table__, [_row(p, messages[_name(p)]) for p in fresh])
    return fresh


def _name(p: Placed) -> Name:
    return p.source.id, p.signal.delivery_key


def _is_the_messages_own(p: Placed, message: Message) -> bool:
    """Whether its key is made of the message's: it came in no other message, and the message itself is stored but once."""
    key = str(message.headers.get("key") or "")
    return key != "" and p.signal.delivery_key.startswith(key)


def _claimed(session: Session, placed: Sequence[Placed]) -> set[uuid.UUID]:
    # Sorted, so that two transactions claiming the same keys wait for each other in one order only.
    in_order = sorted(placed, key=lambda p: (p.source.id.bytes, p.signal.delivery_key))
    rows = [
        {
            "source_id": p.source.id,
            "key": p.signal.delivery_key,
            "signal_id": p.id,
            "stored_at": p.signal.received_at,
        }
        for p in in_order
    ]
    claimed = claim_rows(session, SignalKey.__table__, rows, key="key", scope="source_id")
    return {in_order[number].id for number in claimed}


def _stored_before(session: Session, placed: Sequence[Placed], messages: Mapping[Name, Message]) -> set[Name]:
    """Of messages that are looked at again: which of their signals took effect the first time."""
    if not placed:
        return set()
    ids = {messages[_name(p)].id for p in placed}
    earliest = min(messages[_name(p)].received_at for p in placed)
    rows = session.execute(
        sa.select(StoredSignal.source_id, StoredSignal.delivery_key).where(
            among(session, StoredSignal.inbox_id, ids), StoredSignal.received_at >= earliest
        )
    )
    return {(row[0], row[1]) for row in rows}


def _row(p: Placed, message: Message) -> dict[str, Any]:
    return {
        "id": p.id,
        "inbox_id": message.id,
        "source_id": p.source.id,
        "delivery_key": p.signal.delivery_key,
        "site_id": p.place.site.id,
        "device_id": p.place.device.id if p.place.device else None,
        "status": p.signal.status.value,
        "quantity": p.signal.quantity,
        "value": p.value,
        "quality": p.quality,
        "observed_at": p.signal.observed_at,
        "received_at": p.signal.received_at,
    }
