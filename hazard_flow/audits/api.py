"""`/api/v1/audits`: the queue, audits and their points, sampling plans, exports."""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from hazard_flow.audits import operations, queries, resources
from hazard_flow.audits.models import Audit
from hazard_flow.audits.outcome import Given
from hazard_flow.audits.resources import (
    AskExport,
    AuditView,
    Decision,
    Draw,
    DrawMore,
    ExportView,
    MismatchView,
    PlanView,
    Take,
    Verdicts,
    WaitingView,
)
from hazard_flow.audits.samples import exporting, planning
from hazard_flow.audits.samples.exporting import Chosen
from hazard_flow.audits.samples.pages import exported
from hazard_flow.audits.seams import Seams
from hazard_flow.errors import BadRequest, FieldError
from hazard_flow.evidence.store import Store
from hazard_flow.hazards.models import Hazard
from hazard_flow.web import api, paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, part, reading
from hazard_flow.web.openapi import CURSOR, IDEMPOTENCY, IF_MATCH, Listed, Parameter, operation

blueprint = Blueprint("audits_api", __name__, url_prefix=f"{api.PREFIX}/audits")

READ, JUDGE, EXPORT = "audits.read", "audits.judge", "audits.export"
_TAGS = ["audits"]


def _choice(name: str, text: str, *choices: str) -> Parameter:
    return Parameter(name, text, {"type": "string", "enum": list(choices)})


@blueprint.get("/queue")
@operation(
    summary="Files that wait to be audited, the weightiest first, among those the longest waiting",
    responses={200: Listed(WaitingView)},
    parameters=(
        _choice("stage", "Closed, or re-checked and awaiting closing", *queries.STAGES),
        _choice("urgency", "M: majors", "M", "A", "B", "C"),
        _choice("hands", "In whose hands", *queries.HANDS),
        Parameter("organisation", "Only of this enterprise", {"type": "string", "format": "uuid"}),
        Parameter("plan", "Only those a plan drew", {"type": "string"}),
        Parameter("q", "Words of number, title or place", {"type": "string", "maxLength": 100}),
        *CURSOR,
    ),
    tags=_TAGS,
)
def queue() -> Response:
    actor = require(READ)
    cursor, limit = paging.asked()
    wanted = queries.read_wanted(request.args)
    with reading(actor) as session:
        page = queries.queue(session, wanted, me=actor.id, now=now(), cursor=cursor, limit=limit)
        return api.envelope(page, resources.waiting_view)


@blueprint.get("")
@operation(
    summary="Audits under way or decided, the newest first",
    responses={200: Listed(AuditView)},
    parameters=(_choice("state", "Only in this state", "open", "passed", "returned"), *CURSOR),
    tags=_TAGS,
)
def audits() -> Response:
    actor = require(READ)
    cursor, limit = paging.asked()
    state = request.args.get("state", "")
    if state not in ("", "open", "passed", "returned"):
        raise BadRequest(
            "no such state", fields=[FieldError("state", "unknown_choice", {"value": state[:40]})]
        )
    with reading(actor) as session:
        page = queries.decided(session, state=state, cursor=cursor, limit=limit)
        hazards = queries.of_hazards(
            session, [i for a in page.items for i in (a.hazard_id, a.reopened_id) if i is not None]
        )
        views = [_with(audit, hazards) for audit in page.items]
        return api.listing(views, page.next_cursor)


@blueprint.post("")
@operation(
    summary="Take a file: it is prejudged, and nobody else can take it",
    request=Take,
    responses={201: AuditView},
    parameters=(IDEMPOTENCY,),
    tags=_TAGS,
)
def take() -> Response:
    actor, body, key = require(JUDGE), api.read_model(Take), api.request_key()
    store, seams, at = part(Store), part(Seams), now()
    return _change(
        lambda session: operations.take(
            session, actor=actor, number=body.number, request_key=key, now=at, store=store, seams=seams
        ),
        status=201,
    )


