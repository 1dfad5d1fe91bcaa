"""The JSON API of third-party construction: sites, their papers, guarded days and damage."""

import uuid
from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, request
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from hazard_flow.errors import BadRequest, FieldError, NotFound
from hazard_flow.evidence.store import Store
from hazard_flow.hazards.rules import rules_of
from hazard_flow.inspections.construction import guarding, incidents, queries, register
from hazard_flow.inspections.construction.given_form import FILES, guarded_day_of, leak_of, site_of
from hazard_flow.inspections.construction.models import GuardDay
from hazard_flow.inspections.construction.queries import Site
from hazard_flow.inspections.construction.register import WRITE
from hazard_flow.inspections.handing_in import Piece, Sent, hand_in, look_at
from hazard_flow.web import api, forms, paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, part, reading
from hazard_flow.web.limits import uploads
from hazard_flow.web.openapi import CURSOR, IDEMPOTENCY, Listed, Parameter, operation

blueprint = Blueprint("construction_api", __name__, url_prefix=api.PREFIX)

READ, TAGS = "assets.read", ("construction-sites",)


class ConstructionSiteView(BaseModel):
    """A site of others' works."""

    id: str
    code: str
    state: str
    project: str
    builder: str
    constructor: str
    organisation: str
    division: str
    address: str
    starts_on: date
    ends_on: date
    works: list[str]
    pipe: str | None
    pipe_tier: str
    pipe_distance_m: float | None
    zone_m: float | None
    in_zone: bool
    guard: str | None
    guard_rule: str
    found_at: datetime | None
    registered_at: datetime | None
    agreed_at: datetime | None
    briefed_at: datetime | None
    accepted_at: datetime | None
    version: int


class GuardDayView(BaseModel):
    """A day somebody guarded a site."""

    day: date
    guard: str
    came_at: datetime
    left_at: datetime | None
    distance_m: float | None
    invalid_because: str
    checklist: str
    answers: dict[str, str]
    note: str
    hazards: list[str]


class NewConstructionSite(BaseModel):
    """A site. `found` says a patrol came upon it: then a photo and a note belong to it, and a hazard is opened."""

    model_config = ConfigDict(extra="forbid")
    organisation: uuid.UUID
    code: str
    project: str
    starts_on: str
    ends_on: str
    builder: str = ""
    constructor: str = ""
    contact: str = ""
    works: list[str] = []
    address: str = ""
    lon: float | None = None
    lat: float | None = None
    geometry: dict[str, Any] | None = None
    crs: str = "WGS84"
    guard: str | None = None
    guard_rule: str = "FREQ=DAILY"
    found: bool = False
    note: str = ""


class NewGuardDay(BaseModel):
    """A day of guarding; pictures are parts of a multipart form: `photos`, `item.<key>`; this body is then its part `data`."""

    model_config = ConfigDict(extra="forbid")
    came_at: str
    left_at: str | None = None
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    answers: dict[str, str] = {}
    instrument: str = ""
    note: str = ""


class NewSitePaper(BaseModel):
    """A signed paper: it is the part `paper` of a multipart form, this body its part `data`."""

    model_config = ConfigDict(extra="forbid")
    step: str
    note: str = ""
    expected_version: int | None = None


class NewDamage(BaseModel):
    """A pipe, its coating or a fitting was hit; pictures as parts `photos` and `reading`, this body as part `data`."""

    model_config = ConfigDict(extra="forbid")
    description: str
    leak_reading: str | None = None
    leak_unit: str | None = None
    instrument_number: str | None = None


class DamageView(BaseModel):
    """The hazard a damage opened."""

    hazard: str


def view(one: Site) -> ConstructionSiteView:
    """The site as the API shows it."""
    site = one.site
    named = {"id", "code", "organisation", "address", "pipe", "guard"}
    plain = {name: getattr(site, name) for name in ConstructionSiteView.model_fields.keys() - named}
    return ConstructionSiteView(
        id=str(site.asset_id),
        code=one.asset.code,
        organisation=str(site.organisation_id),
        address=one.asset.address,
        pipe=str(site.pipe_id) if site.pipe_id else None,
        guard=str(site.guard_id) if site.guard_id else None,
        **plain,
    )


@blueprint.get("/construction-sites")
@operation(
    summary="Sites within scope, the newest first",
    responses={200: Listed(ConstructionSiteView)},
    parameters=(
        Parameter("q", "Part of number, project, builder, constructor or address", {"type": "string", "maxLength": 100}),
        Parameter("stand", "How they stand", {"type": "string", "enum": list(queries.STANDS)}),
        *CURSOR,
    ),
    tags=TAGS,
)  # fmt: skip
def listing() -> Response:
    actor = require(READ)
    cursor, limit = paging.asked()
    stand = request.args.get("stand", "")
    if stand and stand not in queries.STANDS:
        raise BadRequest(
            "stand", fields=[FieldError("stand", "not_a_choice", {"choices": ", ".join(queries.STANDS)})]
        )
    with reading(actor) as session:
        today = rules_of(session).day_of(now())
        found = queries.page(
            session, today, stand=stand, q=request.args.get("q", "")[:100], cursor=cursor, limit=limit
        )
        return api.envelope(found, view)


