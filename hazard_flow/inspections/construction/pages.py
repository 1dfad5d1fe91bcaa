"""The pages of third-party construction: the register, one site with its papers, acts and guarded days, and the forms of both."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from markupsafe import Markup
from sqlalchemy.orm import Session

from hazard_flow.assets.kinds import kind_book
from hazard_flow.assets.models import Asset
from hazard_flow.assets.queries import labels
from hazard_flow.errors import BadRequest, FieldError, NotFound, Refused
from hazard_flow.evidence.store import Store
from hazard_flow.hazards.rules import rules_of
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation
from hazard_flow.identity.queries import names, organisation_labels, people_within
from hazard_flow.identity.rights import RIGHTS, may
from hazard_flow.inspections.construction import form, guarding, incidents, queries, register
from hazard_flow.inspections.construction.given_form import FILES, guarded_day_of, leak_of, site_of
from hazard_flow.inspections.construction.queries import Guarding, Site
from hazard_flow.inspections.construction.register import WRITE
from hazard_flow.inspections.handing_in import Sent, blank, hand_in, look_at
from hazard_flow.inspections.households import form as sheets
from hazard_flow.web import forms, paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, part, reading
from hazard_flow.web.limits import uploads
from hazard_flow.web.locale import current_locale, say
from hazard_flow.web.sentences import field_sentence
from hazard_flow.web.views import FormError, Kpi

blueprint = Blueprint("construction", __name__, template_folder="templates")

READ = "assets.read"
SEARCH_LENGTH_MAX = 100
#: days a site's page shows
SHOWN = timedelta(days=35)
_COLON = {"zh": "：", "en": ": "}


@blueprint.get("/construction")
def listing() -> str:
    actor, at = require(READ), now()
    stand, q = request.args.get("stand", ""), request.args.get("q", "").strip()
    if stand and stand not in queries.STANDS:
        raise BadRequest(
            "stand", fields=[FieldError("stand", "not_a_choice", {"choices": ", ".join(queries.STANDS)})]
        )
    if len(q) > SEARCH_LENGTH_MAX:
        raise BadRequest("q", fields=[FieldError("q", "too_long", {"at_most": SEARCH_LENGTH_MAX})])
    cursor, limit = paging.asked()
    with reading(actor) as session:
        today = rules_of(session).day_of(at)
        page = queries.page(session, today, stand=stand, q=q, cursor=cursor, limit=limit)
        counts = queries.counts(session, today)
        days = queries.guarding(session, [one.site for one in page.items], today - SHOWN, today)
        who = names(session, {one.site.guard_id for one in page.items if one.site.guard_id})
    return render_template(
        "construction/list.html",
        rows=page.items,
        page=paging.links(page),
        kpis=_kpis(counts, stand),
        days=days,
        who=who,
        today=today,
        stand=stand,
        q=q,
        is_filtered=bool(stand or q),
        may_write=may(actor, WRITE),
    )


@blueprint.get("/construction/<uuid:site_id>")
def show(site_id: uuid.UUID) -> str:
    return _page(require(READ), site_id, {}, ())


@blueprint.get("/construction/new")
def new() -> str:
    return _form(require(WRITE), {}, ())


@blueprint.post("/construction")
@uploads
def enter() -> Response:
    actor, at = require(WRITE), now()
    given: dict[str, Any] = forms.values(many=("works",))
    try:
        pieces = look_at(_sent(), FILES, received_at=at)
        evidence = [one.looked.item for one in pieces]
        site = site_of(given, organisation_id=_unit(given))
        key = forms.request_key()

        def work(session: Session) -> uuid.UUID:
            common: dict[str, Any] = {"actor": actor, "request_key": key, "now": at}
            if given.get("how") == "found":
                note = str(given.get("note") or "")
                return register.found(session, site, evidence=evidence, note=note, **common)[0].asset_id
            return register.register(session, site, **common).asset_id

        id_ = hand_in(kernel().database, actor.scope, work, pieces=pieces, store=part(Store))
    except Refused as refused:
        return make_response(_form(actor, given, refused.fields), 422)
    flash(say("construction.entered"), "done")
    return make_response(redirect(f"/construction/{id_}", code=303))


@blueprint.post(
    "/construction/<uuid:site_id>/<any(registered, agreement, briefing, acceptance, stop_work, damage, day):act>"
)
@uploads
def act(site_id: uuid.UUID, act: str) -> Response:
    actor, at, zone = require(WRITE), now(), kernel().settings.zone
    given: dict[str, Any] = forms.values()
    try:
        pieces = look_at(_sent(), FILES, received_at=at)
        evidence = [one.looked.item for one in pieces]
        day = guarded_day_of(given, pieces, zone=zone, now=at) if act == "day" else None
        key, note = forms.request_key(), str(given.get("note") or "")

        def work(session: Session) -> None:
            site = _site(session, site_id).site
            common: dict[str, Any] = {"actor": actor, "request_key": key, "now": at}
            if day is not None:
                guarding.record_day(session, site, day, **common)
            elif act == "registered":
                register.register_found(
                    session, site, builder=str(given.get("builder") or ""), constructor=str(given.get("constructor") or ""), **common
                )  # fmt: skip
            elif act == "stop_work":
                incidents.stop_work(session, site, note=note, evidence=evidence, **common)
            elif act == "damage":
                incidents.damage(
                    session, site, description=note, evidence=evidence, leak=leak_of(given), **common
                )
            else:
                register.add_paper(session, site, act, note=note, evidence=evidence, **common)

        hand_in(kernel().database, actor.scope, work, pieces=pieces, store=part(Store))
    except Refused as refused:
        return make_response(_page(actor, site_id, given, refused.fields, act=act), 422)
    flash(say(f"construction.done.{act}"), "done")
    return make_response(redirect(f"/construction/{site_id}", code=303))


@blueprint.get("/construction/<uuid:site_id>/files/<sha256>")
def file(site_id: uuid.UUID, sha256: str) -> Response:
    """The copy for the eye of a picture; of another paper the original, always a download."""
    actor = require(READ)
    with reading(actor) as session:
        _site(session, site_id)
        held = [one.files for one in queries.steps(session, site_id)]
        held += [one.files for one in queries.days(session, site_id)]
        found = next((one for files in held for one in files if one["sha256"] == sha256), None)
    if found is None:
        raise NotFound(f"file {sha256[:12]}")
    if found["display_sha256"]:
        response = Response(part(Store).get(found["display_sha256"], area="display"), mimetype="image/jpeg")
    else:
        response = Response(part(Store).stream(sha256), mimetype="application/octet-stream")
        response.headers["Content-Disposition"] = f'attachment; filename="{sha256[:12]}.bin"'
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


def asset_panel(session: Session, actor: Actor, subject: Any, locale: str) -> Markup | None:
    """On the page of a site's asset: how its protection stands."""
    if not isinstance(subject, Asset) or subject.kind != "construction_site" or not may(actor, READ):
        return None
    found = queries.by_word(session, str(subject.id))
    if found is None:
        return None
    return Markup(render_template("construction/panel.html", site=found.site))  # noqa: S704 - our own template, which escapes


