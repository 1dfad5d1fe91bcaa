"""Steps of a thing that is no hazard: who did what to it when, in order, never changed, each found again by its request's key."""

import hashlib
import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from hazard_flow.errors import KeyReused


class Step:
    """The columns of one step; a feature's own table adds which thing it is a step of, as `subject_id`."""

    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    #: `person:<id>` or `system:<part>`
    actor: Mapped[str]
    person_id: Mapped[uuid.UUID | None]
    act: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    request_key: Mapped[str]
    #: SHA-256 over what was asked, so that a key used for two different requests is noticed
    digest: Mapped[bytes]


def digest_of(*asked: object) -> bytes:
    """SHA-256 over what a request asks."""
    return hashlib.sha256(repr(asked).encode()).digest()


def answered(
    session: Session, steps: Any, *, actor_key: str, request_key: str, digest: bytes
) -> uuid.UUID | None:
    """The thing an earlier identical request was about; None for a fresh key. Raises KeyReused where the key asked something else."""
    step = session.scalar(sa.select(steps).where(steps.actor == actor_key, steps.request_key == request_key))
    if step is None:
        return None
    if step.digest != digest:
        raise KeyReused(f"key {request_key!r} was used for another request", key=request_key)
    found: uuid.UUID = step.subject_id
    return found
