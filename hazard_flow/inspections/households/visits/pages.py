"""A visit at the desk: the form with the checklist, the record as it can be printed and handed over, and the pictures of it."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from sqlalchemy.orm import Session

from hazard_flow.errors import FieldError, NotFound, Refused
from hazard_flow.evidence.store import Store
from hazard_flow.hazards.rules import rules_of
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.queries import names, organisation_labels
from hazard_flow.inspections.checklists.loading import released
from hazard_flow.inspections.handing_in import Sent, blank, hand_in
from hazard_flow.inspections.households import form, queries
from hazard_flow.inspections.households.given_form import files_of, visit_of
from hazard_flow.inspections.households.models import HouseholdVisit
from hazard_flow.inspections.households.operations import RECORD
from hazard_flow.inspections.households.pages import READ, one_user
from hazard_flow.inspections.households.visiting import record_visit, sheet_of
from hazard_flow.web import forms
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, part, reading
from hazard_flow.web.limits import uploads
from hazard_flow.web.locale import current_locale, say

blueprint = Blueprint("household_visits", __name__)

#: pictures are private and never change
_CACHE = "private, max-age=31536000, immutable"


@blueprint.get("/households/<uuid:asset_id>/visit")
def visit_form(asset_id: uuid.UUID) -> str:
    return _form(require(RECORD), asset_id, {}, ())


@blueprint.post("/households/<uuid:asset_id>/visit")
@uploads
def record(asset_id: uuid.UUID) -> Response:
    actor, at, zone = require(RECORD), now(), kernel().settings.zone
    given: dict[str, Any] = forms.values()
    try:
        sent = [Sent(one.field, one.filename, one.read()) for one in forms.files()]
        pieces = files_of(sent, received_at=at)
        visit = visit_of(given, pieces, zone=zone, now=at)
        key = forms.request_key()

        def work(session: Session) -> uuid.UUID:
            household = one_user(session, asset_id).household
            return record_visit(session, household, visit, actor=actor, request_key=key, now=at).id

        id_ = hand_in(kernel().database, actor.scope, work, pieces=pieces, store=part(Store))
    except Refused as refused:
        return make_response(_form(actor, asset_id, given, refused.fields), 422)
    flash(say("households.recorded"), "done")
    return make_response(redirect(f"/households/visits/{id_}", code=303))


@blueprint.get("/households/visits/<uuid:visit_id>")
def show(visit_id: uuid.UUID) -> str:
    actor, locale = require(READ), current_locale()
    with reading(actor) as session:
        visit = _visit(session, visit_id)
        user = one_user(session, visit.asset_id)
        sheet = released().get(visit.checklist)
        unit = organisation_labels(session, {visit.organisation_id, visit.home_id})
        answers = [
            (
                item,
                form.answer_text(item, visit.answers.get(item.key, ""), locale=locale),
                item.key in visit.failed,
            )
            for item in (sheet.items if sheet else ())
            if item.key in visit.answers
        ]
        return render_template(
            "households/visit.html",
            visit=visit,
            user=user,
            sheet=sheet,
            answers=answers,
            pictures=queries.pictures(session, visit_id),
            who=names(session, {visit.inspector_id}),
            units={id_: one.label for id_, one in unit.items()},
            today=rules_of(session).day_of(now()),
            panels=kernel().panels.pieces("household_visit", session, actor, visit, locale),
        )


@blueprint.get("/households/visits/<uuid:visit_id>/pictures/<int:place>/<any(display, thumb):size>")
def picture(visit_id: uuid.UUID, place: int, size: str) -> Response:
    """The re-encoded copy for the eye."""
    actor = require(READ)
    with reading(actor) as session:
        _visit(session, visit_id)
        found = next((one for one in queries.pictures(session, visit_id) if one.place == place), None)
    if found is None or found.display_sha256 is None:
        raise NotFound(f"picture {place}")
    area = "thumb" if size == "thumb" else "display"
    response = Response(part(Store).get(found.display_sha256, area=area), mimetype="image/jpeg")  # type: ignore[arg-type]
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = _CACHE
    return response


def _form(actor: Actor, asset_id: uuid.UUID, given: Mapping[str, Any], faults: Sequence[FieldError]) -> str:
    locale, zone = current_locale(), kernel().settings.zone
    with reading(actor) as session:
        user = one_user(session, asset_id)
        sheet = sheet_of(user.household.user_class)
        wrong = form.sentences(faults, locale=locale, zone=zone)
        return render_template(
            "households/visit_form.html",
            user=user,
            sheet=sheet,
            result=form.result_field(given, wrong, locale=locale),
            parts=form.parts(sheet, given, wrong, locale=locale),
            slots=form.visit_slots(wrong, locale=locale),
            given=blank(given),
            wrong=blank(wrong),
            visited_at=given.get("visited_at") or now().astimezone(zone).strftime("%Y-%m-%dT%H:%M"),
            errors=form.errors(
                faults,
                form.item_labels(sheet, locale=locale),
                prefix="households.field.",
                locale=locale,
                zone=zone,
            ),
            key=request.form.get("request_key") or str(uuid.uuid4()),
        )


def _visit(session: Session, visit_id: uuid.UUID) -> HouseholdVisit:
    found = queries.visit(session, visit_id)
    if found is None:
        raise NotFound(f"visit {visit_id}")
    return found
