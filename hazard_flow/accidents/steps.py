"""How an accident is found, locked and stepped on: each step once for its request's key, never changed."""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.accidents.models import Accident, AccidentStep
from hazard_flow.errors import Conflict, NotAllowed, NotFound, VersionConflict
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import demand as demand_right
from hazard_flow.storage.journal import answered
from hazard_flow.storage.unit import scope_of_session

REGISTER, REPORT, JUDGE = "accidents.register", "accidents.report", "accidents.judge"


class AccidentClosed(Conflict):
    """Nothing is added to an accident that was closed."""

    code = "accident_closed"


def find(session: Session, accident_id: uuid.UUID, *, lock: bool = False) -> Accident:
    """One accident within the scope; raises NotFound."""
    wanted = sa.select(Accident).where(Accident.id == accident_id, reach(session))
    found = session.scalar(wanted.with_for_update() if lock else wanted)
    if found is None:
        raise NotFound(f"accident {accident_id}")
    return found


def reach(session: Session) -> sa.ColumnElement[bool]:
    """The accidents a session's scope sees."""
    return scope_of_session(session).where(Accident.path, Accident.division, Accident.parties)


def on(
    session: Session, actor: Actor, accident_id: uuid.UUID, request_key: str, digest: bytes,
    work: Callable[[Accident], None], expected_version: int | None = None,
) -> Accident:  # fmt: skip
    """Do something to a locked accident once for its key. Raises NotFound, AccidentClosed, VersionConflict, KeyReused."""
    accident = find(session, accident_id, lock=True)
    if earlier(session, actor, request_key, digest) is not None:
        return accident
    if accident.closed_at is not None:
        raise AccidentClosed(f"{accident.number} is closed", number=accident.number)
    if expected_version is not None and accident.seq != expected_version:
        raise VersionConflict(f"{accident.number} moved on", version=accident.seq)
    work(accident)
    session.flush()
    return accident


def note(
    session: Session, accident: Accident, act: str, data: Mapping[str, Any], *, actor: Actor, request_key: str,
    digest: bytes, now: datetime,
) -> None:  # fmt: skip
    """The next step of a locked accident, or of a new one."""
    accident.seq += 1
    session.add(
        AccidentStep(
            subject_id=accident.id, seq=accident.seq, at=now, actor=actor.key, person_id=actor.id, act=act,
            data=dict(data), request_key=request_key, digest=digest,
        )
    )  # fmt: skip
    session.flush()


def earlier(session: Session, actor: Actor, request_key: str, digest: bytes) -> Accident | None:
    """What an identical request did before; None for a fresh key. Raises KeyReused."""
    found = answered(session, AccidentStep, actor_key=actor.key, request_key=request_key, digest=digest)
    return find(session, found) if found is not None else None


def demand(actor: Actor, right: str) -> None:
    """The right, and a token that may write; raises NotAllowed."""
    demand_right(actor, right)
    if not actor.may_write:
        raise NotAllowed("read-only token", right="write")
