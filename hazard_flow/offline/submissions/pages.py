"""Offline submissions: the list, one submission with both versions side by side, and settling a contested one."""

import uuid
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template
from markupsafe import Markup
from sqlalchemy.orm import Session

from hazard_flow.errors import FieldError, HazardFlowError, NotFound
from hazard_flow.evidence.store import Store
from hazard_flow.hazards.changes import Outcome
from hazard_flow.hazards.drawing import Returned
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.actor import Actor
from hazard_flow.offline.submissions import queries, settling, views
from hazard_flow.offline.submissions.entering import Mended
from hazard_flow.offline.submissions.models import Submission
from hazard_flow.web import forms, paging
from hazard_flow.web.auth import current_actor
from hazard_flow.web.context import kernel, now, part, reading
from hazard_flow.web.locale import current_locale, say
from hazard_flow.web.sentences import error_sentence, field_sentence

blueprint = Blueprint("submissions", __name__, template_folder="templates")

#: what a place field sends beside itself; the tablet's own position stays
_OF_PLACE = ("place_lon", "place_lat", "place_accuracy_m")


@blueprint.get("/submissions")
def listing() -> str:
    actor = current_actor()
    cursor, limit = paging.asked()
    with reading(actor) as session:
        found = queries.desk(session, actor, cursor=cursor, limit=limit)
        reader = _reader()
        return render_template(
            "submissions/list.html",
            contested=views.lines(session, found.contested, reader),
            under_way=views.lines(session, found.under_way, reader),
            done=views.lines(session, found.done.items, reader),
            page=paging.links(found.done),
        )


@blueprint.get("/submissions/<uuid:submission_id>")
def show(submission_id: uuid.UUID) -> str:
    return _page(current_actor(), submission_id)


@blueprint.post("/submissions/<uuid:submission_id>/enter")
def enter_again(submission_id: uuid.UUID) -> Response:
    actor = current_actor()
    values = {name: value for name, value in forms.values().items() if name not in _OF_PLACE}
    mended = Mended(values, forms.expected_version())

    def work(session: Session) -> Outcome:
        return settling.enter_again(session, submission_id, actor=actor, mended=mended, now=now())

    try:
        outcome = kernel().database.carry_out(actor.scope, work)
    except HazardFlowError as refused:
        if refused.status in (401, 403, 404) or refused.status >= 500:
            raise
        return make_response(_page(actor, submission_id, _returned(refused, values)), refused.status)
    if outcome.hazard is None:
        flash(say("rounds.handed_in"), "done")
        return make_response(redirect("/rounds", code=303))
    flash(say("submissions.entered_again", number=outcome.hazard.number), "done")
    return make_response(redirect(f"/hazards/{outcome.hazard.number}", code=303))


@blueprint.post("/submissions/<uuid:submission_id>/set-aside")
def set_aside(submission_id: uuid.UUID) -> Response:
    actor, reason = current_actor(), forms.value("reason")

    def work(session: Session) -> Submission:
        return settling.set_aside(session, submission_id, actor=actor, reason=reason, now=now())

    try:
        kernel().database.carry_out(actor.scope, work)
    except HazardFlowError as refused:
        if refused.status != 422:
            raise
        locale, zone = current_locale(), kernel().settings.zone
        wrong = " ".join(field_sentence(one, locale, zone) for one in refused.fields)
        return make_response(_page(actor, submission_id, reason=reason, reason_error=wrong), refused.status)
    flash(say("submissions.set_aside_done"), "done")
    return make_response(redirect("/submissions", code=303))


@blueprint.get("/submissions/<uuid:submission_id>/files/<sha256>")
def picture(submission_id: uuid.UUID, sha256: str) -> Response:
    """A copy for the eye of one of its photos, for whoever may read the submission."""
    actor = current_actor()
    with reading(actor) as session:
        one = queries.visible_to(session, submission_id, actor)
    if not any((row.facts or {}).get("display_sha256") == sha256 for row in one.attachments):
        raise NotFound(f"file {sha256[:12]}")
    response = Response(part(Store).get(sha256, area="display"), mimetype="image/jpeg")
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


def waiting(session: Session, actor: Actor) -> int:
    """The number behind the entry in the rail."""
    return queries.to_settle(session, actor)


def hazard_panel(session: Session, actor: Actor, subject: Any, _locale: str) -> Markup | None:
    """On a hazard's page: what tablets handed in for it and the door refused."""
    assert isinstance(subject, Hazard)
    found = queries.contested_of(session, actor, subject)
    if not found:
        return None
    drawn = render_template("submissions/panel.html", rows=views.lines(session, found, _reader()))
    return Markup(drawn)  # noqa: S704 - our own template, which escapes


def _page(
    actor: Actor,
    submission_id: uuid.UUID,
    returned: Returned | None = None,
    *,
    reason: str = "",
    reason_error: str = "",
) -> str:
    with reading(actor) as session:
        one = queries.visible_to(session, submission_id, actor)
        drawn = views.page(session, one, _reader(), returned=returned)
        is_open = one.outcome == "contested" and one.settled is None
        return render_template(
            "submissions/show.html",
            page=drawn,
            may_enter=is_open
            and one.event_seq is None
            and bool(drawn.fields)
            and settling.may_settle(one, actor),
            may_set_aside=is_open and settling.may_set_aside(one, actor),
            errors=returned.sentences if returned is not None else (),
            reason=reason,
            reason_error=reason_error,
        )


def _returned(refused: HazardFlowError, values: dict[str, Any]) -> Returned:
    locale, zone = current_locale(), kernel().settings.zone
    errors = refused.fields or [FieldError("", refused.code, refused.params)]
    sentences = [
        field_sentence(one, locale, zone)
        if refused.fields
        else error_sentence(refused.code, refused.params, locale, zone)
        for one in errors
    ]
    return Returned("", values, errors, sentences)


def _reader() -> views.Reader:
    return views.Reader(current_locale(), kernel().settings.zone, now())
