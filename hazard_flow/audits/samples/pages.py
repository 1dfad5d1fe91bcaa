"""Sampling plans and exports at the desk."""

import uuid
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from sqlalchemy.orm import Session

from hazard_flow.audits.models import AuditExport
from hazard_flow.audits.pages import EXPORT, JUDGE, READ, enterprises, sentence
from hazard_flow.audits.samples import exporting, planning
from hazard_flow.audits.samples.exporting import Chosen
from hazard_flow.errors import Conflict, FieldError, NotAllowed, Refused
from hazard_flow.evidence.store import Store
from hazard_flow.hazards.marks import tier
from hazard_flow.identity import queries as identity
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import may
from hazard_flow.storage.base import new_id
from hazard_flow.web import forms, paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, part, reading
from hazard_flow.web.locale import current_locale
from hazard_flow.workflow.definition import URGENCIES

blueprint = Blueprint("audit_samples", __name__)


@blueprint.get("/audits/plans")
def plans() -> str:
    return _plans(require(READ))


@blueprint.post("/audits/plans")
def draw() -> Response:
    actor, key, at = require(JUDGE), forms.request_key(), now()

    def work(session: Session) -> str:
        first, last = _day("first_day"), _day("last_day")
        organisation = forms.value("organisation")
        return planning.draw(
            session, actor=actor, first_day=first, last_day=last, request_key=key, now=at,
            organisation_id=_uuid(organisation),
        ).number  # fmt: skip

    try:
        number = kernel().database.carry_out(actor.scope, work)
    except (Conflict, Refused, NotAllowed) as refused:
        return make_response(_plans(actor, sentence(refused)), refused.status)
    return make_response(redirect(f"/audits/plans/{number}", code=303))


@blueprint.get("/audits/plans/<number>")
def plan(number: str) -> str:
    actor, locale = require(READ), current_locale()
    with reading(actor) as session:
        found = planning.by_number(session, number)
        rows = planning.samples(session, found)
        units = identity.organisation_labels(session, {h.home_id for _, h, _ in rows})
        return render_template(
            "audits/plan.html",
            plan=found,
            progress=planning.progress(session, [found])[found.id],
            rows=[
                (
                    s,
                    h,
                    a,
                    tier(h.level, h.urgency),
                    units[h.home_id].label.in_(locale) if h.home_id in units else "—",
                )
                for s, h, a in rows
            ],
            may_judge=may(actor, JUDGE),
            may_export=may(actor, EXPORT),
            request_key=str(new_id()),
            left=found.population - len(rows),
        )


@blueprint.post("/audits/plans/<number>/more")
def draw_more(number: str) -> Response:
    actor, at, count, seen = require(JUDGE), now(), forms.value("count"), forms.expected_version()
    try:
        kernel().database.carry_out(
            actor.scope,
            lambda session: planning.draw_more(
                session, actor=actor, number=number, now=at, expected_drawn=seen,
                count=int(count) if count.isascii() and count.isdigit() else 0,
            ).number,
        )  # fmt: skip
    except (Conflict, Refused, NotAllowed) as refused:
        flash(sentence(refused), "error")
    return make_response(redirect(f"/audits/plans/{number}", code=303))


@blueprint.get("/audits/exports")
def exports() -> str:
    return _exports(require(EXPORT))


@blueprint.post("/audits/exports")
def ask_export() -> Response:
    actor, key, at = require(EXPORT), forms.request_key(), now()

    def work(session: Session) -> str:
        return exporting.ask(session, actor=actor, chosen=_chosen(), request_key=key, now=at).number

    try:
        number = kernel().database.carry_out(actor.scope, work)
    except (Conflict, Refused, NotAllowed) as refused:
        return make_response(_exports(actor, sentence(refused)), refused.status)
    return make_response(redirect(f"/audits/exports#{number}", code=303))


