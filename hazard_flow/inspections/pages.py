"""The pages of rounds: the list, the calendar, one round and its form, and the checklists."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from sqlalchemy.orm import Session

from hazard_flow.assets.kinds import kind_of
from hazard_flow.errors import BadRequest, FieldError, HazardFlowError, NotFound, Refused
from hazard_flow.evidence.store import Store
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import may
from hazard_flow.inspections import filling, operations, planning, queries, receiving, shown
from hazard_flow.inspections.checklists.loading import checklists
from hazard_flow.inspections.models import Round
from hazard_flow.inspections.queries import STANDINGS, Wanted
from hazard_flow.inspections.rules import inspection_rules
from hazard_flow.inspections.work_lines import WORK_LINES
from hazard_flow.web import forms, paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, part, reading, writing
from hazard_flow.web.limits import uploads
from hazard_flow.web.locale import current_locale, say
from hazard_flow.web.views import Kpi

blueprint = Blueprint("rounds", __name__, template_folder="templates")

READ = "rounds.read"
#: pictures never change under their hash
_YEAR = "private, max-age=31536000, immutable"
CALENDAR_MAX = 3_000


@blueprint.get("/rounds")
def listing() -> str:
    actor, locale, at = require(READ), current_locale(), now()
    wanted = _wanted(actor)
    cursor, limit = paging.asked()
    with reading(actor) as session:
        found = queries.page(session, wanted, cursor=cursor, limit=limit)
        return render_template(
            "rounds/list.html",
            rows=shown.lines(session, found.items, locale=locale, now=at),
            page=paging.links(found),
            kpis=_kpis(queries.counts(session, wanted)),
            wanted=wanted,
            lines=[(key, label.in_(locale)) for key, label in WORK_LINES.items() if key in _lines()],
            standings=STANDINGS,
            may_plan=may(actor, planning.RIGHT),
        )


@blueprint.get("/rounds/calendar")
def calendar() -> str:
    actor, locale, at = require(READ), current_locale(), now()
    today = _today()
    first = _month(request.args.get("month", ""), today)
    wanted = Wanted(
        line=_line(),
        since=first - timedelta(days=first.weekday()),
        until=first + timedelta(days=43),
        mine=actor.id if request.args.get("mine") else None,
    )
    with reading(actor) as session:
        found = queries.span(session, wanted, most=CALENDAR_MAX)
        weeks = shown.month(shown.lines(session, found, locale=locale, now=at), first, today)
    return render_template(
        "rounds/calendar.html",
        weeks=weeks,
        first=first,
        before=(first - timedelta(days=1)).replace(day=1),
        after=(first + timedelta(days=32)).replace(day=1),
        wanted=wanted,
        lines=[(key, label.in_(locale)) for key, label in WORK_LINES.items() if key in _lines()],
    )


@blueprint.get("/rounds/<uuid:round_id>")
def show(round_id: uuid.UUID) -> str:
    actor, locale = require(READ), current_locale()
    with reading(actor) as session:
        return _show(session, actor, queries.one(session, round_id), locale)


@blueprint.post("/rounds/<uuid:round_id>/begin")
def begin(round_id: uuid.UUID) -> Response:
    actor = require(operations.DO)
    with writing(actor) as session:
        operations.begin(session, round_id, actor=actor, now=now())
    flash(say("rounds.begun"), "done")
    return _to(f"/rounds/{round_id}/fill")


@blueprint.get("/rounds/<uuid:round_id>/fill")
def fill(round_id: uuid.UUID) -> str:
    actor, locale = require(operations.DO), current_locale()
    with reading(actor) as session:
        found = queries.one(session, round_id)
        return _fill(session, found, filling.blank(now(), kernel().settings.zone), (), locale)


@blueprint.post("/rounds/<uuid:round_id>")
@uploads
def hand_in(round_id: uuid.UUID) -> Response:
    actor, at, locale = require(operations.DO), now(), current_locale()
    values, key = forms.values(), forms.request_key()
    zone = kernel().settings.zone
    try:
        looked, refused = receiving.looked_at(
            [(u.field, u.filename, u.read()) for u in forms.files()], now=at
        )
        if refused is not None:
            raise refused

        def work(session: Session) -> Round:
            paper = filling.paper_of(session, round_id, values, looked, now=at, zone=zone)
            return operations.hand_in(session, actor, round_id, paper, request_key=key, now=at, zone=zone)

        receiving.carry_out(
            kernel().database, actor.scope, work, files=[one for _, one in looked], store=part(Store)
        )
    except HazardFlowError as wrong:
        if wrong.status not in (413, 415, 422):
            raise
        with reading(actor) as session:
            found = queries.one(session, round_id)
            return make_response(_fill(session, found, values, wrong.fields, locale), wrong.status)
    flash(say("rounds.handed_in"), "done")
    return _to(f"/rounds/{round_id}")


@blueprint.post("/rounds/<uuid:round_id>/sign-off")
def sign_off(round_id: uuid.UUID) -> Response:
    actor = require(operations.REVIEW)
    with writing(actor) as session:
        operations.sign_off(session, round_id, actor=actor, now=now())
    flash(say("rounds.signed_off"), "done")
    return _to(f"/rounds/{round_id}")


@blueprint.post("/rounds/<uuid:round_id>/doubts/<uuid:flag_id>")
def judge(round_id: uuid.UUID, flag_id: uuid.UUID) -> Response:
    actor, locale = require(operations.REVIEW), current_locale()
    try:
        with writing(actor) as session:
            operations.judge_flag(
                session,
                flag_id,
                verdict=forms.value("verdict"),
                note=forms.value("note"),
                actor=actor,
                now=now(),
            )
    except Refused as refused:
        with reading(actor) as session:
            page = _show(
                session, actor, queries.one(session, round_id), locale, wrong=(flag_id, refused.fields)
            )
        return make_response(page, 422)
    flash(say("rounds.doubt.judged"), "done")
    return _to(f"/rounds/{round_id}")


@blueprint.get("/rounds/<uuid:round_id>/photos/<sha256>/<any(display, thumb):size>")
def photo(round_id: uuid.UUID, sha256: str, size: str) -> Response:
    """The copy for the eye of a round's picture."""
    actor = require(READ)
    with reading(actor) as session:
        queries.one(session, round_id)
        found = {one.display_sha256 for rows in queries.photos(session, round_id).values() for one in rows}
    if sha256 not in found:
        raise NotFound(f"photo {sha256[:12]}")
    area = "thumb" if size == "thumb" else "display"
    response = Response(part(Store).get(sha256, area=area), mimetype="image/jpeg")  # type: ignore[arg-type]
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = _YEAR
    return response


