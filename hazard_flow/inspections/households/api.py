"""The JSON API of household checks: users in the cycle, their visits, requests and appointments, and batches."""

import uuid
from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, request
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from hazard_flow.errors import BadRequest, FieldError, NotFound
from hazard_flow.evidence.store import Store
from hazard_flow.hazards.rules import rules_of
from hazard_flow.inspections.handing_in import Sent, day_of, hand_in
from hazard_flow.inspections.households import operations, queries, steps
from hazard_flow.inspections.households.given_form import files_of, visit_of
from hazard_flow.inspections.households.models import CLASSES, HouseholdBatch, HouseholdVisit
from hazard_flow.inspections.households.operations import PLAN, RECORD
from hazard_flow.inspections.households.queries import Progress, User, Wanted
from hazard_flow.inspections.households.visiting import record_visit, sheet_of
from hazard_flow.web import api, forms, paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, part, reading, writing
from hazard_flow.web.limits import uploads
from hazard_flow.web.openapi import CURSOR, IDEMPOTENCY, Listed, Parameter, operation

blueprint = Blueprint("households_api", __name__, url_prefix=api.PREFIX)

READ, TAGS = "assets.read", ("households",)


class HouseholdView(BaseModel):
    """A user of gas in the cycle of checks."""

    id: str
    code: str
    name_zh: str
    name_en: str
    address: str
    building: str
    user_class: str
    organisation: str
    division: str
    due_on: date
    checked_on: date | None
    is_overdue: bool
    last_result: str | None
    visited_at: datetime | None
    visits_in_vain: int
    batch: str | None
    appointment_at: datetime | None
    requested_at: datetime | None
    checklist: str


class HouseholdVisitView(BaseModel):
    """A visit as it was recorded."""

    id: str
    code: str
    visited_at: datetime
    received_at: datetime
    inspector: str
    result: str
    number: int
    checklist: str
    answers: dict[str, str]
    failed: list[str]
    note: str
    distance_m: float | None
    refused_to_sign: bool
    doubts: list[str]
    hazards: list[str]


class HouseholdBatchView(BaseModel):
    """A batch of users one inspector checks until a day, and how far it is."""

    id: str
    name: str
    organisation: str
    assignee: str
    due_on: date
    ended_at: datetime | None
    total: int
    done: int
    away: int
    refusal: int
    in_vain: int
    left: int


class NewHouseholdVisit(BaseModel):
    """A visit. Files are parts of a multipart form: `signature`, `notice`, `photos`, `item.<key>`; this body is its part `data`."""

    model_config = ConfigDict(extra="forbid")
    result: str
    visited_at: str | None = None
    answers: dict[str, str] = {}
    note: str = ""
    instrument: str = ""
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    refused_to_sign: bool = False
    witnesses: str = ""
    next_appointment_at: str | None = None


class NewHouseholdBatch(BaseModel):
    """Users of these buildings of a unit who are due by a day, for one inspector."""

    model_config = ConfigDict(extra="forbid")
    organisation: uuid.UUID
    buildings: list[str]
    assignee: uuid.UUID
    due_on: str
    due_before: str | None = None
    name: str = ""


class NewCheckRequest(BaseModel):
    """The user asks for a check."""

    model_config = ConfigDict(extra="forbid")
    note: str = ""


def view(user: User, today: date) -> HouseholdView:
    """The user as the API shows it."""
    one, asset = user.household, user.asset
    return HouseholdView(
        id=str(asset.id),
        code=asset.code,
        name_zh=asset.name_zh,
        name_en=asset.name_en,
        address=asset.address,
        building=one.building,
        user_class=one.user_class,
        organisation=str(one.organisation_id),
        division=one.division,
        due_on=one.due_on,
        checked_on=one.checked_on,
        is_overdue=one.due_on < today,
        last_result=one.last_result,
        visited_at=one.visited_at,
        visits_in_vain=one.in_vain,
        batch=str(one.batch_id) if one.batch_id else None,
        appointment_at=one.appointment_at,
        requested_at=one.requested_at,
        checklist=sheet_of(one.user_class).id,
    )


@blueprint.get("/households")
@operation(
    summary="Users within scope, soonest due first",
    responses={200: Listed(HouseholdView)},
    parameters=(
        Parameter("q", "Part of number, name or address", {"type": "string", "maxLength": 100}),
        Parameter("stand", "How they stand", {"type": "string", "enum": list(queries.STANDS)}),
        Parameter("class", "Class of users", {"type": "string", "enum": list(CLASSES)}),
        *CURSOR,
    ),
    tags=TAGS,
)
def listing() -> Response:
    actor = require(READ)
    cursor, limit = paging.asked()
    wanted = Wanted(
        q=request.args.get("q", "")[:100],
        stand=_choice("stand", queries.STANDS),
        user_class=_choice("class", CLASSES),
    )
    with reading(actor) as session:
        today = rules_of(session).day_of(now())
        page = queries.page(session, wanted, today, cursor=cursor, limit=limit)
        return api.envelope(page, lambda one: view(one, today))


