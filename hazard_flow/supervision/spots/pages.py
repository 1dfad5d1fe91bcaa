"""The pages of re-checks: the list, a new one about a record, one with both sides; panels on a hazard's and an asset's page."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from markupsafe import Markup
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.assets.queries import choices as asset_choices
from hazard_flow.errors import BadRequest, Conflict, FieldError, NotAllowed, Refused
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.evidence.operations import receive
from hazard_flow.evidence.store import Store
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.queries import enterprises, names, organisation_labels
from hazard_flow.identity.rights import may
from hazard_flow.inspections.work_lines import WORK_LINES
from hazard_flow.storage.base import new_id
from hazard_flow.supervision import files
from hazard_flow.supervision.files import Given
from hazard_flow.supervision.issuing import ORDER, READ
from hazard_flow.supervision.spots import operations, queries
from hazard_flow.supervision.spots.models import OUTCOMES
from hazard_flow.supervision.spots.operations import SAYS_MAX, TEXT_MAX, Found
from hazard_flow.supervision.spots.records import Record, Records
from hazard_flow.supervision.tasks.models import SupervisionTask
from hazard_flow.web import forms, paging
from hazard_flow.web.acts import Fields
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, part, reading
from hazard_flow.web.locale import current_locale, say

blueprint = Blueprint("supervision_spots", __name__, template_folder="../templates")

FIELDS = (
    "found", "outcome", "checked_at", "record_kind", "record_id", "organisation", "line", "record_says", "recorded_at", "asset", "check_id",
    "hazard", "catalogue_code", "task_due_on",
)  # fmt: skip


@blueprint.get("/supervision/spots")
def listing() -> str:
    actor = require(READ)
    cursor, limit = paging.asked()
    outcome, home = request.args.get("outcome", ""), _id(request.args, "organisation")
    if outcome and outcome not in OUTCOMES:
        raise BadRequest("outcome", fields=[FieldError("outcome", "unknown_choice", {"value": outcome[:40]})])
    line = request.args.get("line", "")
    if line and line not in WORK_LINES:
        raise BadRequest("line", fields=[FieldError("line", "unknown_choice", {"value": line[:40]})])
    with reading(actor) as session:
        page = queries.page(
            session, cursor=cursor, limit=limit, organisation=home, outcome=outcome, line=line
        )
        units = organisation_labels(session, {one.home_id for one in page.items})
        who = names(session, [one.checked_by for one in page.items if one.checked_by])
    return render_template(
        "supervision/spots.html", rows=page.items, page=paging.links(page), units=units, who=who, lines=WORK_LINES, outcomes=OUTCOMES,
        outcome=outcome, may_order=may(actor, ORDER),
    )  # fmt: skip


@blueprint.get("/supervision/spots/new")
def new() -> str:
    given = {name: request.args[name][:80] for name in FIELDS if name in request.args}
    return _form(require(ORDER), given, ())


@blueprint.post("/supervision/spots")
def enter() -> Response:
    actor, given, key, at = require(ORDER), forms.values(), forms.request_key(), now()
    found = Found(
        **{name: str(given.get(name) or ("other" if name == "record_kind" else "")) for name in FIELDS}
    )
    store, records = part(Store), part(Records)

    def work(session: Session) -> uuid.UUID:
        return operations.check_again(
            session, actor=actor, given=found, records=records, request_key=key, now=at, attached=attached, evidence=evidence, store=store
        ).id  # fmt: skip

    try:
        attached, evidence = _photos(store, at, is_evidence=bool(found.hazard))
        id_ = kernel().database.carry_out(actor.scope, work)
    except (Refused, NotAllowed, Conflict) as refused:
        return make_response(_form(actor, given, refused.fields), refused.status)
    flash(say("supervision.did.spot"), "done")
    return make_response(redirect(f"/supervision/spots/{id_}", code=303))


@blueprint.get("/supervision/spots/<uuid:spot_id>")
def show(spot_id: uuid.UUID) -> str:
    actor = require(READ)
    with reading(actor) as session:
        spot = queries.one(session, spot_id)
        units = organisation_labels(session, {spot.home_id, spot.issuer_id})
        who = names(session, [spot.checked_by] if spot.checked_by else [])
        return render_template(
            "supervision/spot.html", spot=spot, unit=units.get(spot.home_id), issuer=units.get(spot.issuer_id),
            who=who.get(spot.checked_by, "") if spot.checked_by else "", lines=WORK_LINES, files=files.of(session, spot.id),
            place=session.get(Asset, spot.asset_id) if spot.asset_id else None,
            hazard=session.get(Hazard, spot.hazard_id) if spot.hazard_id else None,
            task=session.get(SupervisionTask, spot.task_id) if spot.task_id else None,
        )  # fmt: skip


def hazard_panel(session: Session, actor: Actor, subject: Any, _locale: str) -> Markup | None:
    """On a hazard's page: what the regulator found of its record, and which re-check opened it."""
    if not may(actor, READ) or not isinstance(subject, Hazard):
        return None
    of_record = queries.of_record(session, "hazard", subject.id)
    opened = queries.opened_by(session, subject.id)
    may_check = may(actor, ORDER) and subject.closed_at is not None and subject.resolution == "rectified"
    if not of_record and not opened and not may_check:
        return None
    href = f"/supervision/spots/new?record_kind=hazard&record_id={subject.id}" if may_check else ""
    return _panel([*of_record, *opened], href)


