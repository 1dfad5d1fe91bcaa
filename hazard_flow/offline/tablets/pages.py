"""The pages of tablets: which hold records that have not arrived, one with its people and what was done, and the tile at home."""

import uuid
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template
from markupsafe import Markup
from sqlalchemy.orm import Session

from hazard_flow.errors import Refused
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.queries import names
from hazard_flow.identity.rights import may
from hazard_flow.offline.tablets import operations, queries, shown
from hazard_flow.offline.tablets.operations import READ, WRITE
from hazard_flow.offline.tablets.seams import FieldApp
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.web import forms
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, part, reading
from hazard_flow.web.locale import current_locale, say
from hazard_flow.web.sentences import field_sentence
from hazard_flow.web.views import FormError, Kpi

blueprint = Blueprint("tablets", __name__, template_folder="templates")


@blueprint.get("/tablets")
def listing() -> str:
    actor, at = require(READ), now()
    with reading(actor) as session:
        found, total = queries.listed(session, actor)
        rows = _rows(session, found, at)
    kpis = [
        Kpi(say("tablets.kpi.tablets"), str(total)),
        Kpi(say("tablets.kpi.with_unsent"), str(sum(1 for row in rows if row.unsent))),
        Kpi(say("tablets.kpi.unsent"), str(sum(row.unsent for row in rows))),
        Kpi(say("tablets.kpi.troubled"), str(sum(1 for row in rows if row.troubles)), tone="strong"),
    ]
    return render_template("tablets/list.html", rows=rows, kpis=kpis, more=total - len(rows))


@blueprint.get("/tablets/<uuid:tablet_id>")
def show(tablet_id: uuid.UUID) -> str:
    return _page(require(READ), tablet_id)


@blueprint.post("/tablets/<uuid:tablet_id>/label")
def label(tablet_id: uuid.UUID) -> Response:
    actor, wanted = require(WRITE), forms.value("label")
    try:
        with kernel().database.transaction(SYSTEM) as session:
            operations.give_label(session, actor, tablet_id, wanted, now=now())
    except Refused as refused:
        return make_response(_page(actor, tablet_id, refused=refused, label=wanted), 422)
    flash(say("tablets.labelled"), "done")
    return _to(tablet_id)


@blueprint.post("/tablets/<uuid:tablet_id>/lost")
def lost(tablet_id: uuid.UUID) -> Response:
    actor = require(WRITE)
    with kernel().database.transaction(SYSTEM) as session:
        operations.mark_lost(session, actor, tablet_id, now=now())
    flash(say("tablets.lost_done"), "done")
    return _to(tablet_id)


@blueprint.post("/tablets/<uuid:tablet_id>/found")
def found(tablet_id: uuid.UUID) -> Response:
    actor = require(WRITE)
    with kernel().database.transaction(SYSTEM) as session:
        operations.mark_found(session, actor, tablet_id, now=now())
    flash(say("tablets.found_done"), "done")
    return _to(tablet_id)


def home_tile(session: Session, actor: Actor, _subject: Any, locale: str) -> Markup | None:
    """At home of whoever looks after tablets, while any of them holds something unsent; the troubled ones by name."""
    if not may(actor, READ):
        return None
    counted = queries.counts(session, actor)
    if not counted.with_unsent:
        return None
    known, _ = queries.listed(session, actor)
    rows = [row for row in _rows(session, known, now(), locale=locale) if row.unsent]
    drawn = render_template("tablets/tile.html", rows=rows[:3], counts=counted)
    return Markup(drawn)  # noqa: S704 - our own template, which escapes


def in_trouble(session: Session, actor: Actor) -> int:
    """How many tablets hold records that may be lost; the number at the tab."""
    return queries.endangered(session, actor, now=now())


def _page(actor: Actor, tablet_id: uuid.UUID, *, refused: Refused | None = None, label: str = "") -> str:
    at, locale, zone = now(), current_locale(), kernel().settings.zone
    with reading(actor) as session:
        tablet = queries.one(session, actor, tablet_id)
        [row] = _rows(session, [tablet], at)
    # Sign-ins and what keepers did are nobody's to read by themselves; the tablet above was found in the reader's own reach.
    with kernel().database.reading(SYSTEM) as session:
        people = queries.uses(session, tablet)
        acts = [(say(f"tablets.act.{one.act}"), one) for one in queries.acts(session, tablet)]
        who = names(session, [uuid.UUID(one.actor.removeprefix("person:")) for _, one in acts])
    return render_template(
        "tablets/show.html",
        row=row,
        tablet=tablet,
        label_value=label or tablet.label,
        people=people,
        acts=[
            (said, who.get(uuid.UUID(one.actor.removeprefix("person:")), ""), one.at) for said, one in acts
        ],
        may_write=may(actor, WRITE),
        now=at,
        errors=[
            FormError(field=one.field, text=field_sentence(one, locale, zone))
            for one in (refused.fields if refused else ())
        ],
    )


def _rows(session: Session, found: Any, at: Any, *, locale: str = "") -> list[shown.Row]:
    return shown.rows(
        session,
        found,
        newest_version=part(FieldApp).version(),
        locale=locale or current_locale(),
        now=at,
    )


def _to(tablet_id: uuid.UUID) -> Response:
    return make_response(redirect(f"/tablets/{tablet_id}", code=303))
