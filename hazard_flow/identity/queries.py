"""Reads: who is signed in, who is who, who may be chosen."""

import uuid
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from hazard_flow.i18n import Label
from hazard_flow.identity.actor import Actor, Holding, person_key
from hazard_flow.identity.models import ApiToken, AuthSession, Division, Membership, Organisation, Person
from hazard_flow.identity.roles import OFFICERS
from hazard_flow.identity.sessions import digest, is_over
from hazard_flow.storage.scope import Scope
from hazard_flow.storage.unit import scope_of_session


def actor_of_person(session: Session, person: Person, *, may_write: bool = True) -> Actor:
    """The actor a person is, with every role that has not ended."""
    rows = session.execute(
        sa.select(Membership.role, Organisation)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.person_id == person.id, Membership.ended_at.is_(None))
        .order_by(Membership.role)
    )
    holdings = tuple(Holding(role, o.id, o.path, o.division, o.kind == "regulator") for role, o in rows)
    return Actor(
        kind="person",
        key=person_key(person.id),
        id=person.id,
        name=person.name,
        locale=person.locale,
        holdings=holdings,
        may_write=may_write,
    )


def actor_of_session(session: Session, secret: str, now: datetime) -> tuple[Actor, datetime] | None:
    """The person behind a session cookie and when the session was last seen; None when it ended, rested or was revoked."""
    row = session.get(AuthSession, digest(secret))
    if row is None or is_over(row, now):
        return None
    person = session.get(Person, row.person_id)
    if person is None or not person.active:
        return None
    return actor_of_person(session, person), row.seen_at


def touch_session(session: Session, secret: str, now: datetime) -> None:
    """Note that the session is in use."""
    session.execute(sa.update(AuthSession).where(AuthSession.digest == digest(secret)).values(seen_at=now))


def actor_of_token(session: Session, secret: str, now: datetime) -> Actor | None:
    """The person behind a bearer token; None when unknown, expired or revoked."""
    token = session.scalar(sa.select(ApiToken).where(ApiToken.digest == digest(secret)))
    if token is None or token.revoked_at is not None or token.expires_at <= now:
        return None
    person = session.get(Person, token.person_id)
    if person is None or not person.active:
        return None
    return actor_of_person(session, person, may_write="write" in token.rights.split(","))


def actor_by_username(session: Session, username: str) -> Actor | None:
    """The actor a username stands for: simulation and command line."""
    person = session.scalar(sa.select(Person).where(Person.username == username))
    return actor_of_person(session, person) if person else None


def names(session: Session, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Names of the people among `ids` the scope may name."""
    wanted = list(set(ids))
    if not wanted:
        return {}
    return {
        row[0]: row[1]
        for row in session.execute(sa.select(Person.id, Person.name).where(Person.id.in_(wanted)))
    }


def people_within(session: Session, path: str) -> list[tuple[Person, tuple[str, ...]]]:
    """The active people of an organisation and the units below it, with their roles, by name."""
    rows = session.execute(
        sa.select(Person, Membership.role)
        .join(Membership, Membership.person_id == Person.id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(
            Person.active, Membership.ended_at.is_(None), Organisation.path.startswith(path, autoescape=True)
        )
        .order_by(Person.name, Membership.role)
    )
    found: dict[uuid.UUID, tuple[Person, tuple[str, ...]]] = {}
    for person, role in rows:
        earlier = found.get(person.id, (person, ()))[1]
        found[person.id] = (person, (*earlier, role))
    return list(found.values())


def officers_of(session: Session, division: str) -> list[tuple[Person, tuple[str, ...]]]:
    """The active officers of the regulators a division answers to, with their roles, by name."""
    codes = [division[:2] + "0000", division[:4] + "00", division[:6]]
    rows = session.execute(
        sa.select(Person, Membership.role)
        .join(Membership, Membership.person_id == Person.id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Person.active, Membership.ended_at.is_(None), Organisation.kind == "regulator")
        .where(Organisation.division.in_(codes), Membership.role.in_(OFFICERS))
        .order_by(Person.name, Membership.role)
    )
    return [(person, (role,)) for person, role in rows]


def enterprises(session: Session) -> list[Organisation]:
    """The enterprises the scope may name, by name."""
    return list(
        session.scalars(
            sa.select(Organisation)
            .where(Organisation.kind == "enterprise", within(scope_of_session(session)))
            .order_by(Organisation.name_zh)
            .limit(500)
        )
    )


def within(scope: Scope) -> ColumnElement[bool]:
    """Organisations a scope may name: its own whole organisations, and those of its divisions."""
    whole = Scope(paths=scope.homes or scope.paths, divisions=scope.divisions, everything=scope.everything)
    return whole.where(Organisation.path, Organisation.division)


def division_labels(session: Session) -> dict[str, Label]:
    """The divisions known here: code → name, by code."""
    rows = session.scalars(sa.select(Division).order_by(Division.code))
    return {row.code: row.label for row in rows}


def organisation_labels(session: Session, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Organisation]:
    """The organisations among `ids`."""
    wanted = list(set(ids))
    if not wanted:
        return {}
    return {o.id: o for o in session.scalars(sa.select(Organisation).where(Organisation.id.in_(wanted)))}
