"""For which regulator an officer acts, and towards whom: the two questions every order of this feature asks."""

import contextlib
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.errors import FieldError, NotAllowed, Refused
from hazard_flow.identity.actor import Actor, Holding
from hazard_flow.identity.models import Organisation
from hazard_flow.identity.queries import within
from hazard_flow.identity.rights import demand
from hazard_flow.identity.roles import OFFICERS, division_prefix
from hazard_flow.storage.unit import scope_of_session

READ, ANSWER, ORDER = "supervision.read", "supervision.answer", "supervision.order"


def demand_writing(actor: Actor, right: str) -> None:
    """The right, and a token that may write; raises NotAllowed."""
    demand(actor, right)
    if not actor.may_write:
        raise NotAllowed("read-only token", right="write")


def issuer_for(session: Session, actor: Actor, division: str) -> Organisation:
    """The actor's own regulator that stands above a division, the nearest where there are several; raises NotAllowed."""
    seats = [h for h in officer_seats(actor) if division.startswith(division_prefix(h.division))]
    if not seats:
        raise NotAllowed("no officer of a regulator above it", right=ORDER)
    nearest = max(seats, key=lambda h: len(division_prefix(h.division)))
    return session.get_one(Organisation, nearest.organisation_id)


def officer_seats(actor: Actor) -> list[Holding]:
    """Where the actor is an officer."""
    return [h for h in actor.holdings if h.regulator and h.role in OFFICERS]


def organisation_of(
    session: Session, given: str, *, field: str = "organisation", kinds: tuple[str, ...] = ("enterprise",)
) -> Organisation:
    """An organisation within the scope by its id; raises Refused."""
    found = None
    with contextlib.suppress(ValueError):
        found = session.scalar(
            sa.select(Organisation).where(
                Organisation.id == uuid.UUID(given),
                Organisation.kind.in_(kinds),
                within(scope_of_session(session)),
            )
        )
    if found is None:
        raise Refused(
            fields=[FieldError(field, "unknown_choice" if given else "required", {"value": given[:40]})]
        )
    return found
