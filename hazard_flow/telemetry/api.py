"""`POST /in/<kind>/<token>`: whoever sends alarms over HTTP. Stored first, answered second, understood third (`intake`)."""

import uuid

import sqlalchemy as sa
from flask import Blueprint, Response, jsonify, request

from hazard_flow.errors import NotAllowed, SignInNeeded
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry import inbox
from hazard_flow.telemetry.deliveries import delivered
from hazard_flow.telemetry.models import Source
from hazard_flow.telemetry.operations import token_digest
from hazard_flow.web.auth import machine
from hazard_flow.web.context import kernel, now

blueprint = Blueprint("telemetry", __name__, template_folder="templates")


class UnknownAddress(SignInNeeded):
    """No source has this address."""

    code = "unknown_source"


class SourceRefused(NotAllowed):
    """The source exists, but not for this."""

    code = "source_refused"


@blueprint.post("/in/<kind>/<token>")
@machine
def receive(kind: str, token: str) -> tuple[Response, int]:
    """202 once the bytes are committed, readable or not: a sender must not have to repeat what we hold.

    401 unknown address, 403 the address is another kind's or switched off, 413 over 1 MB; nothing else is refused.
    """
    source_id = _source(kind, token)
    body = request.get_data(cache=False, parse_form_data=False)
    arrival = delivered(source_id, kind, body, dict(request.headers), now=now())
    with kernel().database.transaction(SYSTEM) as session:
        stored = inbox.store(session, [arrival])
    return jsonify({"stored": True, "seen_before": stored == 0}), 202


def _source(kind: str, token: str) -> uuid.UUID:
    wanted = sa.select(Source.id, Source.kind, Source.active).where(
        Source.token_digest == token_digest(token)
    )
    with kernel().database.reading(SYSTEM) as session:
        found = session.execute(wanted).one_or_none()
    if found is None:
        raise UnknownAddress
    source_id, its_kind, active = found
    if its_kind != kind or not active:
        raise SourceRefused(kind)
    assert isinstance(source_id, uuid.UUID)
    return source_id