@blueprint.get("/<uuid:audit_id>")
@operation(summary="One audit with its twenty points", responses={200: AuditView}, tags=_TAGS)
def audit(audit_id: uuid.UUID) -> Response:
    with reading(require(READ)) as session:
        return api.answer(_view(session, queries.by_id(session, audit_id)))


@blueprint.post("/<uuid:audit_id>/verdicts")
@operation(
    summary="A person's verdicts on some points; other than the machine's, or a failure, needs a reason",
    request=Verdicts,
    responses={200: AuditView},
    parameters=(IDEMPOTENCY, IF_MATCH),
    tags=_TAGS,
)
def verdicts(audit_id: uuid.UUID) -> Response:
    actor, body, key, at = require(JUDGE), api.read_model(Verdicts), api.request_key(), now()
    version = api.expected_version(body.expected_version)
    given = [Given(one.point, one.verdict, one.reason) for one in body.verdicts]
    return _change(
        lambda session: operations.judge(
            session, actor=actor, audit_id=audit_id, given=given, request_key=key, now=at,
            expected_version=version,
        )
    )  # fmt: skip


@blueprint.post("/<uuid:audit_id>/decision")
@operation(
    summary="Pass the file, or send it back: a re-checked hazard returns to work, a closed one opens anew",
    request=Decision,
    responses={200: AuditView},
    parameters=(IDEMPOTENCY, IF_MATCH),
    tags=_TAGS,
)
def decision(audit_id: uuid.UUID) -> Response:
    actor, body, key, at = require(JUDGE), api.read_model(Decision), api.request_key(), now()
    version = api.expected_version(body.expected_version)
    return _change(
        lambda session: operations.decide(
            session, actor=actor, audit_id=audit_id, decision=body.outcome, opinion=body.opinion,
            request_key=key, now=at, expected_version=version,
        )
    )  # fmt: skip


@blueprint.post("/<uuid:audit_id>/release")
@operation(
    summary="Give the file back to the queue",
    responses={200: AuditView},
    parameters=(IDEMPOTENCY,),
    tags=_TAGS,
)
def release(audit_id: uuid.UUID) -> Response:
    actor, key, at = require(JUDGE), api.request_key(), now()
    return _change(
        lambda session: operations.release(session, actor=actor, audit_id=audit_id, request_key=key, now=at)
    )


@blueprint.get("/plans")
@operation(
    summary="Sampling plans, the newest first",
    responses={200: Listed(PlanView)},
    parameters=CURSOR,
    tags=_TAGS,
)
def plans() -> Response:
    actor = require(READ)
    cursor, limit = paging.asked()
    with reading(actor) as session:
        page = planning.page(session, cursor=cursor, limit=limit)
        progress = planning.progress(session, page.items)
        return api.envelope(page, lambda one: resources.plan_view(one, progress[one.id]))


@blueprint.post("/plans")
@operation(
    summary="Draw a sample of what was closed in a period that is over; a period is drawn once",
    request=Draw,
    responses={201: PlanView},
    parameters=(IDEMPOTENCY,),
    tags=_TAGS,
)
def draw() -> Response:
    actor, body, key, at = require(JUDGE), api.read_model(Draw), api.request_key(), now()

    def work(session: Session) -> Response:
        plan = planning.draw(
            session, actor=actor, first_day=body.first_day, last_day=body.last_day, request_key=key, now=at,
            organisation_id=body.organisation, percent=body.percent,
        )  # fmt: skip
        return api.answer(resources.plan_view(plan, planning.progress(session, [plan])[plan.id]), status=201)

    return kernel().database.carry_out(actor.scope, work)


@blueprint.get("/plans/<number>")
@operation(summary="One plan and how far it is", responses={200: PlanView}, tags=_TAGS)
def plan(number: str) -> Response:
    with reading(require(READ)) as session:
        found = planning.by_number(session, number)
        return api.answer(resources.plan_view(found, planning.progress(session, [found])[found.id]))


