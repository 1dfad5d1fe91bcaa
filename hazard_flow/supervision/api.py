"""`/api/v1/supervision`: tasks, unannounced checks, re-checks, and the lines of daily work of a month."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from hazard_flow.errors import BadRequest, FieldError
from hazard_flow.evidence.store import Store
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.queries import enterprises
from hazard_flow.inspections.work_lines import WORK_LINES
from hazard_flow.storage.paging import Page
from hazard_flow.supervision import lines
from hazard_flow.supervision.checks import queries as checks
from hazard_flow.supervision.checks.models import UnannouncedCheck
from hazard_flow.supervision.issuing import ANSWER, ORDER, READ
from hazard_flow.supervision.lines import Lines
from hazard_flow.supervision.spots import operations as spot_operations
from hazard_flow.supervision.spots import queries as spots
from hazard_flow.supervision.spots.models import OUTCOMES, SpotCheck
from hazard_flow.supervision.spots.operations import Found
from hazard_flow.supervision.spots.records import Records
from hazard_flow.supervision.tasks import operations, queries
from hazard_flow.supervision.tasks.models import STATES, SupervisionTask
from hazard_flow.supervision.tasks.orders import Order
from hazard_flow.web import api, paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, part, reading
from hazard_flow.web.openapi import CURSOR, IDEMPOTENCY, IF_MATCH, Listed, Parameter, operation

blueprint = Blueprint("supervision_api", __name__, url_prefix=f"{api.PREFIX}/supervision")

_TAGS = ["supervision"]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TaskBody(_Closed):
    """A task: due at the end of `due_on`, or again by an RFC 5545 `rule`."""

    organisation: str
    title: str
    reach: str
    content: str
    line: str = ""
    asset: str = ""
    due_on: str = ""
    rule: str = ""
    starts_on: str = ""


class ActBody(_Closed):
    """What is said with an act; a day for sending back, a person for receiving."""

    words: str = ""
    due_on: str = ""
    responsible: uuid.UUID | None = None
    expected_version: int | None = None


class TaskView(BaseModel):
    """A supervision task."""

    id: str
    number: str
    title: str
    reach: str
    content: str
    line: str
    state: str
    organisation: str
    issuer: str
    due_at: datetime
    rule: str | None
    cycle: int
    issued_at: datetime
    received_at: datetime | None
    fed_back_at: datetime | None
    closed_at: datetime | None
    version: int


class CheckView(BaseModel):
    """An unannounced check; one that is not finished is answered to its team alone."""

    id: str
    number: str | None
    state: str
    organisation: str
    issuer: str
    purpose: str
    planned_on: str
    items: list[dict[str, Any]]
    opinion: str
    refused: bool
    finished_at: datetime | None
    version: int


class SpotBody(_Closed):
    """A re-check. The record is one of a registered source, or told in words (`other`)."""

    found: str
    outcome: str
    checked_at: str
    record_kind: str = "other"
    record_id: str = ""
    organisation: str = ""
    line: str = ""
    record_says: str = ""
    recorded_at: str = ""
    asset: str = ""
    task_due_on: str = ""


class SpotView(BaseModel):
    """A re-check of an enterprise's record."""

    id: str
    number: str
    organisation: str
    line: str
    outcome: str
    record_kind: str
    record_says_zh: str
    record_says_en: str
    recorded_at: datetime
    found: str
    checked_at: datetime
    hazard_id: str | None
    task_id: str | None


class WorkLineView(BaseModel):
    """One line of one enterprise in a month; figures are null where the enterprise offers none."""

    organisation: str
    line: str
    unit: str | None
    due: float | None
    done: float | None
    on_time: float | None
    invalid: float | None
    missed: float | None
    findings: int | None
    rechecked: int
    contradicted: int


def task_view(task: SupervisionTask) -> TaskView:
    """The task as the API shows it."""
    derived = {"id", "organisation", "issuer", "version"}
    plain = {name: getattr(task, name) for name in TaskView.model_fields.keys() - derived}
    return TaskView(
        id=str(task.id),
        organisation=str(task.organisation_id),
        issuer=str(task.issuer_id),
        version=task.seq,
        **plain,
    )


