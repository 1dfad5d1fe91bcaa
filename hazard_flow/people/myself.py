"""Whoever is signed in, as the field app shows and keeps them."""

import uuid

from pydantic import BaseModel
from sqlalchemy.orm import Session

from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation, Person
from hazard_flow.identity.rights import may


class Names(BaseModel):
    """A name in both languages."""

    zh: str
    en: str


class Unit(BaseModel):
    """The organisation somebody belongs to first."""

    id: uuid.UUID
    label: Names


class Myself(BaseModel):
    """The person signed in; `may_report` says whether the report button leads anywhere."""

    id: uuid.UUID
    username: str
    name: str
    organisation: Unit
    roles: list[str]
    may_report: bool


def myself(session: Session, actor: Actor) -> Myself:
    """Who this is and whether reporting is open to them; the actor must be a person."""
    person = session.get_one(Person, actor.id)
    unit = session.get_one(Organisation, person.organisation_id)
    return Myself(
        id=person.id,
        username=person.username,
        name=person.name,
        organisation=Unit(id=unit.id, label=Names(zh=unit.name_zh, en=unit.name_en)),
        roles=sorted(actor.roles),
        may_report=actor.may_write and may(actor, "hazards.report"),
    )
