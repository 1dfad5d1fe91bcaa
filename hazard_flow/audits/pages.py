"""The audit desk: the queue, one file with its twenty points, samples, exports."""

import uuid
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from sqlalchemy.orm import Session

from hazard_flow.audits import exporting, operations, planning, queries, views
from hazard_flow.audits.exporting import Chosen
from hazard_flow.audits.models import Audit, AuditExport
from hazard_flow.audits.outcome import Given
from hazard_flow.audits.rules import VERDICTS, audit_rules
from hazard_flow.audits.seams import Seams
from hazard_flow.errors import Conflict, FieldError, HazardFlowError, NotAllowed, Refused
from hazard_flow.evidence.store import Store
from hazard_flow.hazards.case import Reader, case
from hazard_flow.hazards.marks import tier
from hazard_flow.hazards.models import Hazard
from hazard_flow.i18n import text
from hazard_flow.identity import queries as identity
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import may
from hazard_flow.reports.models import Document
from hazard_flow.storage.base import new_id
from hazard_flow.web import forms, paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, part, reading
from hazard_flow.web.locale import current_locale
from hazard_flow.web.sentences import error_sentence, field_sentence
from hazard_flow.workflow.definition import URGENCIES

blueprint = Blueprint("audits", __name__, template_folder="templates")

READ, JUDGE, EXPORT = "audits.read", "audits.judge", "audits.export"
#: files on a page of the queue: each is prejudged as it is listed
QUEUE_PAGE = 30


def in_hand(session: Session, actor: Actor) -> int:
    """How many files this person has taken and not decided."""
    return queries.in_my_hands(session, actor.id)


@blueprint.get("/audits")
def queue() -> str:
    actor, locale, at = require(READ), current_locale(), now()
    wanted = queries.read_wanted(request.args)
    with reading(actor) as session:
        page = queries.queue(
            session, wanted, me=actor.id, now=at, cursor=request.args.get("cursor") or None, limit=QUEUE_PAGE
        )
        total = queries.count(session, wanted, me=actor.id, now=at)
        rows = views.queue_rows(session, page.items, me=actor.id, now=at, locale=locale, seams=part(Seams))
        return render_template(
            "audits/queue.html",
            rows=rows,
            wanted=wanted,
            page=paging.links(page, total=total),
            organisations=_enterprises(session, locale),
            urgencies=URGENCIES,
            mine=queries.in_my_hands(session, actor.id),
            may_judge=may(actor, JUDGE),
            request_keys={row.number: str(new_id()) for row in rows},
        )


@blueprint.get("/audits/done")
def done() -> str:
    actor, locale = require(READ), current_locale()
    cursor, limit = paging.asked()
    with reading(actor) as session:
        page = queries.decided(session, cursor=cursor, limit=limit)
        hazards = queries.of_hazards(session, [one.hazard_id for one in page.items])
        rows = views.done_rows(session, page.items, hazards, locale)
        return render_template(
            "audits/done.html",
            rows=rows,
            page=paging.links(page),
            mine=queries.in_my_hands(session, actor.id),
        )


@blueprint.post("/audits")
def take() -> Response:
    actor, key, at = require(JUDGE), forms.request_key(), now()
    store, seams, number = part(Store), part(Seams), forms.value("number")

    def work(session: Session) -> uuid.UUID:
        return operations.take(
            session, actor=actor, number=number, request_key=key, now=at, store=store, seams=seams
        ).id

    try:
        taken = kernel().database.carry_out(actor.scope, work)
    except (Conflict, Refused, NotAllowed) as refused:
        flash(_sentence(refused), "error")
        return make_response(redirect("/audits", code=303))
    return make_response(redirect(f"/audits/{taken}", code=303))


@blueprint.get("/audits/<uuid:audit_id>")
def desk(audit_id: uuid.UUID) -> str:
    return _desk(require(READ), audit_id)


@blueprint.post("/audits/<uuid:audit_id>")
def judge(audit_id: uuid.UUID) -> Response:
    """One form says it all: verdicts, and, by the button pressed, only to save them, to pass, or to send back."""
    actor, key, at, version = require(JUDGE), forms.request_key(), now(), forms.expected_version()
    outcome, opinion = forms.value("do"), forms.value("opinion")

    def work(session: Session) -> Audit:
        audit = queries.by_id(session, audit_id)
        given = _given(audit)
        if given:
            audit = operations.judge(
                session, actor=actor, audit_id=audit_id, given=given, request_key=f"{key}:judge", now=at,
                expected_version=version,
            )  # fmt: skip
        if outcome in ("pass", "return"):
            audit = operations.decide(
                session, actor=actor, audit_id=audit_id, decision=outcome, opinion=opinion,
                request_key=f"{key}:decide", now=at,
            )  # fmt: skip
        return audit

    try:
        changed = kernel().database.carry_out(actor.scope, work)
    except (Conflict, Refused, NotAllowed) as refused:
        return make_response(_desk(actor, audit_id, refused), refused.status)
    flash(text(f"audits.did.{changed.state}", current_locale()), "done")
    return make_response(redirect("/audits" if not changed.is_open else f"/audits/{audit_id}", code=303))


