"""The quarantine: what could not be used and why, the bytes as they came, and letting it be looked at again."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from markupsafe import Markup
from sqlalchemy.orm import Session

from hazard_flow.errors import NotFound
from hazard_flow.i18n import known, text
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import may
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry.models import Inbox
from hazard_flow.telemetry.quarantine import operations, queries
from hazard_flow.telemetry.quarantine.queries import Reason, as_text, hex_lines, reasons_of
from hazard_flow.telemetry.senders.kinds import KINDS
from hazard_flow.telemetry.senders.operations import RIGHT as SENDERS_RIGHT
from hazard_flow.web import forms, paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now
from hazard_flow.web.locale import current_locale, say

blueprint = Blueprint("quarantine", __name__, template_folder="templates")


@blueprint.get("/quarantine")
def listing() -> str:
    actor = require(operations.READ)
    cursor, limit = paging.asked()
    source_id, code = _id(request.args.get("source")), request.args.get("reason", "")
    # As the system: messages belong to no hazard yet; the queries narrow them to the person's own sources.
    with kernel().database.reading(SYSTEM) as session:
        piles = queries.piles(session, actor)
        found = queries.page(session, actor, source_id=source_id, code=code, cursor=cursor, limit=limit)
        names = {pile.source_id: pile.source for pile in piles}
        rows = [_row(one, names.get(one.source_id, "")) for one in found.items]
    return render_template(
        "quarantine/list.html",
        piles=[_pile(one) for one in piles],
        total=sum(one.count for one in piles),
        rows=rows,
        page=paging.links(found),
        narrowed=bool(source_id or code),
        may_replay=may(actor, operations.RIGHT),
    )


@blueprint.get("/quarantine/<uuid:message_id>")
def show(message_id: uuid.UUID) -> str:
    actor = require(operations.READ)
    with kernel().database.reading(SYSTEM) as session:
        found, source = queries.message(session, actor, message_id)
        row = _row(found, source.name)
        headers, body = dict(found.headers), found.body
    return render_template(
        "quarantine/show.html",
        one=row,
        source_href=f"/sources/{source.id}" if may(actor, SENDERS_RIGHT) else "",
        headers=[(name, str(value)) for name, value in sorted(headers.items())],
        hex="\n".join(hex_lines(body)),
        text=as_text(body),
        size=len(body),
        is_cut=len(body) > queries.BYTES_SHOWN,
        may_replay=may(actor, operations.RIGHT),
    )


@blueprint.post("/quarantine/<uuid:message_id>/replay")
def replay(message_id: uuid.UUID) -> Response:
    actor = require(operations.RIGHT)
    with kernel().database.transaction(SYSTEM) as session:
        operations.replay_one(session, actor, message_id, now=now())
    flash(say("quarantine.replayed", n=1), "done")
    return make_response(redirect("/quarantine", code=303))


@blueprint.post("/quarantine/replay")
def replay_all() -> Response:
    actor = require(operations.RIGHT)
    source_id, code = _id(forms.value("source")), forms.value("reason")
    with kernel().database.transaction(SYSTEM) as session:
        count = operations.replay_all(session, actor, source_id=source_id, code=code, now=now())
    flash(say("quarantine.replayed", n=count), "done")
    return make_response(redirect("/quarantine", code=303))


def waiting(_session: Session, actor: Actor) -> int:
    """The number behind the entry in the rail."""
    with kernel().database.reading(SYSTEM) as session:
        return queries.count(session, actor)


def home_tile(_session: Session, actor: Actor, _subject: Any, _locale: str) -> Markup | None:
    """On the home page of whoever looks after the quarantine, while anything lies in it."""
    if not may(actor, operations.READ):
        return None
    with kernel().database.reading(SYSTEM) as session:
        piles = queries.piles(session, actor)
    if not piles:
        return None
    drawn = render_template(
        "quarantine/tile.html", piles=[_pile(one) for one in piles[:3]], total=sum(one.count for one in piles)
    )
    return Markup(drawn)  # noqa: S704 - our own template, which escapes


def _pile(one: queries.Pile) -> dict[str, Any]:
    return {
        "source": one.source,
        "source_id": one.source_id,
        "kind": _kind(one.kind),
        "code": one.code,
        "reason": sentence(one.code),
        "count": one.count,
    }


def _row(one: Inbox, source: str) -> dict[str, Any]:
    return {
        "id": one.id,
        "at": one.received_at,
        "source": source,
        "kind": _kind(one.kind),
        "reasons": [(sentence(reason.code), reason.detail) for reason in _few(reasons_of(one.reason))],
        "size": len(one.body),
    }


def _few(reasons: Sequence[Reason]) -> Sequence[Reason]:
    return reasons[:5]


def sentence(code: str) -> str:
    """A reason in the reader's words; a code nobody wrote a sentence for stands for itself."""
    key = f"telemetry.reason.{code}"
    return text(key, current_locale()) if known(key) else code


def _kind(kind: str) -> str:
    return KINDS[kind].label.in_(current_locale()) if kind in KINDS else kind


def _id(raw: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(raw) if raw else None
    except ValueError as error:
        raise NotFound(f"source {raw}") from error