@blueprint.post("/plans/<number>/more")
@operation(
    summary="Draw more files in the order of the same seed",
    request=DrawMore,
    responses={200: PlanView},
    tags=_TAGS,
)
def draw_more(number: str) -> Response:
    actor, body, at = require(JUDGE), api.read_model(DrawMore), now()

    def work(session: Session) -> Response:
        found = planning.draw_more(
            session, actor=actor, number=number, count=body.count, now=at, expected_drawn=body.expected_drawn
        )
        return api.answer(resources.plan_view(found, planning.progress(session, [found])[found.id]))

    return kernel().database.carry_out(actor.scope, work)


@blueprint.get("/mismatches")
@operation(
    summary="Of sampled files decided on in a span, by enterprise: how many, and how many were sent back",
    responses={200: Listed(MismatchView)},
    parameters=(
        Parameter("from", "First day", {"type": "string", "format": "date"}),
        Parameter("to", "Last day, included", {"type": "string", "format": "date"}),
    ),
    tags=_TAGS,
)
def mismatches() -> Response:
    actor = require(READ)
    since, until = _day("from"), _day("to")
    with reading(actor) as session:
        rows = planning.mismatches(
            session,
            since=_begins(since) if since else datetime.min.replace(tzinfo=UTC),
            until=_begins(until + timedelta(days=1)) if until else now() + timedelta(seconds=1),
        )
        return api.listing([resources.mismatch_view(one) for one in rows])


@blueprint.get("/exports")
@operation(
    summary="Exports of files: who asked for which, when",
    responses={200: Listed(ExportView)},
    parameters=CURSOR,
    tags=_TAGS,
)
def exports() -> Response:
    actor = require(EXPORT)
    cursor, limit = paging.asked()
    with reading(actor) as session:
        page = exporting.page(session, cursor=cursor, limit=limit)
        return api.envelope(page, lambda one: resources.export_view(one, api.PREFIX))


@blueprint.post("/exports")
@operation(
    summary="List and record the files of an export; fetch the ZIP from its `url`",
    request=AskExport,
    responses={201: ExportView},
    parameters=(IDEMPOTENCY,),
    tags=_TAGS,
)
def ask_export() -> Response:
    actor, body, key, at = require(EXPORT), api.read_model(AskExport), api.request_key(), now()
    chosen = Chosen(
        plan=body.plan,
        numbers=tuple(body.numbers),
        organisation=body.organisation,
        closed_from=_begins(body.closed_from) if body.closed_from else None,
        closed_to=_begins(body.closed_to + timedelta(days=1)) if body.closed_to else None,
        urgency=body.urgency,
    )

    def work(session: Session) -> Response:
        found = exporting.ask(session, actor=actor, chosen=chosen, request_key=key, now=at)
        return api.answer(resources.export_view(found, api.PREFIX), status=201)

    return kernel().database.carry_out(actor.scope, work)


@blueprint.get("/exports/<number>.zip")
@operation(
    summary="The ZIP of an export: its files and their manifest",
    responses={200: "application/zip"},
    tags=_TAGS,
)
def fetch_export(number: str) -> Response:
    actor = require(EXPORT)
    with reading(actor) as session:
        found = exporting.mine(session, actor, number)
    return exported(found, part(Store))


def _change(work: Callable[[Session], Audit], *, status: int = 200) -> Response:
    actor = require(JUDGE)

    def done(session: Session) -> Response:
        changed = work(session)
        return api.answer(_view(session, changed), status=status, headers={"ETag": f'"{changed.seq}"'})

    return kernel().database.carry_out(actor.scope, done)


def _view(session: Session, audit: Audit) -> AuditView:
    ids = [one for one in (audit.hazard_id, audit.reopened_id) if one is not None]
    return _with(audit, queries.of_hazards(session, ids))


def _with(audit: Audit, hazards: dict[uuid.UUID, Hazard]) -> AuditView:
    reopened = hazards.get(audit.reopened_id) if audit.reopened_id is not None else None
    return resources.audit_view(audit, hazards[audit.hazard_id], reopened)


def _day(name: str) -> date | None:
    raw = request.args.get(name)
    try:
        return date.fromisoformat(raw) if raw else None
    except ValueError as error:
        raise BadRequest("not a day", fields=[FieldError(name, "not_a_date")]) from error


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), kernel().settings.zone)
