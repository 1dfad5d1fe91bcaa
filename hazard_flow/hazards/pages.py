"""The desk pages of hazards: my work, table, board, one hazard with its actions, the report form, and evidence files."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, flash, jsonify, make_response, redirect, render_template, request
from markupsafe import Markup
from sqlalchemy.orm import Session

from hazard_flow.errors import Conflict, FieldError, HazardFlowError, NotAllowed, NotFound, Refused
from hazard_flow.evidence.intake import ALLOWED
from hazard_flow.evidence.store import Store
from hazard_flow.hazards import desk, device_time, files, nearby, operations, queries, reporting, slots
from hazard_flow.hazards.actions import action_forms, allowed
from hazard_flow.hazards.case import Reader, case
from hazard_flow.hazards.changes import Outcome
from hazard_flow.hazards.disclosing import may_have_original
from hazard_flow.hazards.drawing import Returned, people_fields
from hazard_flow.hazards.filtering import checked
from hazard_flow.hazards.marks import tier
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.photographs import pieces
from hazard_flow.hazards.rules import rules_of
from hazard_flow.hazards.same_finding import same_finding
from hazard_flow.hazards.views import HazardPage
from hazard_flow.i18n import text
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import may
from hazard_flow.storage.base import new_id
from hazard_flow.web import forms, paging
from hazard_flow.web.auth import current_actor, require
from hazard_flow.web.context import kernel, now, part, reading
from hazard_flow.web.limits import uploads
from hazard_flow.web.locale import current_locale
from hazard_flow.web.sentences import error_sentence, field_sentence

blueprint = Blueprint("hazards", __name__, template_folder="templates")

#: evidence never changes under its hash
_YEAR = "private, max-age=31536000, immutable"


@blueprint.get("/")
def my_work() -> Response | str:
    actor, at = current_actor(), now()
    if not may(actor, "hazards.read"):
        return make_response(redirect("/people", code=303))
    with reading(actor) as session:
        web = kernel()
        work = desk.my_work(
            session,
            actor,
            notices=web.panels.notices(session, actor, current_locale()),
            tiles=tuple(web.panels.pieces("home", session, actor, None, current_locale())),
            locale=current_locale(),
            now=at,
            zone=web.settings.zone,
        )
    return render_template("hazards/my_work.html", work=work)


@blueprint.get("/hazards")
def listing() -> str:
    actor, at = require("hazards.read"), now()
    wanted = checked(queries.read_filter(request.args), actor)
    cursor, limit = paging.asked()
    with reading(actor) as session:
        found = queries.page(session, wanted, now=at, cursor=cursor, limit=limit)
        links = paging.links(found, total=queries.capped_count(session, wanted, now=at))
        drawn = desk.listing(session, actor, wanted, found, links, locale=current_locale(), now=at)
    return render_template("hazards/list.html", listing=drawn)


@blueprint.get("/hazards/board")
def board() -> str:
    actor = require("hazards.read")
    wanted = checked(queries.read_filter(request.args), actor)
    with reading(actor) as session:
        drawn = desk.board(session, actor, wanted, locale=current_locale(), now=now())
    return render_template("hazards/board.html", board=drawn)


@blueprint.get("/hazards/new")
def report_form() -> str:
    actor = require("hazards.report")
    way = _way(actor, asset_code=request.args.get("asset", ""), reopen_of=request.args.get("reopen_of", ""))
    with reading(actor) as session:
        return render_template("hazards/report.html", form=reporting.form(session, way))


@blueprint.get("/hazards/new/protected")
def protected_form() -> str:
    actor = require("hazards.report")
    with reading(actor) as session:
        if not reporting.may_protect(rules_of(session), actor):
            raise NotAllowed("report_protected", right="report_protected")
        form = reporting.form(session, _way(actor, is_protected=True))
    return render_template("hazards/protected.html", form=form)


@blueprint.get("/hazards/proposals/<code>")
def proposals(code: str) -> Response:
    """What the catalogue proposes for a row, for the report form to fill in while somebody types."""
    actor = require("hazards.report")
    with reading(actor) as session:
        rules, divisions = rules_of(session), [h.division for h in actor.holdings]
        found = reporting.proposed(
            rules, code, division=next(iter(divisions), ""), locale=current_locale(), now=now()
        )
    return jsonify(found)


@blueprint.post("/hazards")
@uploads
def report() -> Response:
    actor, at = require("hazards.report"), now()
    values = forms.values()
    key = forms.request_key()
    try:
        sent = reporting.read(values)
        device = device_time.read(request.form, received_at=at)
        looked = files.look_at_all(
            _uploads(), action="report", hazard_stage=None, received_at=at, device=device
        )

        def change(session: Session) -> Outcome:
            return operations.report_at(
                session,
                sent.asset_code,
                field="asset_id",
                actor=actor,
                request_key=key,
                data=sent.data,
                now=at,
                evidence=tuple(one.item for one in looked),
                action=sent.action,
                reopen_of=sent.reopen_of,
            )

        outcome = files.carry_out(kernel().database, actor.scope, change, files=looked, store=part(Store))
        assert outcome.hazard is not None
        number = outcome.hazard.number
    except HazardFlowError as refused:
        if refused.status not in (413, 415, 422):
            raise
        return _report_again(actor, values, refused, key)
    told = "hazards.report.done_protected" if sent.action else "hazards.report.done"
    flash(text(told, current_locale(), number=number), "done")
    return make_response(redirect(f"/hazards/{number}", code=303))


def _way(actor: Actor, **given: Any) -> reporting.Way:
    return reporting.Way(actor, current_locale(), now(), kernel().settings.zone, **given)


def _report_again(actor: Actor, values: dict[str, Any], refused: HazardFlowError, key: str) -> Response:
    is_protected, origin = bool(values.get("action")), str(values.get("reopen_of", ""))
    unknown = any(e.field == "reopen_of" and e.code == "hazard_unknown" for e in refused.fields)
    way = _way(actor, is_protected=is_protected, reopen_of="" if unknown else origin)
    with reading(actor) as session:
        form = reporting.form(session, way, _returned("report", values, refused, key))
    page = "hazards/protected.html" if is_protected else "hazards/report.html"
    return make_response(render_template(page, form=form), refused.status)


@blueprint.get("/hazards/<number>")
def show(number: str) -> str:
    actor = require("hazards.read")
    with reading(actor) as session:
        page = _page(session, actor, queries.by_number(session, number))
    return render_template("hazards/hazard.html", page=page)


@blueprint.post("/hazards/<number>/actions/<action>")
@uploads
def act(number: str, action: str) -> Response:
    actor, at = require("hazards.read"), now()
    key, version = forms.request_key(), forms.expected_version()
    with reading(actor) as session:
        hazard = queries.by_number(session, number)
        values = forms.values(many=people_fields(rules_of(session)))
    kind = str(values.pop(slots.DOCUMENT_KIND, ""))
    try:
        device = device_time.read(request.form, received_at=at)
        looked = files.look_at_all(
            _uploads(kind), action=action, hazard_stage=hazard.stage, received_at=at, device=device
        )

        def change(session: Session) -> Outcome:
            return operations.act(
                session,
                actor=actor,
                hazard_id=hazard.id,
                action=action,
                request_key=key,
                now=at,
                data=values,
                evidence=tuple(one.item for one in looked),
                expected_version=version,
            )

        files.carry_out(kernel().database, actor.scope, change, files=looked, store=part(Store))
    except (Conflict, Refused, NotAllowed) as refused:
        return _act_again(actor, number, action, values, refused, key)
    except HazardFlowError as refused:
        if refused.status not in (413, 415):
            raise
        return _act_again(actor, number, action, values, refused, key)
    with reading(actor) as session:
        label = reporting.action_label(session, hazard, action, current_locale())
    flash(text("hazards.act.done", current_locale(), action=label), "done")
    return make_response(redirect(f"/hazards/{number}", code=303))


def _act_again(
    actor: Actor, number: str, action: str, values: dict[str, Any], refused: HazardFlowError, key: str
) -> Response:
    locale = current_locale()
    returned = _returned(action, values, refused, key)
    with reading(actor) as session:
        page = _page(session, actor, queries.by_number(session, number), returned)
    if isinstance(refused, Conflict):
        last = page.timeline[0].actor if page.timeline else ""
        page = replace(page, conflict=text("hazards.act.conflict", locale, who=last))
    return make_response(render_template("hazards/hazard.html", page=page), refused.status)


def _returned(action: str, values: dict[str, Any], refused: HazardFlowError, key: str) -> Returned:
    locale, zone = current_locale(), kernel().settings.zone
    errors = refused.fields or [FieldError("", refused.code, refused.params)]
    sentences = [
        field_sentence(e, locale, zone)
        if refused.fields
        else error_sentence(refused.code, refused.params, locale, zone)
        for e in errors
    ]
    fresh = isinstance(refused, Conflict)
    return Returned(action, values, errors, sentences, request_key="" if fresh else key)


def _page(session: Session, actor: Actor, hazard: Hazard, returned: Returned | None = None) -> HazardPage:
    locale, at, web = current_locale(), now(), kernel()
    judged = allowed(session, hazard, actor, now=at)
    drawn = case(session, hazard, Reader(actor, locale, at), judged)
    page = drawn.page
    return replace(
        page,
        actions=action_forms(
            session,
            drawn.words,
            hazard,
            judged,
            now=at,
            pieces=pieces(page),
            matters=page.matters,
            doubts=[line.text for line in page.originality.lines] if page.originality else (),
            returned=returned,
        ),
        acting_as=reporting.acting_as(actor, hazard, locale),
        panels=tuple(web.panels.pieces("hazard", session, actor, hazard, locale)),
        foot_panels=tuple(web.panels.pieces("hazard.foot", session, actor, hazard, locale)),
        side_panels=tuple(web.panels.pieces("hazard.side", session, actor, hazard, locale)),
    )


def _uploads(document_kind: str = "") -> list[files.Upload]:
    """The files of a form; a document stands under the kind chosen beside it."""
    found = [files.Upload(u.field, u.filename, u.read()) for u in forms.files()]
    if not document_kind and any(u.field == slots.DOCUMENT for u in found):
        raise Refused(fields=[FieldError(slots.DOCUMENT_KIND, "required")])
    return [replace(u, field=document_kind) if u.field == slots.DOCUMENT else u for u in found]


@blueprint.get("/evidence/<number>/<sha256>")
def original(number: str, sha256: str) -> Response:
    """The untouched original: always a download, never shown by the browser as what it claims to be."""
    actor = require("hazards.read")
    with reading(actor) as session:
        hazard = queries.by_number(session, number)
        item = queries.evidence_item(session, hazard, sha256)
        if not may_have_original(session, hazard, item, actor):
            raise NotFound(f"evidence {sha256[:12]}")
    response = Response(part(Store).stream(item.sha256), mimetype="application/octet-stream")
    response.headers["Content-Length"] = str(item.size)
    response.headers["Content-Disposition"] = f'attachment; filename="{item.sha256[:12]}{_ending(item.mime)}"'
    return _sealed_off(response)


@blueprint.get("/evidence/<number>/<sha256>/<any(display, thumb):size>")
def copy(number: str, sha256: str, size: str) -> Response:
    """The re-encoded copy for the eye; its hash is that of the display copy."""
    actor = require("hazards.read")
    with reading(actor) as session:
        queries.display_item(session, queries.by_number(session, number), sha256)
    area = "thumb" if size == "thumb" else "display"
    return _sealed_off(Response(part(Store).get(sha256, area=area), mimetype="image/jpeg"))  # type: ignore[arg-type]


def _sealed_off(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = _YEAR
    return response


def _ending(mime: str) -> str:
    """The ending a file of this kind is saved under."""
    return f".{ALLOWED[mime].endings[0]}" if mime in ALLOWED else ".bin"


@blueprint.post("/hazards/<number>/unmerge")
def undo_merge(number: str) -> Response:
    """Open anew what was merged by mistake."""
    actor, at, key, reason = require("hazards.read"), now(), forms.request_key(), forms.value("reason")
    with reading(actor) as session:
        hazard = queries.by_number(session, number)
    outcome = kernel().database.carry_out(
        actor.scope,
        lambda session: nearby.undo_merge(
            session, actor=actor, hazard_id=hazard.id, reason=reason, request_key=key, now=at
        ),
    )
    assert outcome.hazard is not None
    flash(text("hazards.unmerge.done", current_locale(), number=outcome.hazard.number), "done")
    return make_response(redirect(f"/hazards/{outcome.hazard.number}", code=303))


def same_finding_panel(session: Session, actor: Actor, hazard: Any, _locale: str) -> Markup | None:
    """What is probably the same finding, or the way back from a merge that was wrong."""
    found = same_finding(session, actor, hazard, now()) if isinstance(hazard, Hazard) else None
    if found is None:
        return None
    drawn = render_template("hazards/same_finding.html", found=found, hazard=hazard, key=str(new_id()))
    return Markup(drawn)  # noqa: S704 - our own template, which escapes


def asset_panel(session: Session, actor: Actor, asset: Any, locale: str) -> Markup | None:
    """The open hazards at an asset, on its page; None for who may not read hazards."""
    if not may(actor, "hazards.read"):
        return None
    found = queries.at_asset(session, asset.id)
    closed = queries.closed_at_asset(session, asset.id)
    drawn = render_template(
        "hazards/asset_panel.html",
        hazards=[(one, tier(one.level, one.urgency)) for one in found],
        closed=closed,
        one=asset,
        now=now(),
        locale=locale,
    )
    return Markup(drawn)  # noqa: S704 - our own template, which escapes