@blueprint.get("/audits/exports/<number>.zip")
def fetch_export(number: str) -> Response:
    actor = require(EXPORT)
    with reading(actor) as session:
        found = exporting.mine(session, actor, number)
    return exported(found, part(Store))


def exported(found: AuditExport, store: Store) -> Response:
    """The ZIP as it is sent: its length first, so that a browser shows how far it is and sees where it breaks off."""
    response = Response(exporting.zip_stream(found, store), mimetype="application/zip")
    response.headers["Content-Length"] = str(exporting.zip_size(found))
    response.headers["Content-Disposition"] = f'attachment; filename="{found.number}.zip"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _plans(actor: Actor, refusal: str = "") -> str:
    locale, at = current_locale(), now()
    cursor, limit = paging.asked()
    with reading(actor) as session:
        page = planning.page(session, cursor=cursor, limit=limit)
        units = identity.organisation_labels(
            session, {one.organisation_id for one in page.items if one.organisation_id}
        )
        first = at.astimezone(kernel().settings.zone).date().replace(day=1)
        last_month = first - timedelta(days=1)
        year = first.replace(month=1)
        return render_template(
            "audits/plans.html",
            rows=[(one, units[one.organisation_id].label.in_(locale) if one.organisation_id in units else "") for one in page.items],
            progress=planning.progress(session, page.items),
            page=paging.links(page),
            organisations=enterprises(session, locale),
            first_day=forms.value("first_day") or last_month.replace(day=1).isoformat(),
            last_day=forms.value("last_day") or last_month.isoformat(),
            mismatches=_mismatches(session, since=_midnight(year), until=at + timedelta(seconds=1), locale=locale),
            may_judge=may(actor, JUDGE),
            refusal=refusal,
            request_key=str(new_id()),
        )  # fmt: skip


def _mismatches(session: Session, *, since: datetime, until: datetime, locale: str) -> list[tuple[str, Any]]:
    rows = planning.mismatches(session, since=since, until=until)
    units = identity.organisation_labels(session, [one.organisation_id for one in rows])
    named = [
        (units[one.organisation_id].label.in_(locale) if one.organisation_id in units else "—", one)
        for one in rows
    ]
    return sorted(named, key=lambda pair: -pair[1].mismatched / pair[1].audited)


def _exports(actor: Actor, refusal: str = "") -> str:
    locale = current_locale()
    cursor, limit = paging.asked()
    with reading(actor) as session:
        page = exporting.page(session, cursor=cursor, limit=limit)
        people = identity.names(session, [one.asked_by for one in page.items])
        return render_template(
            "audits/exports.html",
            rows=[(one, people.get(one.asked_by, ""), one.asked_by == actor.id) for one in page.items],
            page=paging.links(page),
            organisations=enterprises(session, locale),
            plans=planning.page(session, cursor=None, limit=50).items,
            asked={name: forms.value(name) or request.args.get(name, "") for name in
                   ("plan", "organisation", "closed_from", "closed_to", "urgency")},
            urgencies=URGENCIES,
            refusal=refusal,
            request_key=str(new_id()),
        )  # fmt: skip


def _chosen() -> Chosen:
    organisation, urgency = forms.value("organisation"), forms.value("urgency")
    since, until = forms.value("closed_from"), forms.value("closed_to")
    return Chosen(
        plan=forms.value("plan"),
        organisation=_uuid(organisation),
        closed_from=_midnight(_day("closed_from")) if since else None,
        closed_to=_midnight(_day("closed_to") + timedelta(days=1)) if until else None,
        urgency=urgency if urgency in URGENCIES else "",
    )


def _day(name: str) -> date:
    try:
        return date.fromisoformat(forms.value(name))
    except ValueError as error:
        raise Refused(fields=[FieldError(name, "not_a_date")]) from error


def _uuid(raw: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(raw) if raw else None
    except ValueError as error:
        raise Refused(fields=[FieldError("organisation", "unknown_organisation")]) from error


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), kernel().settings.zone)