def round_panel(session: Session, actor: Actor, subject: Any, _locale: str) -> Markup | None:
    """On the page of a round: what the regulator found of it."""
    return _record_panel(session, actor, "round", subject.id, is_done=subject.state == "done")


def visit_panel(session: Session, actor: Actor, subject: Any, _locale: str) -> Markup | None:
    """On the page of a household visit, likewise."""
    return _record_panel(session, actor, "household_visit", subject.id, is_done=subject.result == "done")


def asset_panel(session: Session, actor: Actor, subject: Any, _locale: str) -> Markup | None:
    """On an asset's page: the re-checks there."""
    rows = queries.of_asset(session, subject.id) if may(actor, READ) else []
    return _panel(rows, "") if rows else None


def _record_panel(
    session: Session, actor: Actor, kind: str, record_id: uuid.UUID, *, is_done: bool
) -> Markup | None:
    if not may(actor, READ):
        return None
    rows = queries.of_record(session, kind, record_id)
    may_check = may(actor, ORDER) and is_done
    href = f"/supervision/spots/new?record_kind={kind}&record_id={record_id}" if may_check else ""
    return _panel(rows, href) if rows or href else None


def _panel(rows: Sequence[Any], href: str) -> Markup:
    drawn = render_template("supervision/spot_panel.html", rows=rows, href=href)
    return Markup(drawn)  # noqa: S704 - our own template, which escapes


def _photos(store: Store, at: Any, *, is_evidence: bool) -> tuple[list[Given], tuple[EvidenceItem, ...]]:
    """The files of the form, and the same as evidence of the hazard they show."""
    given = [Given(one.filename, one.read()) for one in forms.files()]
    if not is_evidence:
        return given, ()
    return given, tuple(
        receive(store, one.data, one.filename, stage="report", kind="PHOTO_BEFORE", received_at=at)
        for one in given
    )


def _form(actor: Actor, given: Mapping[str, Any], faults: Any) -> str:
    locale, zone = current_locale(), kernel().settings.zone
    with reading(actor) as session:
        record = _record(session, given)
        made = Fields("supervision", locale, zone, given, faults)
        if record is None:
            made.add(
                "organisation",
                "select",
                required=True,
                choices=[(str(one.id), one.label.in_(locale)) for one in enterprises(session)],
            )
            made.add(
                "line",
                "select",
                required=True,
                choices=[(key, label.in_(locale)) for key, label in WORK_LINES.items()],
            )
            made.add("record_says", required=True, at_most=SAYS_MAX, hint=say("supervision.hint.record_says"))
            made.add("recorded_at", "datetime", required=True)
            made.add(
                "asset",
                "asset",
                choices=[(one.code, one.label.in_(locale)) for one in asset_choices(session)],
            )
        made.add("checked_at", "datetime", required=True)
        made.add(
            "outcome",
            "radio",
            required=True,
            choices=[(key, say(f"supervision.outcome.{key}")) for key in OUTCOMES],
        )
        made.add("found", "textarea", required=True, at_most=TEXT_MAX)
        after = ("outcome", "contradicts")
        made.add("hazard", "textarea", at_most=TEXT_MAX, hint=say("supervision.hint.hazard"), when=after)
        made.add("catalogue_code", at_most=40, when=after)
        made.add("task_due_on", "date", hint=say("supervision.hint.task_due_on"), when=after)
    return render_template(
        "supervision/spot_new.html", fields=made.made, errors=made.errors(), record=record, request_key=str(new_id()),
        check_id=str(given.get("check_id") or ""),
    )  # fmt: skip


def _record(session: Session, given: Mapping[str, Any]) -> Record | None:
    kind = str(given.get("record_kind") or "")
    id_ = _id(given, "record_id")
    return part(Records).one(session, kind, id_) if kind and id_ else None


def _id(given: Mapping[str, Any], name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(given[name])) if given.get(name) else None
    except ValueError as error:
        raise BadRequest(name, fields=[FieldError(name, "not_an_id")]) from error