@blueprint.get("/construction-sites/<code>")
@operation(
    summary="One site by the enterprise's own number, or by id",
    responses={200: ConstructionSiteView},
    tags=TAGS,
)
def show(code: str) -> Response:
    actor = require(READ)
    with reading(actor) as session:
        return api.answer(view(_site(session, code)))


@blueprint.get("/construction-sites/<code>/days")
@operation(
    summary="The guarded days of a site, newest first", responses={200: Listed(GuardDayView)}, tags=TAGS
)
def days(code: str) -> Response:
    actor = require(READ)
    with reading(actor) as session:
        found = _site(session, code)
        return api.listing([_day_view(one) for one in queries.days(session, found.site.asset_id)])


@blueprint.post("/construction-sites")
@uploads
@operation(
    summary="Register a site, or report one that was found",
    request=NewConstructionSite,
    responses={201: ConstructionSiteView},
    parameters=(IDEMPOTENCY,),
    tags=TAGS,
)
def enter() -> Response:
    actor, at = require(WRITE), now()
    body, pieces = _read(NewConstructionSite)
    given = site_of(body.model_dump(), organisation_id=body.organisation)
    common: dict[str, Any] = {"actor": actor, "request_key": api.request_key(), "now": at}

    def work(session: Session) -> ConstructionSiteView:
        if body.found:
            items = [one.looked.item for one in pieces]
            site, _ = register.found(session, given, evidence=items, note=body.note, **common)
        else:
            site = register.register(session, given, **common)
        return view(_site(session, str(site.asset_id)))

    return api.answer(
        hand_in(kernel().database, actor.scope, work, pieces=pieces, store=part(Store)), status=201
    )


@blueprint.post("/construction-sites/<code>/papers")
@uploads
@operation(
    summary="Add a signed paper: agreement, briefing or acceptance",
    request=NewSitePaper,
    responses={201: ConstructionSiteView},
    parameters=(IDEMPOTENCY,),
    tags=TAGS,
)
def paper(code: str) -> Response:
    actor, at = require(WRITE), now()
    body, pieces = _read(NewSitePaper)
    if body.step not in register.PAPERS:
        raise BadRequest(
            "step", fields=[FieldError("step", "not_a_choice", {"choices": ", ".join(register.PAPERS)})]
        )
    key = api.request_key()

    def work(session: Session) -> ConstructionSiteView:
        found = _site(session, code)
        register.add_paper(
            session,
            found.site,
            body.step,
            note=body.note,
            evidence=[one.looked.item for one in pieces],
            actor=actor,
            request_key=key,
            now=at,
            expected_version=api.expected_version(body.expected_version),
        )
        return view(found)

    return api.answer(
        hand_in(kernel().database, actor.scope, work, pieces=pieces, store=part(Store)), status=201
    )


@blueprint.post("/construction-sites/<code>/days")
@uploads
@operation(
    summary="Record a guarded day",
    request=NewGuardDay,
    responses={201: GuardDayView},
    parameters=(IDEMPOTENCY,),
    tags=TAGS,
)
def day(code: str) -> Response:
    actor, at, zone = require(WRITE), now(), kernel().settings.zone
    body, pieces = _read(NewGuardDay)
    given = guarded_day_of(body.model_dump(), pieces, zone=zone, now=at)
    key = api.request_key()

    def work(session: Session) -> GuardDayView:
        site = _site(session, code).site
        return _day_view(guarding.record_day(session, site, given, actor=actor, request_key=key, now=at))

    return api.answer(
        hand_in(kernel().database, actor.scope, work, pieces=pieces, store=part(Store)), status=201
    )


@blueprint.post("/construction-sites/<code>/damage")
@uploads
@operation(
    summary="Report that a pipe or a fitting was hit: a hazard is opened at once",
    request=NewDamage,
    responses={201: DamageView},
    parameters=(IDEMPOTENCY,),
    tags=TAGS,
)
def damage(code: str) -> Response:
    actor, at = require(WRITE), now()
    body, pieces = _read(NewDamage)
    key = api.request_key()

    def work(session: Session) -> DamageView:
        hazard = incidents.damage(
            session,
            _site(session, code).site,
            description=body.description,
            evidence=[one.looked.item for one in pieces],
            leak=leak_of(body.model_dump()),
            actor=actor,
            request_key=key,
            now=at,
        )
        return DamageView(hazard=hazard.number)

    return api.answer(
        hand_in(kernel().database, actor.scope, work, pieces=pieces, store=part(Store)), status=201
    )


def _read(model: type[api.M]) -> tuple[api.M, tuple[Piece, ...]]:
    """The body, and the files where it is a form."""
    if request.mimetype != "multipart/form-data":
        return api.read_model(model), ()
    body = api.read_model(model, api.parse_json(forms.value("data") or "{}", field="data"))
    sent = [Sent(one.field, one.filename, one.read()) for one in forms.files()]
    return body, look_at(sent, FILES, received_at=now())


def _site(session: Session, code: str) -> Site:
    found = queries.by_word(session, code)
    if found is None:
        raise NotFound(f"site {code[:80]}")
    return found


def _day_view(one: GuardDay) -> GuardDayView:
    plain = {name: getattr(one, name) for name in GuardDayView.model_fields.keys() - {"guard"}}
    return GuardDayView(guard=str(one.guard_id), **plain)
