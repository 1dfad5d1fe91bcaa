"""The audit desk: the queue, one file with its twenty points, what was decided; and what a hazard's page tells of its audit."""

import uuid
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from markupsafe import Markup
from sqlalchemy.orm import Session

from hazard_flow.audits import operations, queries, views
from hazard_flow.audits.models import Audit
from hazard_flow.audits.outcome import Given
from hazard_flow.audits.rules import VERDICTS, audit_rules
from hazard_flow.audits.seams import Seams
from hazard_flow.errors import Conflict, HazardFlowError, NotAllowed, Refused
from hazard_flow.evidence.store import Store
from hazard_flow.hazards.case import Reader, case
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
OVERVIEW_SHOWN = 4
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
        rows = views.queue_rows(session, page.items, actor=actor, now=at, locale=locale, seams=part(Seams))
        return render_template(
            "audits/queue.html",
            rows=rows,
            wanted=wanted,
            page=paging.links(page, total=total),
            organisations=enterprises(session, locale),
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
        flash(sentence(refused), "error")
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
                request_key=f"{key}:decide", now=at, expected_version=None if given else version,
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
            refusal=sentence(refused) if refused is not None else "",
            opinion=forms.value("opinion") if refused is not None else audit.opinion or "",
            is_confirmed=refused is not None and _is_confirmed(),
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


def _is_confirmed() -> bool:
    return forms.value("confirm") == "true"


def _given(audit: Audit) -> list[Given]:
    """The verdicts of the form that say something new; ticked at once, what the machine found in order counts as seen."""
    findings, confirmed = operations.findings_of(audit), _is_confirmed()
    found = []
    for key in audit_rules().points:
        verdict, reason = forms.value(f"v_{key}"), forms.value(f"r_{key}")
        if not verdict and confirmed and findings[key].result in ("pass", "na") and key not in audit.verdicts:
            verdict = findings[key].result
        known = audit.verdicts.get(key, {})
        if verdict in VERDICTS and (verdict, reason) != (known.get("verdict"), known.get("reason")):
            found.append(Given(key, verdict, reason))
    return found


def _errors(refused: HazardFlowError | None) -> dict[str, str]:
    if refused is None:
        return {}
    locale, zone = current_locale(), kernel().settings.zone
    return {one.field: field_sentence(one, locale, zone) for one in refused.fields}


def sentence(refused: HazardFlowError) -> str:
    """What was refused, in a sentence or two; of many missing points only how many."""
    locale, zone = current_locale(), kernel().settings.zone
    missing = [one for one in refused.fields if one.code == "point_not_judged"]
    told = [field_sentence(one, locale, zone) for one in refused.fields if one.code != "point_not_judged"]
    if missing:
        told.insert(0, text("audits.not_judged", locale, n=len(missing)))
    if not told:
        return error_sentence(refused.code, refused.params, locale, zone)
    return text("audits.and_then", locale).join(dict.fromkeys(told))


def enterprises(session: Session, locale: str) -> list[tuple[str, str]]:
    """(id, name) of the enterprises the reader may choose from."""
    return [(str(one.id), one.label.in_(locale)) for one in identity.enterprises(session)]


def hazard_panel(session: Session, actor: Actor, hazard: Any, locale: str) -> Markup | None:
    """The decided audits of a hazard, the newest first; None where there are none."""
    rows = queries.of_hazard(session, hazard)
    if not rows:
        return None
    failing = {
        row.id: [
            point.name.in_(locale)
            for key, point in audit_rules().points.items()
            if row.verdicts.get(key, {}).get("verdict") == "fail"
        ]
        for row in rows
    }
    page = render_template(
        "audits/panel.html", rows=rows, failing=failing, may_open=may(actor, "audits.read")
    )
    return Markup(page)  # noqa: S704 - our own template, which escapes


def overview_piece(session: Session, actor: Actor, _subject: Any, locale: str) -> Markup | None:
    """On a regulator's dashboard: the files that wait, the weightiest first."""
    if not may(actor, READ):
        return None
    at = now()
    wanted = queries.read_wanted({})
    page = queries.queue(session, wanted, me=actor.id, now=at, cursor=None, limit=OVERVIEW_SHOWN)
    total = queries.count(session, wanted, me=actor.id, now=at)
    rows = views.queue_rows(session, page.items, actor=actor, now=at, locale=locale, seams=part(Seams))
    return Markup(render_template("audits/overview.html", rows=rows, total=total))  # noqa: S704 - our own template, which escapes