def _check_view(check: UnannouncedCheck) -> CheckView:
    return CheckView(
        id=str(check.id), number=check.number, state=check.state, organisation=str(check.home_id), issuer=str(check.issuer_id),
        purpose=check.purpose, planned_on=check.planned_on.isoformat(), items=check.items, opinion=check.opinion,
        refused=bool(check.refusal), finished_at=check.finished_at, version=check.seq,
    )  # fmt: skip


def _spot_view(spot: SpotCheck) -> SpotView:
    derived = {"id", "organisation", "hazard_id", "task_id"}
    plain = {name: getattr(spot, name) for name in SpotView.model_fields.keys() - derived}
    return SpotView(
        id=str(spot.id), organisation=str(spot.home_id), hazard_id=str(spot.hazard_id) if spot.hazard_id else None,
        task_id=str(spot.task_id) if spot.task_id else None, **plain,
    )  # fmt: skip


@blueprint.get("/tasks")
@operation(
    summary="Supervision tasks within scope, the newest first",
    responses={200: Listed(TaskView)},
    parameters=(
        Parameter("side", "Set by one's own regulator, or one's own to answer", {"type": "string", "enum": list(queries.SIDES)}),
        Parameter("state", "State, or all that are open", {"type": "string", "enum": [*STATES, "open"]}),
        Parameter("line", "Line of daily work", {"type": "string", "enum": list(WORK_LINES)}),
        Parameter("overdue", "Only overdue ones", {"type": "string", "enum": ["0", "1"]}),
        Parameter("organisation", "To be answered by one organisation", {"type": "string", "format": "uuid"}),
        Parameter("q", "Words of number, title or content", {"type": "string", "maxLength": 100}),
        *CURSOR,
    ),
    tags=_TAGS,
)  # fmt: skip
def tasks() -> Response:
    actor = require(READ)
    wanted = queries.read_wanted(request.args)
    cursor, limit = paging.asked()
    with reading(actor) as session:
        page = queries.page(session, wanted, actor, now(), cursor=cursor, limit=limit)
        return api.envelope(page, task_view)


@blueprint.get("/tasks/<uuid:task_id>")
@operation(summary="One supervision task", responses={200: TaskView}, tags=_TAGS)
def task(task_id: uuid.UUID) -> Response:
    with reading(require(READ)) as session:
        return api.answer(task_view(queries.one(session, task_id)))


@blueprint.post("/tasks")
@operation(
    summary="Set a task",
    request=TaskBody,
    responses={201: TaskView},
    parameters=(IDEMPOTENCY,),
    tags=_TAGS,
)
def assign() -> Response:
    actor, body, key, at = require(ORDER), api.read_model(TaskBody), api.request_key(), now()
    order = Order(**body.model_dump())
    return _change(
        actor,
        lambda session: operations.assign(session, actor=actor, order=order, request_key=key, now=at),
        status=201,
    )


@blueprint.post("/tasks/<uuid:task_id>/<any(receive, progress, feed_back, accept, send_back, cancel):act>")
@operation(
    summary="Receive, report progress, answer, accept, send back or cancel a task",
    request=ActBody,
    responses={200: TaskView},
    parameters=(IDEMPOTENCY, IF_MATCH),
    tags=_TAGS,
)
def act(task_id: uuid.UUID, act: str) -> Response:
    actor = require(ANSWER if act in ("receive", "progress", "feed_back") else ORDER)
    body, key, at = api.read_model(ActBody), api.request_key(), now()
    version = api.expected_version(body.expected_version)
    who: dict[str, Any] = {"actor": actor, "task_id": task_id, "request_key": key, "now": at}
    works: dict[str, Callable[[Session], SupervisionTask]] = {
        "receive": lambda s: operations.receive(s, responsible_id=body.responsible, **who),
        "progress": lambda s: operations.progress(s, words=body.words, **who),
        "feed_back": lambda s: operations.feed_back(s, words=body.words, **who),
        "accept": lambda s: operations.accept(s, words=body.words, expected_version=version, **who),
        "send_back": lambda s: operations.send_back(
            s, words=body.words, due_on=body.due_on, expected_version=version, **who
        ),
        "cancel": lambda s: operations.cancel(s, words=body.words, expected_version=version, **who),
    }
    return _change(actor, works[act])