@blueprint.get("/checklists")
def checklist_listing() -> str:
    require(READ)
    locale = current_locale()
    groups: dict[str, list[Any]] = {}
    for one in checklists().values():
        groups.setdefault(one.line, []).append(one)
    return render_template(
        "rounds/checklists.html",
        groups=[(label.in_(locale), groups[key]) for key, label in WORK_LINES.items() if key in groups],
    )


@blueprint.get("/checklists/<key>")
def checklist(key: str) -> str:
    require(READ)
    locale, found = current_locale(), checklists().get(key)
    if found is None:
        raise NotFound(f"checklist {key[:40]}")
    return render_template(
        "rounds/checklist.html",
        checklist=found,
        line=WORK_LINES[found.line].in_(locale),
        kinds=[kind_of(kind).label.in_(locale) for kind in found.kinds],
        rows=[(item, shown.limits_text(item, locale)) for item in found.items],
    )


def _show(
    session: Session,
    actor: Actor,
    found: Round,
    locale: str,
    *,
    wrong: tuple[uuid.UUID, Sequence[FieldError]] | None = None,
) -> str:
    return render_template(
        "rounds/show.html",
        page=shown.page(session, found, locale=locale, now=now()),
        may_do=operations.may_do(found, actor) and found.is_open,
        may_review=may(actor, operations.REVIEW) and actor.id != found.done_by,
        may_sign=operations.may_sign(found, actor),
        rules=inspection_rules().tracks,
        wrong=wrong,
        may_open=may(actor, "hazards.read"),
        panels=kernel().panels.pieces("round", session, actor, found, locale),
    )


def _fill(
    session: Session, found: Round, values: Mapping[str, Any], faults: Sequence[FieldError], locale: str
) -> str:
    return render_template(
        "rounds/fill.html",
        page=filling.page(session, found, values, faults, locale=locale, zone=kernel().settings.zone),
        request_key=values.get("request_key", "") or forms.read_key(None, field="request_key"),
    )


def _kpis(found: queries.Counts) -> tuple[Kpi, ...]:
    return (
        Kpi(say("rounds.kpi.due"), str(found.due)),
        Kpi(say("rounds.kpi.done"), str(found.done)),
        Kpi(say("rounds.kpi.missed"), str(found.missed), tone="strong" if found.missed else "plain"),
        Kpi(say("rounds.kpi.invalid"), str(found.invalid)),
        Kpi(say("rounds.kpi.doubtful"), str(found.doubtful)),
        Kpi(say("rounds.kpi.findings"), str(found.findings)),
    )


def _lines() -> set[str]:
    return {one.line for one in checklists().values()}


def _wanted(actor: Actor) -> Wanted:
    """What the address asks for; without anything, today."""
    asked = request.args
    today = _today()
    is_plain = not any(
        asked.get(name) for name in ("line", "standing", "since", "until", "mine", "organisation")
    )
    return Wanted(
        line=_line(),
        standing=_choice("standing", STANDINGS),
        since=_day("since") if not is_plain else today,
        until=_day("until") if not is_plain else today,
        organisation=_id("organisation"),
        mine=actor.id if asked.get("mine") else None,
    )


def _line() -> str:
    return _choice("line", tuple(WORK_LINES))


def _choice(name: str, allowed: Sequence[str]) -> str:
    value = request.args.get(name, "")
    if value and value not in allowed:
        raise BadRequest(name, fields=[FieldError(name, "not_a_choice", {"choices": ", ".join(allowed)})])
    return value


def _day(name: str) -> date | None:
    raw = request.args.get(name, "")
    try:
        return date.fromisoformat(raw) if raw else None
    except ValueError as error:
        raise BadRequest(name, fields=[FieldError(name, "not_a_date", {"value": raw[:20]})]) from error


def _month(words: str, today: date) -> date:
    """The first of a month written as 2026-11; this month's where nothing is asked."""
    if not words:
        return today.replace(day=1)
    try:
        found = date.fromisoformat(f"{words}-01")
        if not 2000 <= found.year <= 2099:
            raise ValueError(words)
    except ValueError as error:
        raise BadRequest(
            "month", fields=[FieldError("month", "not_a_date", {"value": words[:20]})]
        ) from error
    return found


def _id(name: str) -> uuid.UUID | None:
    raw = request.args.get(name, "")
    try:
        return uuid.UUID(raw) if raw else None
    except ValueError as error:
        raise BadRequest(name, fields=[FieldError(name, "not_an_id")]) from error


def _today() -> date:
    return now().astimezone(kernel().settings.zone).date()


def _to(address: str) -> Response:
    return make_response(redirect(address, code=303))
