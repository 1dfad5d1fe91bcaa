"""Bytes of declared evidence come: they are written beside it, and it is examined. The hazard itself does not change."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.evidence.items import Arrived
from hazard_flow.evidence.models import Evidence, EvidenceArrival
from hazard_flow.hazards.binding import arrival_row
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.originality.gathering import relatives
from hazard_flow.hazards.originality.models import OriginalityOrder
from hazard_flow.schedule.bulk import insert_rows
from hazard_flow.storage.unit import beyond_scope


def note(session: Session, hazard_id: uuid.UUID, came: Arrived, *, sha256: str, now: datetime) -> None:
    """Write down what came of the pieces that declared these bytes, on this hazard and on those it shares them with.

    `sha256` is that of the bytes. The same twice changes nothing.
    """
    with beyond_scope(session):  # a hazard it was merged into may lie outside the sender's sight
        family = relatives(session, session.get_one(Hazard, hazard_id))
        named = Evidence.display_sha256 if came.role == "display" else Evidence.sha256
        pieces = session.scalars(
            sa.select(Evidence).where(Evidence.hazard_id.in_(family), named == sha256, Evidence.is_declared)
        ).all()
        insert_rows(session, EvidenceArrival.__table__, [arrival_row(piece, came) for piece in pieces])
        insert_rows(
            session,
            OriginalityOrder.__table__,
            [{"hazard_id": p.hazard_id, "event_seq": p.event_seq, "ordered_at": now} for p in pieces],
            key=("hazard_id", "event_seq"),
            update=("ordered_at",),
        )
        session.flush()
        for piece in pieces:
            session.expire(piece, ["arrivals"])