@blueprint.get("/checks")
@operation(
    summary="Unannounced checks: finished ones within scope, and those of one's own teams",
    responses={200: Listed(CheckView)},
    parameters=CURSOR,
    tags=_TAGS,
)
def check_list() -> Response:
    actor = require(READ)
    cursor, limit = paging.asked()
    with reading(actor) as session:
        return api.envelope(checks.page(session, cursor=cursor, limit=limit), _check_view)


@blueprint.get("/checks/<uuid:check_id>")
@operation(summary="One unannounced check", responses={200: CheckView}, tags=_TAGS)
def check(check_id: uuid.UUID) -> Response:
    with reading(require(READ)) as session:
        return api.answer(_check_view(checks.one(session, check_id)))


@blueprint.get("/spot-checks")
@operation(
    summary="Re-checks of the enterprises' own records, the newest first",
    responses={200: Listed(SpotView)},
    parameters=(
        Parameter("outcome", "Whether the record held", {"type": "string", "enum": list(OUTCOMES)}),
        *CURSOR,
    ),
    tags=_TAGS,
)
def spot_list() -> Response:
    actor = require(READ)
    cursor, limit = paging.asked()
    outcome = request.args.get("outcome", "")
    if outcome and outcome not in OUTCOMES:
        raise BadRequest("outcome", fields=[FieldError("outcome", "unknown_choice", {"value": outcome[:40]})])
    with reading(actor) as session:
        return api.envelope(spots.page(session, cursor=cursor, limit=limit, outcome=outcome), _spot_view)


@blueprint.post("/spot-checks")
@operation(
    summary="Enter a re-check; a contradiction may set a task. A hazard, which needs photos, is reported through `/hazards`",
    request=SpotBody,
    responses={201: SpotView},
    parameters=(IDEMPOTENCY,),
    tags=_TAGS,
)
def spot_enter() -> Response:
    actor, body, key, at = require(ORDER), api.read_model(SpotBody), api.request_key(), now()
    found, records, store = Found(**body.model_dump()), part(Records), part(Store)

    def work(session: Session) -> SpotView:
        made = spot_operations.check_again(
            session, actor=actor, given=found, records=records, request_key=key, now=at, store=store
        )
        return _spot_view(made)

    return api.answer(kernel().database.carry_out(actor.scope, work), status=201)


@blueprint.get("/lines")
@operation(
    summary="Every enterprise's lines of daily work in a month, to the end of yesterday, beside the regulator's re-checks",
    responses={200: Listed(WorkLineView)},
    parameters=(
        Parameter("month", "`2026-11`; by itself the newest with a finished day", {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"}),
    ),
    tags=_TAGS,
)  # fmt: skip
def line_list() -> Response:
    actor, zone = require(READ), kernel().settings.zone
    try:
        month = lines.month_of(request.args.get("month", "")[:8], now().astimezone(zone).date())
    except ValueError as error:
        raise BadRequest("month", fields=[FieldError("month", "not_a_month")]) from error
    with reading(actor) as session:
        units = [one.id for one in enterprises(session)]
        board = lines.board(session, part(Lines), units, month, zone)
    views = [
        WorkLineView(
            organisation=str(home), line=line, rechecked=cell.rate.checked, contradicted=cell.rate.contradicted,
            **{name: getattr(cell.figures, name, None) for name in ("unit", "due", "done", "on_time", "invalid", "missed", "findings")},
        )
        for home, cells in board.items()
        for line, cell in cells.items()
    ]  # fmt: skip
    return api.envelope(Page(views, None), lambda one: one)


def _change(actor: Actor, work: Callable[[Session], SupervisionTask], *, status: int = 200) -> Response:
    shown = kernel().database.carry_out(actor.scope, lambda session: task_view(work(session)))
    return api.answer(shown, status=status)
