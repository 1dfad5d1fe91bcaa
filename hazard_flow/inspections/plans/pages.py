"""The pages of plans: the list, one plan with its rounds, and the form of a new one."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from sqlalchemy.orm import Session

from hazard_flow.errors import FieldError, Refused
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import may
from hazard_flow.inspections import planning, queries, shown
from hazard_flow.inspections.plans import form
from hazard_flow.inspections.plans.shown import plan_assets, plan_lines
from hazard_flow.inspections.queries import Wanted
from hazard_flow.web import forms
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, reading, writing
from hazard_flow.web.locale import current_locale, say

blueprint = Blueprint("round_plans", __name__)

READ = "rounds.read"
ROUNDS_MAX = 20


@blueprint.get("/rounds/plans")
def plans() -> str:
    actor, locale = require(READ), current_locale()
    with reading(actor) as session:
        rows = plan_lines(session, queries.plans(session), locale)
    return render_template("rounds/plans.html", rows=rows, may_plan=may(actor, planning.RIGHT))


@blueprint.get("/rounds/plans/new")
def new_plan() -> str:
    actor = require(planning.RIGHT)
    given = {"asset_ids": request.args.get("asset", "")[:80]} if request.args.get("asset") else {}
    with reading(actor) as session:
        return _plan_form(session, actor, given, ())


@blueprint.post("/rounds/plans")
def enter_plan() -> Response:
    actor, key = require(planning.RIGHT), forms.request_key()
    given = {name: value for name in form.FIELDS if (value := forms.value(name))}
    try:
        with writing(actor) as session:
            of, faults = form.read(session, given)
            if of is None:
                raise Refused(fields=faults)
            made = planning.plan(
                session, of, actor=actor, request_key=key, now=now(), zone=kernel().settings.zone
            ).id
    except Refused as refused:
        with reading(actor) as session:
            return make_response(_plan_form(session, actor, given, refused.fields), 422)
    flash(say("rounds.plans.entered"), "done")
    return _to(f"/rounds/plans/{made}")


@blueprint.get("/rounds/plans/<uuid:plan_id>")
def show_plan(plan_id: uuid.UUID) -> str:
    actor, locale, at = require(READ), current_locale(), now()
    with reading(actor) as session:
        plan = queries.plan(session, plan_id)
        found = queries.page(session, Wanted(plan=plan_id), cursor=None, limit=ROUNDS_MAX)
        return render_template(
            "rounds/plan.html",
            row=plan_lines(session, [plan], locale)[0],
            places=plan_assets(session, plan_id, locale),
            rounds=shown.lines(session, found.items, locale=locale, now=at),
            may_plan=may(actor, planning.RIGHT),
        )


@blueprint.post("/rounds/plans/<uuid:plan_id>/end")
def end_plan(plan_id: uuid.UUID) -> Response:
    actor = require(planning.RIGHT)
    with writing(actor) as session:
        planning.end_plan(session, plan_id, actor=actor, now=now())
    flash(say("rounds.plans.ended"), "done")
    return _to(f"/rounds/plans/{plan_id}")


def _plan_form(session: Session, actor: Actor, given: Mapping[str, str], faults: Sequence[FieldError]) -> str:
    locale, zone = current_locale(), kernel().settings.zone
    return render_template(
        "rounds/plan_form.html",
        fields=form.fields(session, actor, given, faults, today=_today(), locale=locale, zone=zone),
        errors=form.errors(faults, locale=locale, zone=zone),
        request_key=forms.read_key(request.form.get("request_key"), field="request_key"),
    )


def _today() -> date:
    return now().astimezone(kernel().settings.zone).date()


def _to(address: str) -> Response:
    return make_response(redirect(address, code=303))
