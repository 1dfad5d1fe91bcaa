"""The pages of whoever looks at the public's reports first: what waits, one report with its photographs, and the three ways on."""

import uuid
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from markupsafe import Markup
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.assets.places import Place
from hazard_flow.errors import BadRequest, Conflict, FieldError, HazardFlowError, NotFound
from hazard_flow.evidence.store import Store
from hazard_flow.hazards import files, nearby
from hazard_flow.hazards.changes import Outcome
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.queries import organisation_labels
from hazard_flow.identity.rights import may
from hazard_flow.public_reports import operations, queries
from hazard_flow.public_reports.models import STATES, PublicReport
from hazard_flow.public_reports.rules import public_rules
from hazard_flow.storage.base import new_id
from hazard_flow.web import forms, paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, part, reading
from hazard_flow.web.limits import uploads
from hazard_flow.web.locale import current_locale, say
from hazard_flow.web.sentences import error_sentence, named_sentence
from hazard_flow.web.views import Kpi

blueprint = Blueprint("public_reports", __name__, template_folder="templates")

READ = REVIEW = "public_reports.review"


@blueprint.get("/public-reports")
def listing() -> str:
    actor, locale = require(READ), current_locale()
    state = request.args.get("state", "waiting")
    if state not in STATES:
        choices = ", ".join(STATES)
        raise BadRequest("state", fields=[FieldError("state", "not_a_choice", {"choices": choices})])
    cursor, limit = paging.asked()
    with reading(actor) as session:
        page = queries.page(session, state=state, cursor=cursor, limit=limit)
        counts = queries.counts(session)
        rows = [_row(session, one, locale) for one in page.items]
    kpis = [
        Kpi(
            say(f"public_reports.state.{one}"),
            str(counts.get(one, 0)),
            href=f"/public-reports?state={one}",
            tone="strong" if one == state else "plain",
        )
        for one in STATES
    ]
    return render_template(
        "public_reports/list.html", rows=rows, kpis=kpis, state=state, page=paging.links(page), now=now()
    )


@blueprint.get("/public-reports/<uuid:report_id>")
def show(report_id: uuid.UUID) -> str:
    actor = require(READ)
    with reading(actor) as session:
        return _page(session, actor, report_id)


@blueprint.get("/public-reports/<uuid:report_id>/photos/<sha256>")
def photo(report_id: uuid.UUID, sha256: str) -> Response:
    """The re-encoded copy of a photograph."""
    actor = require(READ)
    with reading(actor) as session:
        report = queries.one(session, report_id)
    if sha256 not in {one["display_sha256"] for one in report.evidence}:
        raise NotFound(f"photo {sha256[:12]}")
    response = Response(part(Store).get(sha256, area="display"), mimetype="image/jpeg")
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


@blueprint.post("/public-reports/<uuid:report_id>/acceptance")
@uploads
def accept(report_id: uuid.UUID) -> Response:
    actor, at, key = require(REVIEW), now(), forms.request_key()
    names = ("title", "description", "place", "suspected_urgency", "suspected_level")
    data = {name: forms.value(name) for name in names if forms.value(name)}
    try:
        given = [files.Upload(one.field, one.filename, one.read()) for one in forms.files()]
        looked = files.look_at_all(given, action="report", hazard_stage=None, received_at=at)

        def change(session: Session) -> Outcome:
            return operations.accept(
                session,
                report_id,
                actor=actor,
                data=data,
                asset_code=forms.value("asset"),
                evidence=tuple(one.item for one in looked),
                request_key=key,
                now=at,
            )

        outcome = files.carry_out(kernel().database, actor.scope, change, files=looked, store=part(Store))
    except HazardFlowError as refused:
        return _again(actor, report_id, refused, "accept")
    assert outcome.hazard is not None
    flash(say("public_reports.accepted", number=outcome.hazard.number), "done")
    return make_response(redirect(f"/hazards/{outcome.hazard.number}", code=303))