@blueprint.get("/households/<code>")
@operation(
    summary="One user by the enterprise's own number, or by id", responses={200: HouseholdView}, tags=TAGS
)
def show(code: str) -> Response:
    actor = require(READ)
    with reading(actor) as session:
        return api.answer(view(_user(session, code), rules_of(session).day_of(now())))


@blueprint.get("/households/<code>/visits")
@operation(
    summary="The visits to a user, newest first", responses={200: Listed(HouseholdVisitView)}, tags=TAGS
)
def visits(code: str) -> Response:
    actor = require(READ)
    with reading(actor) as session:
        user = _user(session, code)
        return api.listing([_visit_view(one, user) for one in queries.visits(session, user.asset.id)])


@blueprint.post("/households/<code>/visits")
@uploads
@operation(
    summary="Record a visit; files as further parts of a multipart form",
    request=NewHouseholdVisit,
    responses={201: HouseholdVisitView},
    parameters=(IDEMPOTENCY,),
    tags=TAGS,
)
def visit(code: str) -> Response:
    actor, at, zone = require(RECORD), now(), kernel().settings.zone
    is_form = request.mimetype == "multipart/form-data"
    body = api.read_model(
        NewHouseholdVisit, api.parse_json(forms.value("data") or "{}", field="data") if is_form else None
    )
    sent = [Sent(one.field, one.filename, one.read()) for one in forms.files()] if is_form else []
    pieces = files_of(sent, received_at=at)
    given = visit_of(body.model_dump(), pieces, zone=zone, now=at)
    key = api.request_key()

    def work(session: Session) -> HouseholdVisitView:
        user = _user(session, code)
        return _visit_view(
            record_visit(session, user.household, given, actor=actor, request_key=key, now=at), user
        )

    made = hand_in(kernel().database, actor.scope, work, pieces=pieces, store=part(Store))
    return api.answer(made, status=201)


@blueprint.post("/households/<code>/requests")
@operation(
    summary="The user asks for a check: it is owed within the time local policy allows",
    request=NewCheckRequest,
    responses={201: HouseholdView},
    parameters=(IDEMPOTENCY,),
    tags=TAGS,
)
def requested(code: str) -> Response:
    actor, at = require(RECORD), now()
    body = api.read_model(NewCheckRequest)
    with writing(actor) as session:
        user = _user(session, code)
        steps.request_check(
            session,
            user.household,
            wanted_at=None,
            note=body.note,
            actor=actor,
            request_key=api.request_key(),
            now=at,
        )
        return api.answer(view(user, rules_of(session).day_of(at)), status=201)


@blueprint.get("/household-batches")
@operation(
    summary="Batches within scope, open ones first", responses={200: Listed(HouseholdBatchView)}, tags=TAGS
)
def batches() -> Response:
    actor = require(READ)
    with reading(actor) as session:
        found = queries.batches(session)
        how = queries.progress(session, [one.id for one in found])
        return api.listing([_batch_view(one, how.get(one.id, Progress())) for one in found])


@blueprint.post("/household-batches")
@operation(
    summary="Give an inspector the users of some buildings",
    request=NewHouseholdBatch,
    responses={201: HouseholdBatchView},
    parameters=(IDEMPOTENCY,),
    tags=TAGS,
)
def plan() -> Response:
    actor, at = require(PLAN), now()
    body = api.read_model(NewHouseholdBatch)
    wanted = operations.BatchPlan(
        organisation_id=body.organisation,
        buildings=body.buildings,
        assignee_id=body.assignee,
        due_on=day_of(body.due_on, field="due_on"),
        due_before=day_of(body.due_before, field="due_before") if body.due_before else None,
        name=body.name,
    )
    with writing(actor) as session:
        made = operations.plan_batch(session, wanted, actor=actor, request_key=api.request_key(), now=at)
        return api.answer(_batch_view(made, queries.progress(session, [made.id])[made.id]), status=201)


def _user(session: Session, code: str) -> User:
    found = queries.by_word(session, code)
    if found is None:
        raise NotFound(f"user {code[:80]}")
    return found


def _visit_view(one: HouseholdVisit, user: User) -> HouseholdVisitView:
    plain: dict[str, Any] = {
        name: getattr(one, name)
        for name in HouseholdVisitView.model_fields.keys() - {"id", "code", "inspector"}
    }
    return HouseholdVisitView(id=str(one.id), code=user.asset.code, inspector=str(one.inspector_id), **plain)


def _batch_view(one: HouseholdBatch, how: Progress) -> HouseholdBatchView:
    return HouseholdBatchView(
        id=str(one.id),
        name=one.name,
        organisation=str(one.organisation_id),
        assignee=str(one.assignee_id),
        due_on=one.due_on,
        ended_at=one.ended_at,
        total=how.total,
        done=how.done,
        away=how.away,
        refusal=how.refusal,
        in_vain=how.in_vain,
        left=how.left,
    )


def _choice(name: str, allowed: tuple[str, ...]) -> str:
    value = request.args.get(name, "")
    if value and value not in allowed:
        raise BadRequest(name, fields=[FieldError(name, "not_a_choice", {"choices": ", ".join(allowed)})])
    return value
