"""The JSON API of rounds, plans and checklists."""

import uuid
from datetime import date

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from hazard_flow.errors import BadRequest, FieldError, NotFound
from hazard_flow.evidence.operations import Looked
from hazard_flow.evidence.store import Store
from hazard_flow.inspections import operations, planning, queries, receiving
from hazard_flow.inspections.asked import GivenPlan, GivenRound, paper_of
from hazard_flow.inspections.checklists.loading import checklists
from hazard_flow.inspections.models import Round
from hazard_flow.inspections.plans.form import assets_by_code
from hazard_flow.inspections.queries import STANDINGS, Wanted
from hazard_flow.inspections.representing import (
    ChecklistView,
    RoundDetail,
    RoundPlanView,
    RoundView,
    checklist_view,
    detail,
    plan_view,
    view,
)
from hazard_flow.inspections.work_lines import WORK_LINES
from hazard_flow.web import api, forms, paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, part, reading, writing
from hazard_flow.web.limits import uploads
from hazard_flow.web.openapi import CURSOR, IDEMPOTENCY, Listed, Parameter, operation

blueprint = Blueprint("rounds_api", __name__, url_prefix=api.PREFIX)

READ = "rounds.read"


@blueprint.get("/rounds")
@operation(
    summary="Rounds within scope, those due last first",
    responses={200: Listed(RoundView)},
    parameters=(
        Parameter("line", "Line of work", {"type": "string", "enum": list(WORK_LINES)}),
        Parameter("state", "How it stands", {"type": "string", "enum": list(STANDINGS)}),
        Parameter("since", "Planned on or after", {"type": "string", "format": "date"}),
        Parameter("until", "Planned on or before", {"type": "string", "format": "date"}),
        *CURSOR,
    ),
    tags=["rounds"],
)
def listing() -> Response:
    actor = require(READ)
    cursor, limit = paging.asked()
    wanted = Wanted(
        line=_choice("line", tuple(WORK_LINES)),
        standing=_choice("state", STANDINGS),
        since=_day("since"),
        until=_day("until"),
    )
    with reading(actor) as session:
        return api.envelope(queries.page(session, wanted, cursor=cursor, limit=limit), view)


@blueprint.get("/rounds/<uuid:round_id>")
@operation(summary="One round with its places and answers", responses={200: RoundDetail}, tags=["rounds"])
def show(round_id: uuid.UUID) -> Response:
    actor = require(READ)
    with reading(actor) as session:
        return api.answer(detail(session, queries.one(session, round_id)))


@blueprint.post("/rounds/<uuid:round_id>/begin")
@operation(summary="Set out; once is enough", responses={200: RoundView}, tags=["rounds"])
def begin(round_id: uuid.UUID) -> Response:
    actor = require(operations.DO)
    with writing(actor) as session:
        return api.answer(view(operations.begin(session, round_id, actor=actor, now=now())))


@blueprint.post("/rounds/<uuid:round_id>/result")
@uploads
@operation(
    summary="Hand a round in; photos as further parts of a multipart form whose part `round` is the JSON",
    request=GivenRound,
    responses={200: RoundDetail},
    parameters=[IDEMPOTENCY],
    tags=["rounds"],
)
def hand_in(round_id: uuid.UUID) -> Response:
    actor, at = require(operations.DO), now()
    looked: list[tuple[str, Looked]] = []
    if request.mimetype == "multipart/form-data":
        body = api.read_model(GivenRound, api.parse_json(request.form.get("round", ""), field="round"))
        looked, refused = receiving.looked_at(
            [(u.field, u.filename, u.read()) for u in forms.files()], now=at
        )
        if refused is not None:
            raise refused
    else:
        body = api.read_model(GivenRound)
    key = api.request_key()

    def work(session: Session) -> Round:
        paper = paper_of(session, round_id, body, [(part_, one.item) for part_, one in looked])
        return operations.hand_in(
            session, actor, round_id, paper, request_key=key, now=at, zone=kernel().settings.zone
        )

    receiving.carry_out(
        kernel().database, actor.scope, work, files=[one for _, one in looked], store=part(Store)
    )
    with reading(actor) as session:
        return api.answer(detail(session, queries.one(session, round_id)))


@blueprint.post("/rounds/<uuid:round_id>/sign-off")
@operation(
    summary="Sign a round off as a leader of the unit, not as whoever did it",
    responses={200: RoundView},
    tags=["rounds"],
)
def sign_off(round_id: uuid.UUID) -> Response:
    actor = require(operations.REVIEW)
    with writing(actor) as session:
        return api.answer(view(operations.sign_off(session, round_id, actor=actor, now=now())))


@blueprint.get("/round-plans")
@operation(
    summary="Plans within scope that have not ended", responses={200: Listed(RoundPlanView)}, tags=["rounds"]
)
def plan_listing() -> Response:
    actor = require(READ)
    with reading(actor) as session:
        return api.listing([plan_view(session, one) for one in queries.plans(session)])


@blueprint.post("/round-plans")
@operation(
    summary="A new plan of one's own unit; rounds are made of it by themselves",
    request=GivenPlan,
    responses={201: RoundPlanView},
    parameters=[IDEMPOTENCY],
    tags=["rounds"],
)
def new_plan() -> Response:
    actor = require(planning.RIGHT)
    body, key = api.read_model(GivenPlan), api.request_key()
    with writing(actor) as session:
        known = _by_code(session, body.assets)
        of = planning.PlanOf(
            organisation_id=body.organisation,
            name_zh=body.name_zh,
            name_en=body.name_en,
            line=body.line,
            checklist=body.checklist,
            rule=body.rule,
            starts_on=body.starts_on,
            ends_on=body.ends_on,
            term_days=body.term_days,
            # one nobody knows is refused with everything else that is wrong
            asset_ids=[known.get(code, uuid.UUID(int=0)) for code in body.assets],
            responsible_id=body.responsible,
            needs_sign_off=body.needs_sign_off,
        )
        made = planning.plan(
            session, of, actor=actor, request_key=key, now=now(), zone=kernel().settings.zone
        )
        return api.answer(plan_view(session, made), status=201)


@blueprint.get("/checklists")
@operation(summary="The checklists of this release", responses={200: Listed(ChecklistView)}, tags=["rounds"])
def checklist_listing() -> Response:
    require(READ)
    return api.listing([checklist_view(one) for one in checklists().values()])


@blueprint.get("/checklists/<key>")
@operation(summary="The newest version of one checklist", responses={200: ChecklistView}, tags=["rounds"])
def checklist(key: str) -> Response:
    require(READ)
    found = checklists().get(key)
    if found is None:
        raise NotFound(f"checklist {key[:40]}")
    return api.answer(checklist_view(found))


def _by_code(session: Session, codes: list[str]) -> dict[str, uuid.UUID]:
    return {code: one.id for code, one in assets_by_code(session, codes).items()}


def _choice(name: str, allowed: tuple[str, ...]) -> str:
    value = request.args.get(name, "")
    if value and value not in allowed:
        raise BadRequest(name, fields=[FieldError(name, "not_a_choice", {"choices": ", ".join(allowed)})])
    return value


def _day(name: str) -> date | None:
    raw = request.args.get(name, "")
    try:
        return date.fromisoformat(raw) if raw else None
    except ValueError as error:
        raise BadRequest(name, fields=[FieldError(name, "not_a_date", {"value": raw[:20]})]) from error