@blueprint.post("/public-reports/<uuid:report_id>/joining")
def join(report_id: uuid.UUID) -> Response:
    actor, at, key = require(REVIEW), now(), forms.request_key()
    number = forms.value("other") or forms.value("hazard")
    try:
        hazard = kernel().database.carry_out(
            actor.scope,
            lambda session: operations.join(
                session, report_id, actor=actor, number=number, request_key=key, now=at
            ),
        )
    except HazardFlowError as refused:
        return _again(actor, report_id, refused, "join")
    flash(say("public_reports.joined", number=hazard.number), "done")
    return make_response(redirect(f"/hazards/{hazard.number}", code=303))


@blueprint.post("/public-reports/<uuid:report_id>/refusal")
def refuse(report_id: uuid.UUID) -> Response:
    actor, at = require(REVIEW), now()
    reason, answer = forms.value("reason"), forms.value("answer")
    try:
        kernel().database.carry_out(
            actor.scope,
            lambda session: operations.refuse(
                session, report_id, actor=actor, rules=public_rules(), reason=reason, answer=answer, now=at
            ),
        )
    except HazardFlowError as refused:
        return _again(actor, report_id, refused, "refuse")
    flash(say("public_reports.refused"), "done")
    return make_response(redirect("/public-reports", code=303))


def waiting(session: Session, actor: Actor) -> int:
    """How many wait for a first look; the number in the rail."""
    return queries.waiting(session) if may(actor, READ) else 0


def hazard_panel(session: Session, actor: Actor, hazard: Any, locale: str) -> Markup | None:
    """The public's reports behind a hazard, for whoever may read them."""
    if not isinstance(hazard, Hazard) or not may(actor, READ):
        return None
    found = queries.about(session, hazard.id)
    if not found:
        return None
    drawn = render_template(
        "public_reports/hazard_panel.html", rows=[_row(session, one, locale) for one in found]
    )
    return Markup(drawn)  # noqa: S704 - our own template, which escapes


def _row(session: Session, report: PublicReport, locale: str) -> dict[str, Any]:
    kinds, asset = public_rules().kinds, None
    if report.asset_id is not None:
        asset = session.get(Asset, report.asset_id)
    kind = kinds.get(report.kind)
    return {
        "report": report,
        "kind": kind.label.in_(locale) if kind is not None else report.kind,
        "is_danger": kind is not None and kind.is_danger,
        "thing": asset,
        "number": queries.hazard_numbers(session, [report]).get(report.hazard_id)
        if report.hazard_id is not None
        else None,
    }


def _page(
    session: Session,
    actor: Actor,
    report_id: uuid.UUID,
    *,
    errors: list[str] | None = None,
    opened: str = "",
) -> str:
    locale, at, rules = current_locale(), now(), public_rules()
    report = queries.one(session, report_id)
    row = _row(session, report, locale)
    kind = rules.kinds.get(report.kind)
    asset = row["thing"]
    place = Place.of({"lon": report.lon, "lat": report.lat, "accuracy_m": report.accuracy_m})
    near = nearby.find(
        session,
        nearby.Sought(
            place=place or (Place.of(asset) if asset is not None else None),
            at=report.received_at,
            asset_id=report.asset_id,
            division=report.division,
        ),
        now=at,
    )
    unit = organisation_labels(session, [report.organisation_id]).get(report.organisation_id)
    return render_template(
        "public_reports/show.html",
        **row,
        unit=unit.label.in_(locale) if unit is not None else "",
        phone=queries.phone(session, report),
        near=near,
        urgency=kind.urgency if kind is not None else "B",
        refusals=[(key, label.in_(locale)) for key, label in rules.refusals.items()],
        reason=rules.refusals.get(report.reason or ""),
        key=str(new_id()),
        errors=errors or [],
        opened=opened,
        may_open=may(actor, "hazards.report"),
    )


def _again(actor: Actor, report_id: uuid.UUID, refused: HazardFlowError, opened: str) -> Response:
    """The page once more with what was wrong; what is no matter of the form goes to the page of errors."""
    if refused.status not in (403, 409, 413, 415, 422):
        raise refused
    locale, zone = current_locale(), kernel().settings.zone
    errors = [named_sentence(one, locale, zone) for one in refused.fields]
    if not errors or isinstance(refused, Conflict):
        errors = [error_sentence(refused.code, refused.params, locale, zone)]
    with reading(actor) as session:
        return make_response(_page(session, actor, report_id, errors=errors, opened=opened), refused.status)
