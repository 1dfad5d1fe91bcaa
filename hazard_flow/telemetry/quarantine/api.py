"""`/api/v1/quarantine`: messages that could not be used, and letting them be looked at again."""

import base64
import uuid

from flask import Blueprint, Response, request

from hazard_flow.errors import BadRequest, FieldError
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry.models import Inbox
from hazard_flow.telemetry.quarantine import operations, queries
from hazard_flow.telemetry.quarantine.resources import Quarantined, Reason, Replayed, Replaying
from hazard_flow.web import api, paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now
from hazard_flow.web.openapi import CURSOR, Listed, Parameter, operation

blueprint = Blueprint("quarantine_api", __name__, url_prefix=api.PREFIX)

_PILE = (
    Parameter("source", "Only of this source", {"type": "string", "format": "uuid"}),
    Parameter("reason", "Only with this code as the first reason", {"type": "string"}),
)


@blueprint.get("/quarantine")
@operation(
    summary="Messages that could not be used, newest first",
    responses={200: Listed(Quarantined)},
    parameters=(*_PILE, *CURSOR),
    tags=["telemetry"],
)
def listing() -> Response:
    actor = require(operations.READ)
    cursor, limit = paging.asked()
    source_id, code = _source(request.args.get("source")), request.args.get("reason", "")
    with kernel().database.reading(SYSTEM) as session:
        found = queries.page(session, actor, source_id=source_id, code=code, cursor=cursor, limit=limit)
        return api.envelope(found, _quarantined)


@blueprint.post("/quarantine/replay")
@operation(
    summary="Look again at the messages of a source and reason, the oldest 5000 at a time",
    request=Replaying,
    responses={200: Replayed},
    tags=["telemetry"],
)
def replay() -> Response:
    actor = require(operations.RIGHT)
    wanted = api.read_model(Replaying)
    with kernel().database.transaction(SYSTEM) as session:
        count = operations.replay_all(
            session, actor, source_id=wanted.source_id, code=wanted.reason, now=now()
        )
    return api.answer(Replayed(messages=count))


def _quarantined(one: Inbox) -> Quarantined:
    return Quarantined(
        id=one.id,
        source_id=one.source_id,
        kind=one.kind,
        received_at=one.received_at,
        reasons=[Reason(code=why.code, detail=why.detail) for why in queries.reasons_of(one.reason)],
        headers={name: str(value) for name, value in one.headers.items()},
        body_base64=base64.b64encode(one.body).decode(),
    )


def _source(raw: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(raw) if raw else None
    except ValueError as error:
        raise BadRequest("bad source", fields=[FieldError("source", "not_an_id")]) from error
