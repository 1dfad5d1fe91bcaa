"""The pages of supervision tasks: both sides' list, a new one, one task with its steps, the notice on paper."""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.errors import BadRequest, Conflict, FieldError, HazardFlowError, NotAllowed, Refused
from hazard_flow.evidence.store import Store
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import may
from hazard_flow.inspections.work_lines import WORK_LINES
from hazard_flow.storage.base import new_id
from hazard_flow.supervision.files import Given
from hazard_flow.supervision.issuing import ORDER, READ
from hazard_flow.supervision.tasks import operations, queries, shown
from hazard_flow.supervision.tasks.models import STATES, SupervisionTask
from hazard_flow.supervision.tasks.orders import Order
from hazard_flow.web import forms, paging
from hazard_flow.web.acts import refusal
from hazard_flow.web.auth import current_actor, require
from hazard_flow.web.context import kernel, now, part, reading
from hazard_flow.web.locale import current_locale, say
from hazard_flow.web.views import Kpi

blueprint = Blueprint("supervision_tasks", __name__, template_folder="../templates")

Work = Callable[
    [Session, Actor, uuid.UUID, Mapping[str, Any], str, datetime, int | None, list[Given]], SupervisionTask
]
ORDER_FIELDS = ("organisation", "title", "reach", "content", "line", "asset", "due_on", "rule", "starts_on")


@blueprint.get("/supervision/tasks")
def listing() -> str:
    actor, locale, at = require(READ), current_locale(), now()
    wanted = queries.read_wanted(request.args)
    cursor, limit = paging.asked()
    with reading(actor) as session:
        page = queries.page(session, wanted, actor, at, cursor=cursor, limit=limit)
        counts = queries.counts(session, actor, at)
        rows = shown.rows(session, page.items, at, locale)
    kpis = [
        Kpi(say(f"supervision.task_kpi.{name}"), str(counts[name]), tone="strong" if name == "overdue" else "plain",
            href="/supervision/tasks?overdue=1" if name == "overdue" else f"/supervision/tasks?state={name}")
        for name in ("open", "issued", "fed_back", "overdue")
    ]  # fmt: skip
    return render_template(
        "supervision/tasks.html", rows=rows, page=paging.links(page), kpis=kpis, wanted=wanted, states=STATES,
        is_filtered=wanted != queries.Wanted(), lines=shown.lines(locale), may_order=may(actor, ORDER), sides=queries.SIDES,
    )  # fmt: skip


@blueprint.get("/supervision/tasks/new")
def new() -> str:
    actor = require(ORDER)
    return _form(
        actor, {name: request.args.get(name, "")[:80] for name in ("organisation", "line", "asset")}, ()
    )


@blueprint.post("/supervision/tasks")
def assign() -> Response:
    actor, given, key, at = require(ORDER), forms.values(), forms.request_key(), now()
    attached, store = uploads(), part(Store)
    order = Order(**{name: str(given.get(name, "")) for name in ORDER_FIELDS})

    def work(session: Session) -> uuid.UUID:
        return operations.assign(
            session, actor=actor, order=order, request_key=key, now=at, attached=attached, store=store
        ).id

    try:
        id_ = kernel().database.carry_out(actor.scope, work)
    except (Refused, NotAllowed) as refused:
        return make_response(_form(actor, given, refused.fields), refused.status)
    flash(say("supervision.did.assign"), "done")
    return make_response(redirect(f"/supervision/tasks/{id_}", code=303))


@blueprint.get("/supervision/tasks/<uuid:task_id>")
def show(task_id: uuid.UUID) -> str:
    return _page(current_actor(), task_id, None)


@blueprint.post(
    "/supervision/tasks/<uuid:task_id>/<any(receive, progress, feed_back, accept, send_back, cancel):act>"
)
def do(task_id: uuid.UUID, act: str) -> Response:
    """Everything that is done to a task; who may is the operation's to say: also whoever was named responsible answers."""
    actor, given, key, at = current_actor(), forms.values(), forms.request_key(), now()
    version, attached, work = forms.expected_version(), uploads(), _WORKS[act]
    try:
        kernel().database.carry_out(
            actor.scope, lambda session: work(session, actor, task_id, given, key, at, version, attached).id
        )
    except (Refused, Conflict, NotAllowed) as refused:
        return make_response(_page(actor, task_id, (act, refused)), refused.status)
    flash(say(f"supervision.did.{act}"), "done")
    return make_response(redirect(f"/supervision/tasks/{task_id}", code=303))


