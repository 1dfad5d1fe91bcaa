"""The JSON API of daily work: lines with their figures, registers, one record and what is done to it, planned items."""

import uuid
from collections.abc import Callable, Sequence

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from hazard_flow.daily_work import form, keeping, operations, queries
from hazard_flow.daily_work.figures import measure
from hazard_flow.daily_work.loading import line_book
from hazard_flow.daily_work.models import WorkRecord
from hazard_flow.daily_work.operations import Order
from hazard_flow.daily_work.pages import READ, RECORD, asked
from hazard_flow.daily_work.representing import (
    Closure,
    FigureView,
    LineView,
    NewRecord,
    RecordView,
    Withdrawal,
    WorkCorrection,
    WorkItemView,
    item_view,
    record_view,
)
from hazard_flow.errors import BadRequest, FieldError, NotFound, Refused
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.evidence.store import Store
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation
from hazard_flow.inspections.work_lines import WORK_LINES
from hazard_flow.web import api, forms, paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, part, reading
from hazard_flow.web.openapi import CURSOR, IDEMPOTENCY, IF_MATCH, Listed, Parameter, operation

blueprint = Blueprint("daily_work_api", __name__, url_prefix=api.PREFIX)

_PERIOD = Parameter("period", "month, quarter, year or last_year", {"type": "string", "default": "year"})
_ORGANISATION = Parameter("organisation", "Id of an enterprise, for regulators", {"type": "string"})


@blueprint.get("/work/lines")
@operation(
    summary="Lines of daily work with their KPIs",
    responses={200: Listed(LineView)},
    parameters=(_PERIOD, _ORGANISATION),
    tags=["work"],
)
def lines() -> Response:
    actor = require(READ)
    with reading(actor) as session:
        ask, span = asked(session, actor)
        home = uuid.UUID(ask["organisation"]) if ask.get("organisation") else None
        found = []
        for line in line_book().lines.values():
            measured = measure(session, list(line.figures.values()), span, home_id=home)
            label = WORK_LINES[line.key]
            figures = [
                FigureView(
                    key=one.figure.key,
                    name_zh=one.figure.label.zh,
                    name_en=one.figure.label.en,
                    numerator=one.above,
                    denominator=one.below,
                    value=one.value,
                    target=one.figure.target,
                    better=one.figure.better,
                    mark=one.figure.mark,
                )
                for one in measured
            ]
            found.append(
                LineView(
                    key=line.key, name_zh=label.zh, name_en=label.en, kinds=list(line.kinds), figures=figures
                )
            )
    return api.listing(found)


@blueprint.get("/work/items")
@operation(
    summary="What the plans of a line ask for, what is owed first",
    responses={200: Listed(WorkItemView)},
    parameters=(Parameter("line", "Key of a line", {"type": "string"}, required=True), _ORGANISATION),
    tags=["work"],
)
def items() -> Response:
    actor = require(READ)
    line = request.args.get("line", "")
    if line not in line_book().lines:
        choices = ", ".join(line_book().lines)
        raise BadRequest("line", fields=[FieldError("line", "not_a_choice", {"choices": choices})])
    with reading(actor) as session:
        ask, _ = asked(session, actor)
        home = uuid.UUID(ask["organisation"]) if ask.get("organisation") else None
        rows = queries.items(session, line, home_id=home, limit=200)
    return api.listing([item_view(one) for one in rows])


@blueprint.get("/work/records")
@operation(
    summary="Records of a kind, the newest first",
    responses={200: Listed(RecordView)},
    parameters=(
        Parameter("kind", "Key of a kind", {"type": "string"}, required=True),
        Parameter("q", "Part of its name or number", {"type": "string", "maxLength": 100}),
        Parameter("state", "open, done or withdrawn", {"type": "string"}),
        _ORGANISATION,
        *CURSOR,
    ),
    tags=["work"],
)
def records() -> Response:
    actor = require(READ)
    kind, state = request.args.get("kind", ""), request.args.get("state", "")
    if kind not in line_book().kinds:
        choices = ", ".join(line_book().kinds)
        raise BadRequest("kind", fields=[FieldError("kind", "not_a_choice", {"choices": choices})])
    if state not in ("", "open", "done", "withdrawn"):
        choices = "open, done, withdrawn"
        raise BadRequest("state", fields=[FieldError("state", "not_a_choice", {"choices": choices})])
    words = request.args.get("q", "")
    if len(words) > 100 or "\0" in words:
        raise BadRequest("q", fields=[FieldError("q", "too_long", {"at_most": 100})])
    cursor, limit = paging.asked()
    with reading(actor) as session:
        ask, _ = asked(session, actor)
        home = uuid.UUID(ask["organisation"]) if ask.get("organisation") else None
        wanted = queries.Wanted(q=words, state=state, organisation_id=home)
        page = queries.page(session, kind, wanted, cursor=cursor, limit=limit)
        files = queries.files(session, [row.id for row in page.items])
    return api.envelope(page, lambda row: record_view(row, files.get(row.id, ())))


