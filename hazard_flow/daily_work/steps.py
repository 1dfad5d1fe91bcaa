"""The steps of a record, and whether a request was carried out already."""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.daily_work.models import WorkRecord, WorkRecordStep
from hazard_flow.errors import KeyReused
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.identity.actor import Actor
from hazard_flow.storage.json_text import to_json


def digest_of(act: str, subject: str, given: Mapping[str, Any], files: Sequence[EvidenceItem]) -> str:
    """What a request says, as one hash."""
    said = {key: str(value) for key, value in sorted(given.items()) if value not in (None, "")}
    whole = [act, subject, said, sorted(one.sha256 for one in files)]
    return hashlib.sha256(to_json(whole).encode()).hexdigest()


def seen(session: Session, home_id: uuid.UUID, request_key: str, digest: str) -> uuid.UUID | None:
    """The record a request was carried out on before; KeyReused where the key said something else then."""
    step = session.scalar(
        sa.select(WorkRecordStep).where(
            WorkRecordStep.home_id == home_id, WorkRecordStep.request_key == request_key
        )
    )
    if step is None:
        return None
    if step.digest != digest:
        raise KeyReused(request_key)
    return step.record_id


def is_seen(session: Session, home_id: uuid.UUID, request_key: str) -> bool:
    """Whether a request of this key was carried out before."""
    wanted = sa.select(WorkRecordStep.version).where(
        WorkRecordStep.home_id == home_id, WorkRecordStep.request_key == request_key
    )
    return session.scalar(wanted) is not None


def write(
    session: Session,
    row: WorkRecord,
    act: str,
    actor: Actor,
    now: datetime,
    *,
    key: str,
    digest: str,
    why: str = "",
) -> None:
    """One more step, with everything the record says from now on."""
    row.version += 1
    session.add(
        WorkRecordStep(
            record_id=row.id,
            version=row.version,
            home_id=row.home_id,
            at=now,
            actor=actor.key,
            act=act,
            data=dict(row.data),
            why=why.strip(),
            request_key=key,
            digest=digest,
        )
    )
    session.flush()
