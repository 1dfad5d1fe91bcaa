"""Events of an audit: the same canonical form and leaf hash as a hazard's, on a chain that begins at the head of the record judged.

So nobody can change a verdict afterwards, and nobody can say that it was given over another record.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.audits.models import Audit, AuditEvent
from hazard_flow.errors import KeyReused
from hazard_flow.hazards.chain import instant_text
from hazard_flow.identity.actor import Actor
from hazard_flow.ledger.canonical import canonical, leaf_hash

EVENT_VERSION = 1
TAKEN, JUDGED, RELEASED, DECIDED = "audit.taken", "audit.judged", "audit.released", "audit.decided"


def append(
    session: Session,
    audit: Audit,
    type_: str,
    data: Mapping[str, Any],
    *,
    actor: Actor,
    request_key: str,
    digest: bytes,
    now: datetime,
) -> AuditEvent:
    """The next event; moves the audit's head and sequence on. The audit's row must be locked."""
    seq = audit.seq + 1
    body = canonical(
        {
            "v": EVENT_VERSION,
            "audit": str(audit.id),
            "seq": seq,
            "at": instant_text(now),
            "actor": actor.key,
            "type": type_,
            "data": dict(data),
            "prev": audit.head.hex(),
        }
    )
    event = AuditEvent(
        audit_id=audit.id,
        seq=seq,
        type=type_,
        actor=actor.key,
        at=now,
        request_key=request_key,
        digest=digest,
        prev=audit.head,
        hash=leaf_hash(body),
        body=body,
    )
    session.add(event)
    audit.seq, audit.head = seq, event.hash
    return event


def digest_of(asked: Any) -> bytes:
    """SHA-256 over what a request asks, so that a key used for two different ones is noticed."""
    return hashlib.sha256(canonical({"request": repr(asked)})).digest()


def answered(session: Session, actor: Actor, request_key: str, digest: bytes) -> uuid.UUID | None:
    """The audit an earlier identical request led to; None for a fresh key. Raises KeyReused where the key asked something else."""
    event = session.scalar(
        sa.select(AuditEvent).where(AuditEvent.actor == actor.key, AuditEvent.request_key == request_key)
    )
    if event is None:
        return None
    if event.digest != digest:
        raise KeyReused(f"key {request_key!r} was used for another request", key=request_key)
    return event.audit_id


def broken_at(session: Session, audit: Audit) -> int | None:
    """The first event of an audit that does not prove the one before it, or its row; None where the whole chain holds."""
    rows = session.scalars(
        sa.select(AuditEvent).where(AuditEvent.audit_id == audit.id).order_by(AuditEvent.seq)
    )
    seq, prev = 0, None
    for event in rows:
        seq += 1
        opened = json.loads(event.body)
        fits = opened["seq"] == event.seq == seq and opened["audit"] == str(audit.id)
        linked = opened["prev"] == event.prev.hex() and (prev is None or event.prev == prev)
        if not (fits and linked and leaf_hash(event.body) == event.hash and canonical(opened) == event.body):
            return seq
        prev = event.hash
    return None if (seq, prev) == (audit.seq, audit.head) else seq + 1
