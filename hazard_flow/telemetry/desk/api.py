"""`/api/v1/alerts`: the list, one alert with its steps, what people do with it, the figures of the desk."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from hazard_flow.errors import BadRequest, FieldError
from hazard_flow.identity.actor import Actor
from hazard_flow.telemetry.desk import operations, queries, reporting, resources
from hazard_flow.telemetry.desk.models import AlertDuty
from hazard_flow.telemetry.desk.resources import (
    Acknowledge,
    AlertView,
    Archive,
    FeedBack,
    FiguresView,
    Hide,
    Respond,
    Show,
    WholeAlertView,
)
from hazard_flow.web import api, paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, reading
from hazard_flow.web.openapi import CURSOR, IDEMPOTENCY, IF_MATCH, Listed, Parameter, operation

blueprint = Blueprint("alerts_api", __name__, url_prefix=f"{api.PREFIX}/alerts")

READ = "alarms.read"
_TAGS = ["alerts"]
_WRITE = (IDEMPOTENCY, IF_MATCH)


@blueprint.get("")
@operation(
    summary="Alerts that fired, the newest raised first; by itself those of the active list",
    responses={200: Listed(AlertView)},
    parameters=(
        Parameter("view", "Which", {"type": "string", "enum": list(queries.VIEWS), "default": "active"}),
        Parameter("level", "Only at this level; 2 is the worse", {"type": "string", "enum": ["1", "2"]}),
        Parameter("q", "Words of site or device", {"type": "string", "maxLength": 100}),
        *CURSOR,
    ),
    tags=_TAGS,
)
def alerts() -> Response:
    actor, at = require(READ), now()
    cursor, limit = paging.asked()
    wanted = queries.read_wanted(request.args)
    with reading(actor) as session:
        page = queries.page(session, wanted, now=at, cursor=cursor, limit=limit)
        return api.envelope(page, lambda row: resources.alert_view(row, at))


@blueprint.get("/figures")
@operation(
    summary="The figures of the desk (ISA-18.2) in a span of at most 31 days, by itself the last seven",
    responses={200: FiguresView},
    parameters=(
        Parameter("since", "From this instant on", {"type": "string", "format": "date-time"}),
        Parameter("until", "Up to this instant", {"type": "string", "format": "date-time"}),
    ),
    tags=_TAGS,
)
def figures() -> Response:
    actor, at = require(READ), now()
    until = _instant("until") or at
    since = _instant("since") or until - reporting.SPAN
    if not timedelta() < until - since <= reporting.SPAN_MAX:
        raise BadRequest(
            "span too long", fields=[FieldError("since", "alert_span", {"days": reporting.SPAN_MAX.days})]
        )
    with reading(actor) as session:
        return api.answer(resources.figures_view(reporting.figures(session, since=since, until=until)))


@blueprint.get("/<uuid:alert_id>")
@operation(summary="One alert with its steps", responses={200: WholeAlertView}, tags=_TAGS)
def alert(alert_id: uuid.UUID) -> Response:
    with reading(require(READ)) as session:
        return _answer(session, alert_id)


@blueprint.post("/<uuid:alert_id>/acknowledgement")
@operation(
    summary="It was heard",
    request=Acknowledge,
    responses={200: WholeAlertView},
    parameters=_WRITE,
    tags=_TAGS,
)
def acknowledge(alert_id: uuid.UUID) -> Response:
    actor, body, key, at = require(operations.HANDLE), api.read_model(Acknowledge), api.request_key(), now()
    version = api.expected_version(body.expected_version)
    return _change(
        actor,
        alert_id,
        lambda session: operations.acknowledge(
            session,
            actor=actor,
            alert_id=alert_id,
            note=body.note,
            request_key=key,
            now=at,
            expected_version=version,
        ),
    )


@blueprint.post("/<uuid:alert_id>/response")
@operation(
    summary="Who was sent, or why nobody needs to go",
    request=Respond,
    responses={200: WholeAlertView},
    parameters=_WRITE,
    tags=_TAGS,
)
def respond(alert_id: uuid.UUID) -> Response:
    actor, body, key, at = require(operations.HANDLE), api.read_model(Respond), api.request_key(), now()
    version = api.expected_version(body.expected_version)
    return _change(
        actor,
        alert_id,
        lambda session: operations.respond(
            session,
            actor=actor,
            alert_id=alert_id,
            note=body.note,
            request_key=key,
            now=at,
            expected_version=version,
        ),
    )


@blueprint.post("/<uuid:alert_id>/feedback")
@operation(
    summary="What it turned out to have been: a person's verdict, after a reading on site",
    request=FeedBack,
    responses={200: WholeAlertView},
    parameters=_WRITE,
    tags=_TAGS,
)
def feed_back(alert_id: uuid.UUID) -> Response:
    actor, body, key, at = require(operations.HANDLE), api.read_model(FeedBack), api.request_key(), now()
    version = api.expected_version(body.expected_version)
    return _change(
        actor,
        alert_id,
        lambda session: operations.feed_back(
            session, actor=actor, alert_id=alert_id, cause=body.cause, reading=body.reading, unit=body.unit, note=body.note,
            request_key=key, now=at, expected_version=version,
        ),
    )  # fmt: skip


@blueprint.post("/<uuid:alert_id>/archive")
@operation(
    summary="Put it away: the signal is normal and a person has said what it was",
    request=Archive,
    responses={200: WholeAlertView},
    parameters=_WRITE,
    tags=_TAGS,
)
def archive(alert_id: uuid.UUID) -> Response:
    actor, body, key, at = require(operations.HANDLE), api.read_model(Archive), api.request_key(), now()
    version = api.expected_version(body.expected_version)
    return _change(
        actor,
        alert_id,
        lambda session: operations.archive(
            session, actor=actor, alert_id=alert_id, request_key=key, now=at, expected_version=version
        ),
    )


@blueprint.post("/<uuid:alert_id>/hiding")
@operation(
    summary="Off the active list for some hours; never at level 2, and its evaluation goes on",
    request=Hide,
    responses={200: WholeAlertView},
    parameters=_WRITE,
    tags=_TAGS,
)
def hide(alert_id: uuid.UUID) -> Response:
    actor, body, key, at = require(operations.HIDE), api.read_model(Hide), api.request_key(), now()
    version = api.expected_version(body.expected_version)
    return _change(
        actor,
        alert_id,
        lambda session: operations.hide(
            session, actor=actor, alert_id=alert_id, kind=body.kind, reason=body.reason, hours=body.hours,
            work_order=body.work_order, request_key=key, now=at, expected_version=version,
        ),
    )  # fmt: skip


@blueprint.post("/<uuid:alert_id>/showing")
@operation(
    summary="Back on the active list before its time",
    request=Show,
    responses={200: WholeAlertView},
    parameters=_WRITE,
    tags=_TAGS,
)
def show(alert_id: uuid.UUID) -> Response:
    actor, body, key, at = require(operations.HIDE), api.read_model(Show), api.request_key(), now()
    version = api.expected_version(body.expected_version)
    return _change(
        actor,
        alert_id,
        lambda session: operations.show(
            session, actor=actor, alert_id=alert_id, request_key=key, now=at, expected_version=version
        ),
    )


def _change(actor: Actor, alert_id: uuid.UUID, work: Callable[[Session], AlertDuty]) -> Response:
    def done(session: Session) -> Response:
        work(session)
        return _answer(session, alert_id)

    return kernel().database.carry_out(actor.scope, done)


def _answer(session: Session, alert_id: uuid.UUID) -> Response:
    at = now()
    row = queries.by_id(session, alert_id, now=at)
    view = resources.whole_view(row, queries.steps_of(session, alert_id), at)
    return api.answer(view, headers={"ETag": f'"{view.version}"'})


def _instant(name: str) -> datetime | None:
    raw = request.args.get(name)
    if not raw:
        return None
    try:
        found = datetime.fromisoformat(raw)
        if found.tzinfo is None:
            raise ValueError("an instant without a zone")
    except (ValueError, OverflowError) as error:
        raise BadRequest("not an instant", fields=[FieldError(name, "not_an_instant_with_zone")]) from error
    return found
