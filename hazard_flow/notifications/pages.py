"""The inbox of the signed-in person, the number in the rail, and the panel of deliveries on a hazard's page."""

import uuid
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template
from markupsafe import Markup
from sqlalchemy.orm import Session

from hazard_flow.errors import NotFound, SignInNeeded
from hazard_flow.hazards.rules import rules_of
from hazard_flow.identity.actor import Actor
from hazard_flow.notifications import operations, queries
from hazard_flow.notifications.items import item
from hazard_flow.notifications.panels import delivery_rows
from hazard_flow.web import paging
from hazard_flow.web.auth import current_actor
from hazard_flow.web.context import kernel, now, reading, writing
from hazard_flow.web.locale import current_locale, say
from hazard_flow.web.views import InboxItem

blueprint = Blueprint("notifications", __name__, template_folder="templates")

#: deliveries shown before the fold
PANEL_KEEP = 6


@blueprint.get("/inbox")
def inbox() -> str:
    actor = current_actor()
    cursor, limit = paging.asked()
    at, locale, zone = now(), current_locale(), kernel().settings.zone
    with reading(actor) as session:
        page = queries.inbox_page(session, _person(actor), cursor=cursor, limit=limit)
        rules = rules_of(session)
        items = [item(message, locale, rules=rules, zone=zone, now=at) for message in page.items]
    may_mark = any(not one.is_read for one in items)
    return render_template("inbox.html", items=items, may_mark_read=may_mark, page=paging.links(page))


@blueprint.post("/inbox/read")
def inbox_read() -> Response:
    actor = current_actor()
    with writing(actor) as session:
        operations.mark_read(session, _person(actor), now=now())
    flash(say("notice.all_read"), "done")
    return make_response(redirect("/inbox", code=303))


@blueprint.post("/inbox/<message>/acknowledgement")
def inbox_acknowledge(message: str) -> Response:
    actor = current_actor()
    try:
        wanted = uuid.UUID(message)
    except ValueError as error:
        raise NotFound(f"message {message}") from error
    with writing(actor) as session:
        operations.acknowledge(session, actor, wanted, now=now())
    flash(say("notice.acknowledged"), "done")
    return make_response(redirect("/inbox", code=303))


def unread(session: Session, actor: Actor) -> int:
    """The number behind the inbox in the rail."""
    return queries.unread_count(session, actor.id) if actor.id is not None else 0


def waiting(session: Session, actor: Actor, locale: str) -> list[InboxItem]:
    """What this person must still acknowledge: shown first on the home page."""
    if actor.id is None:
        return []
    rules, zone, at = rules_of(session), kernel().settings.zone, now()
    return [
        item(one, locale, rules=rules, zone=zone, now=at) for one in queries.to_acknowledge(session, actor.id)
    ]


def deliveries_panel(session: Session, actor: Actor, hazard: Any, locale: str) -> Markup | None:
    """Who was told what about this hazard; nothing where nobody was told yet."""
    rows = delivery_rows(session, hazard, locale, reader=actor, zone=kernel().settings.zone, now=now())
    if not rows:
        return None
    return Markup(render_template("notifications/deliveries.html", rows=rows, keep=PANEL_KEEP))  # noqa: S704 - escaped by the template


def _person(actor: Actor) -> uuid.UUID:
    if actor.id is None:
        raise SignInNeeded("only people have an inbox")
    return actor.id
