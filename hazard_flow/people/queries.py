"""Reads: the organisations and people this actor may name: its own whole organisation, and what lies in its divisions."""

import uuid
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute, Session

from hazard_flow.errors import NotFound
from hazard_flow.identity.models import Membership, Organisation, Person
from hazard_flow.storage.paging import Page, keyset
from hazard_flow.storage.scope import Scope
from hazard_flow.storage.unit import scope_of_session


def organisations(session: Session, *, cursor: str | None, limit: int, kind: str = "") -> Page[Organisation]:
    """One page of organisations, oldest first; `kind` narrows to regulators, enterprises, departments or teams."""
    statement = sa.select(Organisation).where(_named(session, Organisation.path, Organisation.division))
    if kind:
        statement = statement.where(Organisation.kind == kind)
    return keyset(
        session,
        statement,
        instant=Organisation.created_at,
        id_=Organisation.id,
        cursor=cursor,
        limit=limit,
        descending=False,
    )


def organisation(session: Session, id_: uuid.UUID) -> Organisation:
    """One organisation; raises NotFound outside what the actor may name."""
    found = session.scalar(
        sa.select(Organisation).where(
            Organisation.id == id_, _named(session, Organisation.path, Organisation.division)
        )
    )
    if found is None:
        raise NotFound(f"organisation {id_}")
    return found


def people(
    session: Session, *, cursor: str | None, limit: int, organisation: Organisation | None = None
) -> Page[Person]:
    """One page of active people, oldest first, of an organisation and the units below it where one is given."""
    statement = sa.select(Person).where(Person.active, _people(session))
    if organisation is not None:
        statement = statement.where(Person.path.startswith(organisation.path, autoescape=True))
    return keyset(
        session,
        statement,
        instant=Person.created_at,
        id_=Person.id,
        cursor=cursor,
        limit=limit,
        descending=False,
    )


def person(session: Session, id_: uuid.UUID) -> Person:
    """One person; raises NotFound outside what the actor may name."""
    found = session.scalar(sa.select(Person).where(Person.id == id_, _people(session)))
    if found is None:
        raise NotFound(f"person {id_}")
    return found


def roles_of(session: Session, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, tuple[str, ...]]:
    """Each person's present roles, in order."""
    found: dict[uuid.UUID, list[str]] = {id_: [] for id_ in ids}
    if found:
        rows = session.execute(
            sa.select(Membership.person_id, Membership.role)
            .where(Membership.person_id.in_(list(found)), Membership.ended_at.is_(None))
            .order_by(Membership.role)
        )
        for person_id, role in rows:
            if role not in found[person_id]:
                found[person_id].append(role)
    return {id_: tuple(roles) for id_, roles in found.items()}


def _people(session: Session) -> ColumnElement[bool]:
    own = scope_of_session(session).person_id
    reach = _named(session, Person.path, Person.division)
    return reach if own is None else sa.or_(reach, Person.id == own)


def _named(
    session: Session, path: InstrumentedAttribute[str], division: InstrumentedAttribute[str]
) -> ColumnElement[bool]:
    """The rule `hf_names` of the database's policies, as a condition."""
    scope: Scope = scope_of_session(session)
    if scope.everything:
        return sa.true()
    reach: list[ColumnElement[bool]] = [path.startswith(home, autoescape=True) for home in scope.homes]
    reach += [division.startswith(prefix, autoescape=True) for prefix in scope.divisions]
    return sa.or_(sa.false(), *reach)
