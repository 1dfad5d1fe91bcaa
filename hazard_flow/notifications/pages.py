"""The inbox, the number in the rail, the panel of deliveries on a hazard's page; what was not delivered, and what is carried by hand."""

import uuid
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, flash, make_response, redirect, render_template
from markupsafe import Markup
from sqlalchemy.orm import Session

from hazard_flow.errors import NotFound, SignInNeeded
from hazard_flow.hazards.keepers import looked_after
from hazard_flow.hazards.rules import rules_of
from hazard_flow.identity.actor import Actor
from hazard_flow.notifications import errands, keeping, operations, queries
from hazard_flow.notifications.items import item
from hazard_flow.notifications.lists import errand_groups, undelivered_rows, upkeep_rows
from hazard_flow.notifications.models import Errand
from hazard_flow.notifications.panels import delivery_groups, delivery_rows
from hazard_flow.schedule.models import Upkeep
from hazard_flow.schedule.queries import dead_count
from hazard_flow.schedule.upkeep import recent
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.web import forms, paging
from hazard_flow.web.auth import current_actor, require
from hazard_flow.web.context import kernel, now, reading, writing
from hazard_flow.web.locale import current_locale, say
from hazard_flow.web.views import InboxItem

blueprint = Blueprint("notifications", __name__, template_folder="templates")

#: events of which the deliveries are shown before the fold
PANEL_KEEP = 3
KEEPERS_RIGHT = "deadletters.read"


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
    return _to("/inbox")


@blueprint.post("/inbox/<message>/acknowledgement")
def inbox_acknowledge(message: str) -> Response:
    actor = current_actor()
    with writing(actor) as session:
        operations.acknowledge(session, actor, _id(message), now=now())
    flash(say("notice.acknowledged"), "done")
    return _to("/inbox")


@blueprint.get("/notices/undelivered")
def undelivered() -> str:
    actor = require(KEEPERS_RIGHT)
    cursor, limit = paging.asked()
    at, locale, zone = now(), current_locale(), kernel().settings.zone
    mine = keeping.may_see(actor)
    # As the system: an administrator sees no hazards, yet must see every message that does not arrive.
    with kernel().database.reading(SYSTEM) as session:
        page = keeping.dead_page(session, seen=mine, cursor=cursor, limit=limit)
        rows = undelivered_rows(session, page.items, locale, zone=zone, now=at)
        late, waiting_count = keeping.waiting(session, at, seen=mine)
        waiting = undelivered_rows(session, late, locale, zone=zone, now=at)
        done = recent(
            session,
            ("message.retried", "message.settled"),
            seen=looked_after(actor, home=Upkeep.home_id, subject=Upkeep.subject_id),
        )
        acts = upkeep_rows(session, done, locale)
    return render_template(
        "notifications/undelivered.html",
        rows=rows,
        page=paging.links(page),
        waiting=waiting,
        waiting_count=waiting_count,
        acts=acts,
        note_at_most=keeping.NOTE_LENGTH_MAX,
    )


@blueprint.post("/notices/undelivered/<message>/retry")
def undelivered_retry(message: str) -> Response:
    actor = require(KEEPERS_RIGHT)
    alike = forms.value("alike") == "true"
    with kernel().database.transaction(SYSTEM) as session:
        count = keeping.retry(
            session, _id(message), actor=actor.key, now=now(), alike=alike, seen=keeping.may_see(actor)
        )
    flash(say("notice.undelivered.retried", n=count), "done")
    return _to("/notices/undelivered")


@blueprint.post("/notices/undelivered/<message>/settlement")
def undelivered_settle(message: str) -> Response:
    actor = require(KEEPERS_RIGHT)
    alike, said = forms.value("alike") == "true", forms.value("note")
    with kernel().database.transaction(SYSTEM) as session:
        count = keeping.settle(
            session,
            _id(message),
            actor=actor.key,
            said=said,
            now=now(),
            alike=alike,
            seen=keeping.may_see(actor),
        )
    flash(say("notice.undelivered.settled", n=count), "done")
    return _to("/notices/undelivered")


@blueprint.get("/errands")
def errand_list() -> str:
    actor = require(errands.RIGHT)
    at, locale, zone = now(), current_locale(), kernel().settings.zone
    with kernel().database.reading(SYSTEM) as session:
        still, over = errand_groups(session, actor, locale, zone=zone, now=at)
    return render_template(
        "notifications/errands.html", groups=still, ended=over, note_at_most=errands.NOTE_LENGTH_MAX
    )


@blueprint.post("/errands/<errand>/entries")
def errand_log(errand: str) -> Response:
    actor = require(errands.RIGHT)
    # As the system: the outcome may have to be told to keepers this person cannot see. `errands.seen` says which are theirs.
    with kernel().database.transaction(SYSTEM) as session:
        errands.log_outcome(
            session,
            actor,
            _id(errand),
            outcome=forms.value("outcome"),
            note=forms.value("note"),
            now=now(),
        )
    flash(say("notice.errand.logged"), "done")
    return _to("/errands")


def unread(session: Session, actor: Actor) -> int:
    """The number behind the inbox in the rail."""
    return queries.unread_count(session, actor.id) if actor.id is not None else 0


def dead(_session: Session, actor: Actor) -> int:
    """The number behind the list of undelivered messages in the rail."""
    with kernel().database.reading(SYSTEM) as session:
        return dead_count(session, seen=keeping.may_see(actor))


def errands_open(session: Session, actor: Actor) -> int:
    """The number behind the errands in the rail: those asked of this person, not all they may see."""
    if actor.id is None:
        return 0
    wanted = (Errand.state == "open", Errand.doers.contains(f",{actor.id.hex},"))
    return int(session.scalar(sa.select(sa.func.count()).select_from(Errand).where(*wanted)) or 0)


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
    groups = delivery_groups(rows)
    return Markup(render_template("notifications/deliveries.html", groups=groups, keep=PANEL_KEEP))  # noqa: S704 - escaped by the template


def _person(actor: Actor) -> uuid.UUID:
    if actor.id is None:
        raise SignInNeeded("only people have an inbox")
    return actor.id


def _id(raw: str) -> uuid.UUID:
    try:
        return uuid.UUID(raw)
    except ValueError as error:
        raise NotFound(raw[:40]) from error


def _to(path: str) -> Response:
    return make_response(redirect(path, code=303))
