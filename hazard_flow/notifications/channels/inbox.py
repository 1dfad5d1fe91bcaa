"""The inbox: not a way out but a row of ours, so it is written in the transaction that takes the message from the outbox."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from hazard_flow.notifications.models import Message
from hazard_flow.notifications.wording import instant_of
from hazard_flow.schedule.bulk import insert_rows
from hazard_flow.schedule.models import Outbox
from hazard_flow.storage.base import new_id

NAME = "inbox"


def put(session: Session, rows: Sequence[Outbox], now: datetime) -> None:
    """One line each in the inbox of the person; what another channel put there for the same event is not repeated."""
    insert_rows(session, Message.__table__, [_line(row, now) for row in rows])


def _line(row: Outbox, now: datetime) -> dict[str, object]:
    colour = row.params.get("colour")
    return {
        "id": new_id(),
        "person_id": row.person_id,
        "subject_kind": row.subject_kind,
        "subject_id": row.subject_id,
        "seq": row.seq,
        "number": str(row.params.get("number") or ""),
        "template": row.template,
        "params": dict(row.params),
        "colour": str(colour) if colour else None,
        "acknowledge_by": instant_of(row.params.get("acknowledge_by")),
        "acknowledged_at": None,
        "created_at": now,
        "read_at": None,
    }
