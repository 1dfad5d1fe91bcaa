"""A register as a file on its page: looked at first, stored then, written out."""

import base64
import binascii

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request

from hazard_flow.daily_work import importing, queries
from hazard_flow.daily_work.lines import RecordKind
from hazard_flow.daily_work.pages import READ, RECORD, kind_of
from hazard_flow.errors import BadRequest, FieldError, NotFound
from hazard_flow.exchange.kinds import ImportOrder, ImportReport
from hazard_flow.exchange.records import SourceFile
from hazard_flow.identity.actor import Actor
from hazard_flow.inspections.work_lines import WORK_LINES
from hazard_flow.web import forms
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, reading, writing
from hazard_flow.web.locale import current_locale, say

blueprint = Blueprint("daily_work_exchanging", __name__)

#: of a file that is looked at on its page; larger ones come in by the command line
FILE_BYTES_MAX = 4_000_000
_MIMES = {
    ".csv": "text/csv; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@blueprint.get("/work/<line>/<kind>/import")
def choose(line: str, kind: str) -> str:
    require(RECORD)
    return _page(_kind(line, kind))


@blueprint.post("/work/<line>/<kind>/import")
def look(line: str, kind: str) -> Response:
    """A dry run: what the file would do, or everything that is wrong with it."""
    actor, found = require(RECORD), _kind(line, kind)
    given = forms.files()
    if not given:
        raise BadRequest("no file", fields=[FieldError("file", "required")])
    file = SourceFile(given[0].filename, given[0].read())
    if len(file.data) > FILE_BYTES_MAX:
        raise BadRequest(
            "large file", fields=[FieldError("file", "file_too_large", {"kb": FILE_BYTES_MAX // 1000})]
        )
    with kernel().database.transaction(actor.scope) as session:
        report = importing.read_in(session, file, _order(actor, dry_run=True), key=_key(found))
        session.rollback()
    return make_response(_page(found, report=report, file=file), 422 if report.faults else 200)


@blueprint.post("/work/<line>/<kind>/import/store")
def store(line: str, kind: str) -> Response:
    """The file looked at a moment ago, judged again and stored."""
    actor, found = require(RECORD), _kind(line, kind)
    try:
        data = base64.b64decode(forms.value("content"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadRequest("broken content", fields=[FieldError("content", "not_a_form")]) from error
    file = SourceFile(forms.value("name"), data)
    with writing(actor) as session:
        report = importing.read_in(session, file, _order(actor, dry_run=False), key=_key(found))
    if report.faults:
        return make_response(_page(found, report=report, file=file), 422)
    key = "daily_work.import.stored" if report.is_stored else "daily_work.import.nothing_new"
    flash(say(key, n=len(report.changes)), "done")
    return make_response(redirect(f"/work/{line}/{kind}", code=303))


@blueprint.get("/work/<line>/<kind>/file")
def write_out(line: str, kind: str) -> Response:
    """The register as a table or spreadsheet, as `import` takes it."""
    actor, found = require(READ), kind_of(line, kind)
    ending = request.args.get("ending", ".csv")
    if ending not in importing.ENDINGS:
        choices = ", ".join(importing.ENDINGS)
        raise BadRequest("ending", fields=[FieldError("ending", "not_a_choice", {"choices": choices})])
    with reading(actor) as session:
        body = importing.written(session, found, list(queries.all_of(session, found.key)), ending)
    response = Response(body, content_type=_MIMES[ending])
    response.headers["Content-Disposition"] = f'attachment; filename="{found.key}{ending}"'
    return response


def _page(kind: RecordKind, *, report: ImportReport | None = None, file: SourceFile | None = None) -> str:
    locale = current_locale()
    return render_template(
        "work/import.html",
        kind=kind,
        line_label=WORK_LINES[kind.line].in_(locale),
        columns=[("organisation", say("daily_work.form.organisation"), False), *_columns(kind, locale)],
        endings=", ".join(importing.ENDINGS),
        report=report,
        file_name=file.name if file else "",
        content=base64.b64encode(file.data).decode() if file and report and not report.faults else "",
        locale=locale,
    )


def _columns(kind: RecordKind, locale: str) -> list[tuple[str, str, bool]]:
    return [(one.key, one.label.in_(locale), one.required) for one in kind.fields]


def _kind(line: str, kind: str) -> RecordKind:
    found = kind_of(line, kind)
    if found.key not in importing.REGISTERS.values():
        raise NotFound(f"no file of {kind[:40]}")
    return found


def _key(kind: RecordKind) -> str:
    return next(key for key, name in importing.REGISTERS.items() if name == kind.key)


def _order(actor: Actor, *, dry_run: bool) -> ImportOrder:
    return ImportOrder(actor=actor, now=now(), dry_run=dry_run)
