"""`POST /in/<kind>/<token>`: whoever sends alarms over HTTP. Stored first, answered second, understood third (`intake`)."""

from flask import Blueprint, Response, current_app, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from hazard_flow.telemetry.deliveries import Delivery, Together
from hazard_flow.telemetry.operations import token_digest
from hazard_flow.web.auth import machine
from hazard_flow.web.context import kernel, now

blueprint = Blueprint("telemetry", __name__, template_folder="templates")

#: where the application keeps its `Together`
EXTENSION = "hazard_flow.deliveries"
#: bodies of these types are many messages, one a line
LINES = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})
LINES_MAX = 10_000


@blueprint.post("/in/<kind>/<token>")
@machine
def receive(kind: str, token: str) -> tuple[Response, int]:
    """202 once the bytes are committed, readable or not: a sender must not have to repeat what we hold.

    A body of type `application/x-ndjson` is a batch: each line is stored, answered for and evaluated as if it had come alone, all in
    one transaction. 401 unknown address, 403 the address is another kind's or switched off, 413 over 1 MB or 10 000 lines; nothing
    else is refused.
    """
    body = request.get_data(cache=False, parse_form_data=False)
    bodies = _lines(body) if request.mimetype in LINES else [body]
    stored = _together().store(
        Delivery(
            kind=kind,
            token_digest=token_digest(token),
            bodies=bodies,
            received_at=now(),
            headers=dict(request.headers),
        )
    )
    answer: dict[str, bool | int] = {"stored": True, "seen_before": not any(stored)}
    if request.mimetype in LINES:
        answer |= {"messages": len(stored), "new": sum(stored)}
    return jsonify(answer), 202


def _together() -> Together:
    # All requests of a process share one.
    found = current_app.extensions.setdefault(EXTENSION, Together(kernel().database))
    assert isinstance(found, Together)
    return found


def _lines(body: bytes) -> list[bytes]:
    """The lines that are not blank; a batch without any is kept as the one strange message it is."""
    lines = [line for part in body.split(b"\n") if (line := part.strip(b"\r"))]
    if len(lines) > LINES_MAX:
        raise RequestEntityTooLarge
    return lines or [body]