def _page(
    actor: Actor, site_id: uuid.UUID, given: Mapping[str, Any], faults: Sequence[FieldError], *, act: str = ""
) -> str:
    at, locale, zone = now(), current_locale(), kernel().settings.zone
    with reading(actor) as session:
        found = _site(session, site_id)
        today = rules_of(session).day_of(at)
        steps, days = queries.steps(session, site_id), queries.days(session, site_id)
        people = {one.person_id for one in steps if one.person_id} | {one.guard_id for one in days}
        people |= {found.site.guard_id} if found.site.guard_id else set()
        wrong = sheets.sentences(faults, locale=locale, zone=zone)
        sheet = guarding.sheet()
        pipes = labels(session, [found.site.pipe_id]) if found.site.pipe_id else {}
        since = max(found.site.starts_on, today - SHOWN)
        return render_template(
            "construction/show.html",
            found=found,
            site=found.site,
            unit=organisation_labels(session, {found.site.organisation_id})[found.site.organisation_id].label,
            pipe=pipes.get(found.site.pipe_id) if found.site.pipe_id else None,
            steps=steps,
            days=days,
            guarding=_strip(queries.guarding(session, [found.site], since, today)[site_id], today),
            who=names(session, people),
            hazards=queries.hazards_at(session, site_id) if may(actor, "hazards.read") else (),
            works=kind_book().attributes["works_type"].choices,
            parts=sheets.parts(sheet, given, wrong, locale=locale),
            sheet=sheet,
            paper=sheets.Slot("paper", say("construction.field.paper"), error=wrong.get("files", "")),
            photos=sheets.Slot("photos", say("construction.field.photos"), error=wrong.get("files", "")),
            reading=sheets.Slot("reading", say("construction.field.reading")),
            given=blank(given),
            wrong=blank(wrong),
            errors=_errors(faults, sheets.item_labels(sheet, locale=locale)),
            act=act,
            next_steps=_next(found.site.state),
            came_at=given.get("came_at") or at.astimezone(zone).strftime("%Y-%m-%dT%H:%M"),
            key=str(uuid.uuid4()),
            today=today,
            may_write=may(actor, WRITE),
        )


