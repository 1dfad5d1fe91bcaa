"""Pages on which something is recorded, corrected, brought to its end or withdrawn; one record with its history and its files."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from sqlalchemy.orm import Session

from hazard_flow.daily_work import form, keeping, operations, queries, shown
from hazard_flow.daily_work.lines import OPEN, WITHDRAWN, RecordKind
from hazard_flow.daily_work.loading import line_book
from hazard_flow.daily_work.models import WorkFile, WorkRecord
from hazard_flow.daily_work.operations import Order
from hazard_flow.daily_work.pages import PLAN, READ, RECORD, kind_of
from hazard_flow.daily_work.recording import sheet
from hazard_flow.errors import FieldError, HazardFlowError, NotFound, Refused
from hazard_flow.evidence.items import EvidenceItem
from hazard_flow.evidence.store import Store
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation
from hazard_flow.identity.rights import may
from hazard_flow.inspections.work_lines import WORK_LINES
from hazard_flow.storage.base import new_id
from hazard_flow.web import forms
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, part, reading
from hazard_flow.web.locale import current_locale, say
from hazard_flow.web.sentences import field_sentence

blueprint = Blueprint("daily_work_recording", __name__)

_OWN = frozenset({*form.OF_THE_FORM, *forms.RESERVED})
_YEAR = "private, max-age=31536000, immutable"


@blueprint.get("/work/<line>/<kind>/new")
def new(line: str, kind: str) -> str:
    actor = require(RECORD)
    found = kind_of(line, kind)
    given = {key: value for key, value in request.args.items() if found.field(key) is not None}
    given["item_id"] = request.args.get("item", "")
    with reading(actor) as session:
        return _form(session, actor, found, given, (), key=str(new_id()))


@blueprint.post("/work/<line>/<kind>")
def record(line: str, kind: str) -> Response:
    actor, found, at = require(RECORD), kind_of(line, kind), now()
    given, key = forms.values(), forms.request_key()
    unit, item = str(given.get("organisation", "")), str(given.get("item_id", ""))

    def work(session: Session, files: Sequence[EvidenceItem]) -> WorkRecord:
        return operations.record(
            session,
            found,
            _fields(given),
            Order(actor=actor, now=at, request_key=key),
            organisation=_unit(session, actor, unit),
            files=files,
            item_id=_id(item, "item_id"),
        )

    try:
        row = _carry_out(actor, work)
    except Refused as refused:
        with reading(actor) as session:
            return make_response(_form(session, actor, found, given, refused.fields, key=key), 422)
    except HazardFlowError as refused:
        if refused.status not in (413, 415):
            raise
        with reading(actor) as session:
            faults = _file_faults(refused)
            return make_response(_form(session, actor, found, given, faults, key=key), refused.status)
    flash(say("daily_work.record.hazard" if row.hazard_id else "daily_work.record.made"), "done")
    return make_response(redirect(f"/work/records/{row.id}", code=303))


@blueprint.get("/work/records/<uuid:record_id>")
def show(record_id: uuid.UUID) -> str:
    actor = require(READ)
    with reading(actor) as session:
        return _show(session, actor, record_id, {}, ())


@blueprint.get("/work/records/<uuid:record_id>/edit")
def edit(record_id: uuid.UUID) -> str:
    actor = require(RECORD)
    with reading(actor) as session:
        row = _one(session, record_id)
        kind = line_book().kinds[row.kind]
        given = form.stored(kind, row, zone=kernel().settings.zone, session=session)
        return _form(session, actor, kind, given, (), key=str(new_id()), row=row)


@blueprint.post("/work/records/<uuid:record_id>")
def correct(record_id: uuid.UUID) -> Response:
    actor, at = require(RECORD), now()
    given, key = forms.values(), forms.request_key()
    version = forms.read_version(request.form.get("expected_version"), field="expected_version")
    with reading(actor) as session:
        row = _one(session, record_id)
    kind = line_book().kinds[row.kind]
    asked = kind.fields if row.closed_at is None else (*kind.fields, *kind.closing)
    # a box that was emptied sends nothing, and means: nothing any more
    whole = {one.key: given.get(one.key, "") for one in asked}

    def work(session: Session, files: Sequence[EvidenceItem]) -> WorkRecord:
        return operations.correct(
            session,
            record_id,
            whole,
            Order(actor=actor, now=at, request_key=key),
            why=str(given.get("why", "")),
            files=files,
            expected_version=version,
        )

    try:
        _carry_out(actor, work)
    except Refused as refused:
        with reading(actor) as session:
            return make_response(_form(session, actor, kind, given, refused.fields, key=key, row=row), 422)
    flash(say("daily_work.record.corrected"), "done")
    return make_response(redirect(f"/work/records/{record_id}", code=303))


@blueprint.post("/work/records/<uuid:record_id>/closure")
def close(record_id: uuid.UUID) -> Response:
    actor, at = require(RECORD), now()
    given, key = forms.values(), forms.request_key()

    def work(session: Session, files: Sequence[EvidenceItem]) -> WorkRecord:
        order = Order(actor=actor, now=at, request_key=key)
        return operations.close(session, record_id, _fields(given), order, files=files)

    try:
        _carry_out(actor, work)
    except Refused as refused:
        with reading(actor) as session:
            return make_response(_show(session, actor, record_id, given, refused.fields), 422)
    flash(say("daily_work.record.closed"), "done")
    return make_response(redirect(f"/work/records/{record_id}", code=303))


@blueprint.post("/work/records/<uuid:record_id>/withdrawal")
def withdraw(record_id: uuid.UUID) -> Response:
    actor, at, why, key = require(RECORD), now(), forms.value("why"), forms.request_key()

    def work(session: Session, _files: Sequence[EvidenceItem]) -> WorkRecord:
        order = Order(actor=actor, now=at, request_key=key)
        return operations.withdraw(session, record_id, order, why=why)

    _carry_out(actor, work)
    flash(say("daily_work.record.withdrawn"), "done")
    return make_response(redirect(f"/work/records/{record_id}", code=303))


@blueprint.get("/work/files/<uuid:file_id>")
def original(file_id: uuid.UUID) -> Response:
    """The untouched original: always a download, never shown by the browser as what it claims to be."""
    row = _file(file_id)
    response = Response(part(Store).stream(row.sha256), mimetype="application/octet-stream")
    response.headers["Content-Length"] = str(row.size)
    ending = row.filename.rsplit(".", 1)[-1][:5] if "." in row.filename else "bin"
    safe = "".join(sign for sign in ending if sign.isascii() and sign.isalnum()) or "bin"
    response.headers["Content-Disposition"] = f'attachment; filename="{row.sha256[:12]}.{safe}"'
    return _sealed_off(response)


@blueprint.get("/work/files/<uuid:file_id>/thumb")
def thumb(file_id: uuid.UUID) -> Response:
    """The small copy for the eye."""
    row = _file(file_id)
    if row.display_sha256 is None:
        raise NotFound(f"copy of {file_id}")
    return _sealed_off(Response(part(Store).get(row.display_sha256, area="thumb"), mimetype="image/jpeg"))


def _sealed_off(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = _YEAR
    return response


def _file(file_id: uuid.UUID) -> WorkFile:
    actor = require(READ)
    with reading(actor) as session:
        row = session.get(WorkFile, file_id)
        if row is None or queries.one(session, row.record_id) is None:
            raise NotFound(f"file {file_id}")
    return row


def _carry_out(actor: Actor, work: Callable[[Session, Sequence[EvidenceItem]], WorkRecord]) -> WorkRecord:
    uploads = [(one.filename, one.read()) for one in forms.files()]
    looked = keeping.look(uploads, received_at=now())
    items = [one.item for one in looked]
    return keeping.carry_out(
        kernel().database,
        actor.scope,
        lambda session: work(session, items),
        files=looked,
        store=part(Store),
    )


def _show(
    session: Session,
    actor: Actor,
    record_id: uuid.UUID,
    given: Mapping[str, Any],
    faults: Sequence[FieldError],
) -> str:
    locale, zone, at = current_locale(), kernel().settings.zone, now()
    row = _one(session, record_id)
    kind = line_book().kinds[row.kind]
    reader = form.Reader(actor, locale, zone)
    home = session.get_one(Organisation, row.home_id)
    mine = may(actor, RECORD) and actor.scope.sees(path=row.path, division=row.division, parties=row.parties)
    asked = form.fields(session, kind, kind.closing, given, faults, home=home, reader=reader)
    return render_template(
        "work/record.html",
        sheet=sheet.draw(session, row, kind, reader=reader, now=at),
        kind=kind,
        row=row,
        line_label=WORK_LINES[row.line].in_(locale),
        closing=asked if mine and row.state == OPEN and kind.closes else [],
        slot=form.slot(kind, faults, is_new=False, reader=reader),
        errors=form.errors(kind, faults, locale=locale, zone=zone),
        may_change=mine and row.state != WITHDRAWN,
        may_plan=may(actor, PLAN),
        key=str(new_id()),
    )


def _form(
    session: Session,
    actor: Actor,
    kind: RecordKind,
    given: Mapping[str, Any],
    faults: Sequence[FieldError],
    *,
    key: str,
    row: WorkRecord | None = None,
) -> str:
    locale, zone = current_locale(), kernel().settings.zone
    units = form.units(session, actor)
    if not units:
        raise NotFound("no unit to record for")
    home = session.get_one(Organisation, row.home_id if row else units[0].root_id)
    reader = form.Reader(actor, locale, zone)
    asked = kind.fields if row is None or row.closed_at is None else (*kind.fields, *kind.closing)
    today = now().astimezone(zone).date()
    chosen = next((one for one in units if str(one.id) == given.get("organisation")), units[0])
    owed = queries.owed_items(session, kind.key, path=chosen.path) if row is None else []
    begun = [one for one in owed if one.begins_on <= today]
    return render_template(
        "work/form.html",
        kind=kind,
        row=row,
        line_label=WORK_LINES[kind.line].in_(locale),
        fields=form.fields(session, kind, asked, given, faults, home=home, reader=reader),
        errors=form.errors(kind, faults, locale=locale, zone=zone),
        slot=form.slot(kind, faults, is_new=row is None, reader=reader),
        units=[(str(one.id), one.label.in_(locale)) for one in units],
        unit=str(given.get("organisation", "")),
        items=shown.items(session, begun, today, locale),
        item=str(given.get("item_id", "")),
        why=str(given.get("why", "")),
        why_error=next((field_sentence(f, locale, zone) for f in faults if f.field == "why"), ""),
        key=key,
    )


def _file_faults(refused: HazardFlowError) -> list[FieldError]:
    if refused.fields:
        return refused.fields
    return [FieldError(form.FILES, refused.code, refused.params)]


def _fields(given: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if key not in _OWN}


def _one(session: Session, record_id: uuid.UUID) -> WorkRecord:
    row = queries.one(session, record_id)
    if row is None or row.kind not in line_book().kinds:
        raise NotFound(f"record {record_id}")
    return row


def _unit(session: Session, actor: Actor, raw: str) -> Organisation:
    units = form.units(session, actor)
    found = next((one for one in units if str(one.id) == raw), None) if raw else (units[0] if units else None)
    if found is None:
        raise Refused(fields=[FieldError("organisation", "unknown_organisation")])
    return found


def _id(raw: str, name: str) -> uuid.UUID | None:
    if not raw:
        return None
    try:
        return uuid.UUID(raw)
    except ValueError:
        raise Refused(fields=[FieldError(name, "not_an_id", {"field": name})]) from None