@blueprint.post("/audits/<uuid:audit_id>/release")
def release(audit_id: uuid.UUID) -> Response:
    actor, key, at = require(JUDGE), forms.request_key(), now()
    try:
        kernel().database.carry_out(
            actor.scope,
            lambda session: (
                operations.release(session, actor=actor, audit_id=audit_id, request_key=key, now=at).id
            ),
        )
    except (Conflict, NotAllowed) as refused:
        return make_response(_desk(actor, audit_id, refused), refused.status)
    flash(text("audits.did.released", current_locale()), "done")
    return make_response(redirect("/audits", code=303))


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
        return make_response(_plans(actor, _sentence(refused)), refused.status)
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
        flash(_sentence(refused), "error")
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
        return make_response(_exports(actor, _sentence(refused)), refused.status)
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


def _desk(actor: Actor, audit_id: uuid.UUID, refused: HazardFlowError | None = None) -> str:
    locale, at = current_locale(), now()
    with reading(actor) as session:
        audit = queries.by_id(session, audit_id)
        hazard = session.get_one(Hazard, audit.hazard_id)
        shown = case(session, hazard, Reader(actor, locale, at), ())
        document = session.get(Document, audit.document_id) if audit.document_id else None
        reopened = queries.of_hazards(session, [audit.reopened_id] if audit.reopened_id else [])
        names = identity.names(session, [audit.taken_by])
        units = identity.organisation_labels(session, {hazard.home_id})
        points = views.checklist(audit, locale, _errors(refused))
        if refused is not None:
            points = _typed(points)
        return render_template(
            "audits/desk.html",
            audit=audit,
            page=shown.page,
            points=points,
            document=document,
            organisation=units[hazard.home_id].label.in_(locale) if hazard.home_id in units else "—",
            auditor=names.get(audit.taken_by, ""),
            may_judge=audit.is_open and audit.taken_by == actor.id and may(actor, JUDGE),
            may_release=may(actor, JUDGE)
            and audit.is_open
            and (audit.taken_by == actor.id or at - audit.taken_at >= audit_rules().release_after),
            reopened=next(iter(reopened.values()), None),
            refusal=_sentence(refused) if refused is not None else "",
            opinion=forms.value("opinion") if refused is not None else audit.opinion or "",
            opinion_error=(_errors(refused)).get("opinion", ""),
            request_key=str(new_id()),
            total=len(audit_rules().points),
        )


def _typed(points: views.Checklist) -> views.Checklist:
    """What was typed before a refusal stays in the form."""

    def again(row: views.PointRow) -> views.PointRow:
        said = forms.value(f"v_{row.point.key}") or row.verdict
        return replace(
            row, verdict=said, verdict_reason=forms.value(f"r_{row.point.key}") or row.verdict_reason
        )

    groups = (points.doubtful, points.fine, points.beside)
    return views.Checklist(*(tuple(map(again, group)) for group in groups))


def _given(audit: Audit) -> list[Given]:
    """The verdicts of the form that say something new; ticked at once, what the machine found in order counts as seen."""
    findings, confirmed = operations.findings_of(audit), forms.value("confirm") == "true"
    found = []
    for key in audit_rules().points:
        verdict, reason = forms.value(f"v_{key}"), forms.value(f"r_{key}")
        if not verdict and confirmed and findings[key].result in ("pass", "na") and key not in audit.verdicts:
            verdict = findings[key].result
        known = audit.verdicts.get(key, {})
        if verdict in VERDICTS and (verdict, reason) != (known.get("verdict"), known.get("reason")):
            found.append(Given(key, verdict, reason))
    return found


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
            organisations=_enterprises(session, locale),
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
            organisations=_enterprises(session, locale),
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


def _enterprises(session: Session, locale: str) -> list[tuple[str, str]]:
    return [(str(one.id), one.label.in_(locale)) for one in identity.enterprises(session)]


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


def _errors(refused: HazardFlowError | None) -> dict[str, str]:
    if refused is None:
        return {}
    locale, zone = current_locale(), kernel().settings.zone
    return {one.field: field_sentence(one, locale, zone) for one in refused.fields}


def _sentence(refused: HazardFlowError) -> str:
    """What was refused, in a sentence or two; of many missing points only how many."""
    locale, zone = current_locale(), kernel().settings.zone
    missing = [one for one in refused.fields if one.code == "point_not_judged"]
    told = [field_sentence(one, locale, zone) for one in refused.fields if one.code != "point_not_judged"]
    if missing:
        told.insert(0, text("audits.not_judged", locale, n=len(missing)))
    if not told:
        return error_sentence(refused.code, refused.params, locale, zone)
    return text("audits.and_then", locale).join(dict.fromkeys(told))