def _form(actor: Actor, given: Mapping[str, Any], faults: Sequence[FieldError]) -> str:
    locale, zone = current_locale(), kernel().settings.zone
    with reading(actor) as session:
        units = _units(session, actor)
        guards = sorted(
            {
                (str(person.id), person.name)
                for unit in units
                for person, roles in people_within(session, unit.path.split("/", 1)[0] + "/")
                if RIGHTS[WRITE] & set(roles)
            },
            key=lambda one: one[1],
        )
    wrong = sheets.sentences(faults, locale=locale, zone=zone)
    return render_template(
        "construction/form.html",
        fields=form.fields(given, wrong, guards=guards, locale=locale),
        units=[(str(one.id), one.label) for one in units],
        given=blank(given),
        photos=sheets.Slot("photos", say("construction.field.photos"), error=wrong.get("evidence", "")),
        wrong=blank(wrong),
        errors=_errors(faults, {}),
        key=request.form.get("request_key") or str(uuid.uuid4()),
    )


def _next(state: str) -> tuple[str, ...]:
    """The acts that are offered in a state, the next paper first."""
    return {
        "found": ("registered", "stop_work", "damage"),
        "registered": ("agreement", "stop_work", "damage"),
        "agreed": ("briefing", "day", "stop_work", "damage", "acceptance"),
        "briefed": ("day", "stop_work", "damage", "acceptance"),
        "accepted": (),
    }[state]


def _strip(days: Guarding, today: Any) -> list[tuple[Any, str]]:
    """The days of the strip: each owed day and how it stands."""
    kept, void, missed = set(days.kept), set(days.void), set(days.missed)
    return [
        (day, "kept" if day in kept else "void" if day in void else "missed" if day in missed else "today")
        for day in days.owed
    ]


def _kpis(counts: Mapping[str, int], stand: str) -> list[Kpi]:
    return [
        Kpi(
            say(f"construction.stand.{one}"),
            str(counts[one]),
            href="/construction" if stand == one else f"/construction?stand={one}",
            tone="strong" if stand == one or (one in ("unprotected", "found") and counts[one]) else "plain",
        )
        for one in queries.STANDS
    ]


def _errors(faults: Sequence[FieldError], known: Mapping[str, str]) -> list[FormError]:
    locale, zone = current_locale(), kernel().settings.zone
    found = []
    for one in faults:
        label = known.get(one.field) or say(f"construction.field.{one.field}")
        found.append(FormError(one.field, f"{label}{_COLON[locale]}{field_sentence(one, locale, zone)}"))
    return found


def _units(session: Session, actor: Actor) -> list[Organisation]:
    """The units this person may enter a site for: their own and those below."""
    ids = {one.organisation_id for one in actor.holdings if not one.regulator}
    return [one for one in (session.get(Organisation, id_) for id_ in ids) if one is not None]


def _unit(given: Mapping[str, Any]) -> uuid.UUID:
    raw = str(given.get("organisation") or "")
    try:
        return uuid.UUID(raw)
    except ValueError as error:
        raise Refused(
            fields=[FieldError("organisation", "required" if not raw else "unknown_organisation")]
        ) from error


def _sent() -> list[Sent]:
    return [Sent(one.field, one.filename, one.read()) for one in forms.files()]


def _site(session: Session, site_id: uuid.UUID) -> Site:
    found = queries.by_word(session, str(site_id))
    if found is None:
        raise NotFound(f"site {site_id}")
    return found
