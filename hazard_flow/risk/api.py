"""The JSON API of risk points: the list, one with its chain, its colours over time, and a new rating."""

import uuid
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from hazard_flow.errors import BadRequest, FieldError, NotFound
from hazard_flow.risk import operations, queries, reviews
from hazard_flow.risk.colours import COLOURS
from hazard_flow.risk.library import CATEGORIES
from hazard_flow.risk.models import RiskColour, RiskPoint
from hazard_flow.risk.queries import Wanted
from hazard_flow.storage.paging import Page
from hazard_flow.web import api, paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, reading, writing
from hazard_flow.web.openapi import CURSOR, Listed, Parameter, operation

blueprint = Blueprint("risk_api", __name__, url_prefix=api.PREFIX)

READ, WRITE = "risk.read", "risk.write"
SEARCH_LENGTH_MAX = 100


class RiskPointView(BaseModel):
    """A risk point; `dynamic` is its colour now."""

    id: str
    code: str
    name_zh: str
    name_en: str
    kind: str
    category: str
    organisation: str
    division: str
    asset: str | None
    place: str
    inherent: str
    residual: str
    dynamic: str
    check_rule: str
    exposed_people: int | None
    next_review_on: str
    rated_at: datetime
    version: int


class ColourView(BaseModel):
    """A colour a point came to have, and what brought it."""

    seq: int
    at: datetime
    colour: str
    cause: str
    name: str
    detail: dict[str, Any]


class RatingBody(BaseModel):
    """A new rating: the method and its exact scores as text, and the grounds that are red at once; `residual_` for what is left."""

    method: str = Field(max_length=20)
    likelihood: str = Field("", max_length=10)
    exposure: str = Field("", max_length=10)
    consequence: str = Field("", max_length=10)
    probability: str = Field("", max_length=10)
    severity: str = Field("", max_length=10)
    grounds: list[str] = Field(default_factory=list, max_length=20)
    residual_method: str = Field("", max_length=20)
    residual_likelihood: str = Field("", max_length=10)
    residual_exposure: str = Field("", max_length=10)
    residual_consequence: str = Field("", max_length=10)
    residual_probability: str = Field("", max_length=10)
    residual_severity: str = Field("", max_length=10)
    residual_grounds: list[str] = Field(default_factory=list, max_length=20)
    basis: str = Field("", max_length=1_000)
    next_review_on: str = Field("", max_length=10)


def view(point: RiskPoint) -> RiskPointView:
    """The point as the API shows it."""
    plain = {
        name: getattr(point, name)
        for name in ("code", "name_zh", "name_en", "kind", "category", "division", "place", "inherent", "residual", "dynamic",
                     "exposed_people", "rated_at", "version")
    }  # fmt: skip
    return RiskPointView(
        id=str(point.id),
        organisation=str(point.organisation_id),
        asset=str(point.asset_id) if point.asset_id else None,
        check_rule=queries.check_rule_of(point.dynamic),
        next_review_on=point.next_review_on.isoformat(),
        **plain,
    )


@blueprint.get("/risk-points")
@operation(
    summary="Risk points in use within scope, newest first",
    responses={200: Listed(RiskPointView)},
    parameters=(
        Parameter("q", "Part of code, name or place", {"type": "string", "maxLength": SEARCH_LENGTH_MAX}),
        Parameter("colour", "Colour now", {"type": "string", "enum": list(COLOURS)}),
        Parameter("category", "Category", {"type": "string", "enum": list(CATEGORIES)}),
        *CURSOR,
    ),
    tags=["risk-points"],
)
def listing() -> Response:
    actor = require(READ)
    cursor, limit = paging.asked()
    words = request.args.get("q", "").strip()
    if len(words) > SEARCH_LENGTH_MAX or "\0" in words:
        raise BadRequest("q", fields=[FieldError("q", "too_long", {"at_most": SEARCH_LENGTH_MAX})])
    wanted = Wanted(q=words, colour=_choice("colour", COLOURS), category=_choice("category", CATEGORIES))
    with reading(actor) as session:
        return api.envelope(queries.page(session, wanted, cursor=cursor, limit=limit), view)


@blueprint.get("/risk-points/<code>")
@operation(
    summary="One risk point by its code, or by its id", responses={200: RiskPointView}, tags=["risk-points"]
)
def show(code: str) -> Response:
    actor = require(READ)
    with reading(actor) as session:
        return api.answer(view(_found(session, code)))


@blueprint.get("/risk-points/<code>/colours")
@operation(
    summary="The colours it has had, the oldest first",
    responses={200: Listed(ColourView)},
    tags=["risk-points"],
)
def colours(code: str) -> Response:
    actor = require(READ)
    with reading(actor) as session:
        past = queries.past(session, _found(session, code).id)
        return api.envelope(Page(past, None), _colour)


@blueprint.post("/risk-points/<code>/rating")
@operation(
    summary="Rate it again; the rating that stands, sent once more, changes nothing unless a new one is called for",
    request=RatingBody,
    responses={200: RiskPointView},
    tags=["risk-points"],
)
def rate(code: str) -> Response:
    actor = require(WRITE)
    body = api.read_model(RatingBody)
    given = body.model_dump()
    for name in ("grounds", "residual_grounds"):
        given[name] = ",".join(given[name])
    with writing(actor) as session:
        found = _found(session, code)
        point = queries.held(session, found.id)
        assert point is not None
        operations.rate_again(session, point, given, now=now(), by=actor.id, zone=kernel().settings.zone)
        reviews.finish(session, point, given["basis"], now=now(), actor=actor)
        return api.answer(view(point))


def _colour(one: RiskColour) -> ColourView:
    return ColourView(
        seq=one.seq, at=one.at, colour=one.colour, cause=one.cause, name=one.name, detail=one.detail
    )


def _found(session: Session, word: str) -> RiskPoint:
    found = queries.by_code(session, word)
    if found is None and len(word) in (32, 36):
        try:
            found = queries.one(session, uuid.UUID(word))
        except ValueError:
            found = None
    if found is None:
        raise NotFound(f"risk point {word[:60]}")
    return found


def _choice(name: str, allowed: tuple[str, ...]) -> str:
    value = request.args.get(name, "")
    if value and value not in allowed:
        raise BadRequest(name, fields=[FieldError(name, "not_a_choice", {"choices": ", ".join(allowed)})])
    return value