@blueprint.get("/supervision/tasks/<uuid:task_id>/notice")
def notice(task_id: uuid.UUID) -> str:
    """The notice (督办通知书) for print."""
    actor, locale, at = current_actor(), current_locale(), now()
    with reading(actor) as session:
        task = queries.one(session, task_id)
        [row] = shown.rows(session, [task], at, locale)
    return render_template("supervision/notice.html", task=task, row=row, lines=dict(shown.lines(locale)))


def waiting(session: Session, actor: Actor) -> int:
    """How many tasks wait for this person's side; the number in the rail."""
    return queries.waiting_for(session, actor) if may(actor, READ) else 0


def uploads() -> list[Given]:
    """The files of a form."""
    return [Given(one.filename, one.read()) for one in forms.files()]


def _form(actor: Actor, given: Mapping[str, Any], faults: Any) -> str:
    locale, zone = current_locale(), kernel().settings.zone
    with reading(actor) as session:
        made = shown.order_fields(session, given, faults, actor=actor, locale=locale, zone=zone)
    return render_template(
        "supervision/task_new.html", fields=made.made, errors=made.errors(), request_key=str(new_id())
    )


def _page(actor: Actor, task_id: uuid.UUID, refused: tuple[str, HazardFlowError] | None) -> str:
    locale, zone, at = current_locale(), kernel().settings.zone, now()
    given = forms.values() if refused else {}
    with reading(actor) as session:
        task = queries.one(session, task_id)
        [row] = shown.rows(session, [task], at, locale)
        acts = shown.acts(session, task, actor, locale=locale, zone=zone, given=given, refused=refused)
        is_shown = refused is not None and any(one.key == refused[0] and one.errors for one in acts)
        place = session.get(Asset, task.asset_id) if task.asset_id else None
        return render_template(
            "supervision/task.html", task=task, row=row, acts=acts, place=place, lines=WORK_LINES,
            steps=shown.step_rows(session, task, locale, zone),
            refusal=refusal(refused[1], locale, zone) if refused and not is_shown else "",
        )  # fmt: skip


def _id(given: Mapping[str, Any], name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(given[name])) if given.get(name) else None
    except ValueError as error:
        raise BadRequest(name, fields=[FieldError(name, "not_an_id")]) from error


def _words(given: Mapping[str, Any]) -> str:
    return str(given.get("words") or "")


def _works() -> dict[str, Work]:
    return {
        "receive": lambda s, a, i, g, k, t, v, f: operations.receive(
            s, actor=a, task_id=i, responsible_id=_id(g, "responsible"), request_key=k, now=t
        ),
        "progress": lambda s, a, i, g, k, t, v, f: operations.progress(
            s, actor=a, task_id=i, words=_words(g), request_key=k, now=t, attached=f, store=part(Store)
        ),
        "feed_back": lambda s, a, i, g, k, t, v, f: operations.feed_back(
            s, actor=a, task_id=i, words=_words(g), request_key=k, now=t, attached=f, store=part(Store)
        ),
        "accept": lambda s, a, i, g, k, t, v, f: operations.accept(
            s, actor=a, task_id=i, words=_words(g), request_key=k, now=t, expected_version=v
        ),
        "send_back": lambda s, a, i, g, k, t, v, f: operations.send_back(
            s, actor=a, task_id=i, words=_words(g), due_on=str(g.get("due_on") or ""), request_key=k, now=t, expected_version=v
        ),
        "cancel": lambda s, a, i, g, k, t, v, f: operations.cancel(
            s, actor=a, task_id=i, words=_words(g), request_key=k, now=t, expected_version=v
        ),
    }  # fmt: skip


_WORKS = _works()
