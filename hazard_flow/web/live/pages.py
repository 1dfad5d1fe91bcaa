"""`/live`: the stream itself. Signed-in people only; what it names lies within their scope."""

import json
import time
from collections.abc import Iterator, Mapping

from flask import Blueprint, Response, request
from sqlalchemy.exc import SQLAlchemyError

from hazard_flow.errors import BadRequest, FieldError
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import demand
from hazard_flow.storage.unit import Database
from hazard_flow.web.auth import current_actor
from hazard_flow.web.context import kernel, part
from hazard_flow.web.live.hub import Hub
from hazard_flow.web.live.topics import read_markers, write_markers

blueprint = Blueprint("live", __name__)

#: a line is sent at least so often: it keeps proxies awake and finds out who has gone
HEARTBEAT_SECONDS = 10.0
#: a stream ends by itself after so long; the browser comes back, and whoever signed out meanwhile does not
STREAM_SECONDS = 120.0
#: how soon a browser comes back
RETRY_SECONDS = 4


@blueprint.get("/live")
def stream() -> Response:
    """Server-sent events of the topics named by `topic`: `{"topic", "changed": [ids] | null}`; null means too many to name.

    The event's id holds the markers; a browser that lost the line sends it back as `Last-Event-ID` and misses nothing. A page gives the
    marker it was drawn at as `since`.
    """
    actor, hub = current_actor(), part(Hub)
    names = tuple(dict.fromkeys(request.args.getlist("topic")))
    if not names or any(name not in hub.topics.by_name for name in names):
        choices = ", ".join(hub.topics.by_name)
        raise BadRequest("unknown topic", fields=[FieldError("topic", "not_a_choice", {"choices": choices})])
    for name in names:
        demand(actor, hub.topics.by_name[name].right)
    since = read_markers(request.headers.get("Last-Event-ID") or request.args.get("since", ""))
    response = Response(_lines(hub, kernel().database, actor, names, since), mimetype="text/event-stream")
    # nginx would collect the lines, a cache would keep them
    response.headers["X-Accel-Buffering"] = "no"
    response.headers["Cache-Control"] = "no-store"
    return response


def _lines(
    hub: Hub, database: Database, actor: Actor, names: tuple[str, ...], since: Mapping[str, int]
) -> Iterator[str]:
    with hub.place(actor.key) as has_place:
        yield f"retry: {RETRY_SECONDS * 1000}\n\n"
        # a browser that does not say where it is begins here
        known = {**hub.markers(), **since}
        until = time.monotonic() + STREAM_SECONDS
        is_first = True
        while has_place or is_first:
            # The first line goes out at once: whoever looks knows that the page is live.
            within = HEARTBEAT_SECONDS if has_place and not is_first else 0.0
            markers = hub.await_change(names, known, within=within)
            moved = {
                name: known.get(name, 0) for name, number in markers.items() if number != known.get(name)
            }
            known |= markers
            try:
                told = _told(hub, database, actor, moved) if moved else []
            except SQLAlchemyError:
                return  # the browser comes back with the id it had
            if moved or is_first:
                yield f"id: {write_markers({name: known.get(name, 0) for name in names})}\n"
            yield "".join(f"data: {json.dumps(one)}\n\n" for one in told) or ": here\n\n"
            is_first = False
            if time.monotonic() >= until:
                return


def _told(hub: Hub, database: Database, actor: Actor, moved: Mapping[str, int]) -> list[dict[str, object]]:
    """What to say of the topics that moved, each with the marker it had: only what lies within the actor's scope."""
    told: list[dict[str, object]] = []
    with database.reading(actor.scope) as session:
        for name, before in moved.items():
            changed = hub.topics.by_name[name].changes(session, before)
            if changed is None or changed:
                told.append({"topic": name, "changed": changed})
    return told
