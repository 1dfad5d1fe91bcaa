"""What is told to whom: personal values to readers of their place, a reporter past the manager to the gas regulator's officers alone.

Work Safety Law art. 46 [V] lets staff report past a leader who does nothing; that nobody there learns who did is our design [D].
"""

import uuid
from collections.abc import Collection, Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.evidence.models import Evidence
from hazard_flow.hazards.models import Hazard, HazardEvent
from hazard_flow.hazards.protecting import PROTECTED
from hazard_flow.identity import queries as identity
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Personal
from hazard_flow.identity.roles import OFFICERS
from hazard_flow.storage.unit import scope_of_session

#: the field of the record that holds the digest of who reported in confidence
_FIELD = "protected_reporter"


def is_officer(actor: Actor, hazard: Hazard) -> bool:
    """Whether the reader is an officer of the gas regulator this hazard answers to."""
    return bool(actor.roles_at(path=hazard.path, division=hazard.division) & set(OFFICERS))


def personal_values(session: Session, hazard: Hazard) -> Mapping[str, str]:
    """The personal values of a hazard the session's scope may read, by the digest that stands in the record."""
    return personal_values_of(session, [hazard.id]).get(hazard.id, {})


def personal_values_of(session: Session, hazards: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, str]]:
    """The same for many hazards, by hazard."""
    rows = session.execute(
        sa.select(Personal.subject_id, Personal.digest, Personal.value).where(
            Personal.subject_id.in_(list(hazards)),
            Personal.value.is_not(None),
            scope_of_session(session).where(Personal.path, Personal.division),
        )
    )
    found: dict[uuid.UUID, dict[str, str]] = {}
    for hazard_id, digest, value in rows:
        found.setdefault(hazard_id, {})[digest] = value or ""
    return found


def protected_reporter(
    session: Session, hazard: Hazard, actor: Actor, personal: Mapping[str, str]
) -> tuple[uuid.UUID, str] | None:
    """Who reported in confidence, id and name: to themself, and to an officer out of the personal table until it is erased; else None."""
    protected = hazard.protected_reporter_id
    if protected is not None and protected == actor.id:
        return protected, identity.names(session, [protected]).get(protected, "")
    if protected is None or not is_officer(actor, hazard):
        return None
    digest = (hazard.details.get(_FIELD) or {}).get("sha256")
    value = personal.get(str(digest))
    if value is None:
        return None
    person = uuid.UUID(value)
    name = identity.names(session, [person]).get(person)
    return (person, name) if name else None


def public_details(hazard: Hazard) -> dict[str, object]:
    """The latest values of the hazard's fields; the digest of a protected reporter is no field."""
    return {name: value for name, value in hazard.details.items() if name != _FIELD}


def may_have_original(session: Session, hazard: Hazard, piece: Evidence, actor: Actor) -> bool:
    """Whether the untouched file may leave: what a protected reporter took can name them (camera, owner), the re-encoded copy cannot.

    Asked of the bytes, not of this hazard alone: a merge or split takes photos along.
    """
    if is_officer(actor, hazard):
        return True
    reporters = session.scalars(
        sa.select(Hazard.protected_reporter_id)
        .join(Evidence, Evidence.hazard_id == Hazard.id)
        .join(
            HazardEvent,
            sa.and_(HazardEvent.hazard_id == Hazard.id, HazardEvent.seq == Evidence.event_seq),
        )
        .where(Evidence.sha256 == piece.sha256, HazardEvent.actor == PROTECTED)
    )
    return all(reporter == actor.id for reporter in reporters)
