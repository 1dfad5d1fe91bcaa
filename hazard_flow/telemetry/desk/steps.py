"""The steps of an alert: appended under its locked duty, found again by the key of the request that asked for them."""

import hashlib
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.errors import KeyReused
from hazard_flow.identity.actor import Actor, system_actor
from hazard_flow.telemetry.desk.models import AlertDuty, AlertStep

#: the desk, acting by itself
DESK = system_actor("desk")
#: by the system: told, told again at a higher level, back in sight, nobody came · by people: the rest
KINDS = (
    "published", "rose", "surfaced", "missed",
    "acknowledged", "responded", "fed_back", "archived", "shelved", "suppressed", "out_of_service", "shown",
)  # fmt: skip


def append(
    session: Session,
    duty: AlertDuty,
    kind: str,
    data: Mapping[str, Any],
    *,
    now: datetime,
    actor: Actor = DESK,
    request_key: str = "",
    digest: bytes = b"",
) -> AlertStep:
    """The next step; moves the duty's sequence on. The duty must be locked, or new."""
    assert kind in KINDS
    duty.seq += 1
    step = AlertStep(
        alert_id=duty.alert_id,
        seq=duty.seq,
        kind=kind,
        actor=actor.key,
        person_id=actor.id,
        at=now,
        data=dict(data),
        request_key=request_key or f"{duty.alert_id}:{duty.seq}",
        digest=digest or digest_of((kind, duty.seq)),
    )
    session.add(step)
    return step


def digest_of(asked: object) -> bytes:
    """SHA-256 over what a request asks, so that a key used for two different ones is noticed."""
    return hashlib.sha256(repr(asked).encode()).digest()


def answered(session: Session, actor: Actor, request_key: str, digest: bytes) -> uuid.UUID | None:
    """The alert an earlier identical request was about; None for a fresh key. Raises KeyReused where the key asked something else."""
    step = session.scalar(
        sa.select(AlertStep).where(AlertStep.actor == actor.key, AlertStep.request_key == request_key)
    )
    if step is None:
        return None
    if step.digest != digest:
        raise KeyReused(f"key {request_key!r} was used for another request", key=request_key)
    return step.alert_id
