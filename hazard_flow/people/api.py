"""`/api/v1` of organisations and people: who I am, what units there are, who works where. Contacts and credentials never leave here."""

import uuid

from flask import Blueprint, Response, request
from pydantic import BaseModel
from sqlalchemy.orm import Session

from hazard_flow.errors import BadRequest, FieldError
from hazard_flow.identity import models
from hazard_flow.identity.models import ORGANISATION_KINDS
from hazard_flow.people import queries
from hazard_flow.people.myself import Names
from hazard_flow.storage.paging import Page
from hazard_flow.web import api, paging
from hazard_flow.web.auth import current_actor, require
from hazard_flow.web.context import reading
from hazard_flow.web.openapi import CURSOR, Listed, Parameter, operation

blueprint = Blueprint("people_api", __name__, url_prefix=api.PREFIX)


class Organisation(BaseModel):
    """A regulator, an enterprise, or a unit inside one."""

    id: uuid.UUID
    parent_id: uuid.UUID | None
    kind: str
    division: str
    names: Names
    uscc: str | None


class Person(BaseModel):
    """A named person and the roles held now."""

    id: uuid.UUID
    username: str
    name: str
    organisation_id: uuid.UUID
    roles: list[str]


class Holding(BaseModel):
    """One role in one organisation."""

    role: str
    organisation_id: uuid.UUID


class Me(BaseModel):
    """Whoever is asking."""

    id: uuid.UUID
    name: str
    locale: str
    may_write: bool
    holdings: list[Holding]


@blueprint.get("/me")
@operation(summary="Whoever is asking", responses={200: Me}, tags=["people"])
def me() -> Response:
    actor = current_actor()
    assert actor.id is not None, "people sign in, the system does not"
    holdings = [Holding(role=h.role, organisation_id=h.organisation_id) for h in actor.holdings]
    return api.answer(
        Me(id=actor.id, name=actor.name, locale=actor.locale, may_write=actor.may_write, holdings=holdings)
    )


@blueprint.get("/organisations")
@operation(
    summary="Organisations the caller may name",
    responses={200: Listed(Organisation)},
    parameters=(
        Parameter("kind", "Only this kind", {"type": "string", "enum": list(ORGANISATION_KINDS)}),
        *CURSOR,
    ),
    tags=["organisations"],
)
def organisations() -> Response:
    actor = require("people.read")
    kind = request.args.get("kind", "")
    if kind and kind not in ORGANISATION_KINDS:
        raise BadRequest(
            "no such kind", fields=[FieldError("kind", "not_a_choice", {"choices": list(ORGANISATION_KINDS)})]
        )
    cursor, limit = paging.asked()
    with reading(actor) as session:
        return api.envelope(
            queries.organisations(session, cursor=cursor, limit=limit, kind=kind), _organisation
        )


@blueprint.get("/organisations/<uuid:organisation_id>")
@operation(summary="One organisation", responses={200: Organisation}, tags=["organisations"])
def organisation(organisation_id: uuid.UUID) -> Response:
    actor = require("people.read")
    with reading(actor) as session:
        return api.answer(_organisation(queries.organisation(session, organisation_id)))


@blueprint.get("/people")
@operation(
    summary="Active people the caller may name",
    responses={200: Listed(Person)},
    parameters=(
        Parameter(
            "organisation",
            "Only of this organisation and the units below it",
            {"type": "string", "format": "uuid"},
        ),
        *CURSOR,
    ),
    tags=["people"],
)
def people() -> Response:
    actor = require("people.read")
    cursor, limit = paging.asked()
    wanted = _id(request.args.get("organisation"))
    with reading(actor) as session:
        unit = queries.organisation(session, wanted) if wanted else None
        page = queries.people(session, cursor=cursor, limit=limit, organisation=unit)
        return _people(session, page)


@blueprint.get("/people/<uuid:person_id>")
@operation(summary="One person", responses={200: Person}, tags=["people"])
def person(person_id: uuid.UUID) -> Response:
    actor = require("people.read")
    with reading(actor) as session:
        found = queries.person(session, person_id)
        return api.answer(_person(found, queries.roles_of(session, [found.id])[found.id]))


def _people(session: Session, page: Page[models.Person]) -> Response:
    roles = queries.roles_of(session, [one.id for one in page.items])
    return api.envelope(page, lambda one: _person(one, roles[one.id]))


def _organisation(row: models.Organisation) -> Organisation:
    return Organisation(
        id=row.id,
        parent_id=row.parent_id,
        kind=row.kind,
        division=row.division,
        names=Names(zh=row.name_zh, en=row.name_en),
        uscc=row.uscc,
    )


def _person(row: models.Person, roles: tuple[str, ...]) -> Person:
    return Person(
        id=row.id,
        username=row.username,
        name=row.name,
        organisation_id=row.organisation_id,
        roles=list(roles),
    )


def _id(raw: str | None) -> uuid.UUID | None:
    try:
        return None if raw is None else uuid.UUID(raw)
    except ValueError as error:
        raise BadRequest("not an id", fields=[FieldError("organisation", "not_an_id")]) from error
