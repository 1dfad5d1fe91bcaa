"""The page of what is owed by when, one limit with its steps, the acknowledgement, and the tile at home."""

import uuid
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template
from markupsafe import Markup
from sqlalchemy.orm import Session

from hazard_flow.errors import NotFound
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.queries import names
from hazard_flow.identity.rights import may
from hazard_flow.ladders import operations, queries, shown
from hazard_flow.ladders.shown import READ
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, reading
from hazard_flow.web.locale import current_locale, say
from hazard_flow.web.views import Kpi

blueprint = Blueprint("ladders", __name__, template_folder="templates")


@blueprint.get("/limits")
def listing() -> str:
    actor, at = require(READ), now()
    with reading(actor) as session:
        total, late = queries.counts(session, at)
        rows = _rows(session, actor, at)
    kpis = [
        Kpi(say("ladders.kpi.owed"), str(total)),
        Kpi(say("ladders.kpi.mine"), str(sum(1 for row in rows if row.is_mine))),
        Kpi(say("ladders.kpi.late"), str(late), tone="strong"),
        Kpi(say("ladders.kpi.unacknowledged"), str(sum(1 for row in rows if row.asks))),
    ]
    return render_template("ladders/list.html", rows=rows, kpis=kpis, more=total - len(rows))


@blueprint.get("/limits/<uuid:limit_id>")
def show(limit_id: uuid.UUID) -> str:
    actor, at, locale = require(READ), now(), current_locale()
    with reading(actor) as session:
        limit = queries.one(session, limit_id)
        if limit is None:
            raise NotFound(f"limit {limit_id}")
        [row] = shown.rows(session, [limit], actor, locale=locale, now=at)
        known = queries.steps(session, limit)
        who = names(session, shown.named(known))
        steps = [shown.step(one, who, locale) for one in known]
    return render_template("ladders/show.html", row=row, steps=steps)


@blueprint.post("/limits/<uuid:limit_id>/acknowledge")
def acknowledge(limit_id: uuid.UUID) -> Response:
    actor = require(READ)
    with kernel().database.transaction(SYSTEM) as session:
        operations.acknowledge(session, limit_id, actor=actor, now=now())
    flash(say("ladders.acknowledged"), "done")
    return make_response(redirect(f"/limits/{limit_id}", code=303))


def home_tile(session: Session, actor: Actor, _subject: Any, locale: str) -> Markup | None:
    """At home: what this person owes or was told of and is late, the worst first."""
    if not may(actor, READ):
        return None
    rows = [row for row in _rows(session, actor, now(), locale=locale) if row.is_mine or row.asks][
        : shown.AT_HOME
    ]
    if not rows:
        return None
    drawn = render_template("ladders/tile.html", rows=rows)
    return Markup(drawn)  # noqa: S704 - our own template, which escapes


def late_ones(session: Session, actor: Actor) -> int:
    """How many are late within the person's reach; the number at the rail."""
    return queries.counts(session, now())[1] if may(actor, READ) else 0


def _rows(session: Session, actor: Actor, at: datetime, *, locale: str = "") -> list[shown.Row]:
    return shown.rows(session, queries.owed(session), actor, locale=locale or current_locale(), now=at)