@blueprint.post("/work/records")
@operation(
    summary="Record something that was done; with files as multipart, the record as its part `record`",
    request=NewRecord,
    responses={201: RecordView},
    parameters=(IDEMPOTENCY,),
    tags=["work"],
)
def record() -> Response:
    actor, at = require(RECORD), now()
    raw = api.parse_json(request.form.get("record", "{}"), field="record") if request.files else None
    if raw is not None and not isinstance(raw, dict):
        raise BadRequest("record", fields=[FieldError("record", "not_an_object")])
    body = api.read_model(NewRecord, raw)
    kind = line_book().kinds.get(body.kind)
    if kind is None:
        raise Refused(
            fields=[FieldError("kind", "unknown_choice", {"field": "kind", "value": body.kind[:40]})]
        )
    order = Order(actor=actor, now=at, request_key=api.request_key())

    def work(session: Session, files: Sequence[EvidenceItem]) -> WorkRecord:
        return operations.record(
            session,
            kind,
            body.data,
            order,
            organisation=_unit(session, actor, body.organisation),
            files=files,
            item_id=_id(body.item, "item") if body.item else None,
        )

    return _answer(actor, _carry_out(actor, work), status=201)


@blueprint.get("/work/records/<uuid:record_id>")
@operation(summary="One record", responses={200: RecordView}, tags=["work"])
def show(record_id: uuid.UUID) -> Response:
    actor = require(READ)
    with reading(actor) as session:
        row = queries.one(session, record_id)
        if row is None:
            raise NotFound(f"record {record_id}")
        files = queries.files(session, [row.id])
    return api.answer(record_view(row, files.get(row.id, ())))


@blueprint.post("/work/records/<uuid:record_id>/corrections")
@operation(
    summary="Correct a record; what it said before stays in its history",
    request=WorkCorrection,
    responses={200: RecordView},
    parameters=(IDEMPOTENCY, IF_MATCH),
    tags=["work"],
)
def correct(record_id: uuid.UUID) -> Response:
    actor, body = require(RECORD), api.read_model(WorkCorrection)
    order = Order(actor=actor, now=now(), request_key=api.request_key())
    version = api.expected_version(body.expected_version)

    def work(session: Session, files: Sequence[EvidenceItem]) -> WorkRecord:
        return operations.correct(
            session, record_id, body.data, order, why=body.why, files=files, expected_version=version
        )

    return _answer(actor, _carry_out(actor, work))


@blueprint.post("/work/records/<uuid:record_id>/closure")
@operation(
    summary="Bring an open record to its end",
    request=Closure,
    responses={200: RecordView},
    parameters=(IDEMPOTENCY,),
    tags=["work"],
)
def close(record_id: uuid.UUID) -> Response:
    actor, body = require(RECORD), api.read_model(Closure)
    order = Order(actor=actor, now=now(), request_key=api.request_key())
    return _answer(
        actor,
        _carry_out(
            actor, lambda session, files: operations.close(session, record_id, body.data, order, files=files)
        ),
    )


@blueprint.post("/work/records/<uuid:record_id>/withdrawal")
@operation(
    summary="Withdraw what should not have been recorded",
    request=Withdrawal,
    responses={200: RecordView},
    parameters=(IDEMPOTENCY,),
    tags=["work"],
)
def withdraw(record_id: uuid.UUID) -> Response:
    actor, body = require(RECORD), api.read_model(Withdrawal)
    order = Order(actor=actor, now=now(), request_key=api.request_key())
    return _answer(
        actor,
        _carry_out(actor, lambda session, _: operations.withdraw(session, record_id, order, why=body.why)),
    )


def _carry_out(actor: Actor, work: Callable[[Session, Sequence[EvidenceItem]], WorkRecord]) -> WorkRecord:
    looked = keeping.look([(one.filename, one.read()) for one in forms.files()], received_at=now())
    found = [one.item for one in looked]
    return keeping.carry_out(
        kernel().database, actor.scope, lambda session: work(session, found), files=looked, store=part(Store)
    )


def _answer(actor: Actor, row: WorkRecord, *, status: int = 200) -> Response:
    with reading(actor) as session:
        files = queries.files(session, [row.id])
    return api.answer(record_view(row, files.get(row.id, ())), status=status)


def _unit(session: Session, actor: Actor, raw: str) -> Organisation:
    units = form.units(session, actor)
    found = next((one for one in units if str(one.id) == raw), None) if raw else (units[0] if units else None)
    if found is None:
        raise Refused(fields=[FieldError("organisation", "unknown_organisation")])
    return found


def _id(raw: str, name: str) -> uuid.UUID:
    try:
        return uuid.UUID(raw)
    except ValueError:
        raise Refused(fields=[FieldError(name, "not_an_id", {"field": name})]) from None
