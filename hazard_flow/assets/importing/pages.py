"""The page that takes a file of assets: tried as often as one likes, then stored whole or not at all."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template

from hazard_flow.assets.frames import FRAMES
from hazard_flow.assets.importing.kinds import ROW_KINDS
from hazard_flow.assets.importing.reading import RIGHT
from hazard_flow.assets.kinds import kind_book
from hazard_flow.assets.particulars import COMMON
from hazard_flow.assets.writing import owners
from hazard_flow.errors import BadRequest, FieldError
from hazard_flow.exchange.kinds import ExportOrder, ImportOrder, ImportReport, Kind, Kinds
from hazard_flow.exchange.records import SourceFile
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import may
from hazard_flow.web import forms
from hazard_flow.web.auth import require
from hazard_flow.web.context import now, part, reading, writing
from hazard_flow.web.limits import uploads
from hazard_flow.web.locale import current_locale, say

blueprint = Blueprint("assets_import", __name__, template_folder="templates")

#: some sixty thousand rows, some seconds; more comes in by the command line
FILE_BYTES_MAX = 10_000_000
FAULTS_SHOWN = 500
_MIME = {
    ".csv": "text/csv; charset=utf-8",
    ".geojson": "application/geo+json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@blueprint.get("/assets/import")
def form() -> str:
    return _page(require(RIGHT), _kind("assets"), None, "")


@blueprint.post("/assets/import")
@uploads
def take() -> Response:
    """Try a file, or store it: with a single fault nothing is stored."""
    actor = require(RIGHT)
    kind = _kind(forms.value("kind"))
    crs = forms.value("crs")
    if crs and crs not in FRAMES:
        raise BadRequest("crs", fields=[FieldError("crs", "not_a_choice", {"choices": ", ".join(FRAMES)})])
    given = forms.files()
    if not given:
        raise BadRequest("no file", fields=[FieldError("file", "required")])
    data = given[0].file.stream.read(FILE_BYTES_MAX + 1)
    if len(data) > FILE_BYTES_MAX:
        limit = {"kb": FILE_BYTES_MAX // 1000}
        raise BadRequest("large file", fields=[FieldError("file", "file_too_large", limit)])
    order = ImportOrder(
        actor=actor,
        now=now(),
        crs=crs,
        organisation=forms.value("organisation"),
        dry_run=forms.value("do") != "store",
    )
    opened = reading if order.dry_run else writing
    with opened(actor) as session:
        report = kind.read_in(session, SourceFile(given[0].filename, data), order)
    if report.is_stored:
        flash(
            say("assets.import.stored", added=report.count("added"), changed=report.count("changed")), "done"
        )
        return make_response(redirect("/assets", code=303))
    page = _page(actor, kind, report, given[0].filename, order=order)
    return make_response(page, 422 if report.faults else 200)


@blueprint.get("/assets/export/<kind>.<ending>")
def export(kind: str, ending: str) -> Response:
    """The register as a file the import takes again; what is personal only for who may see it."""
    actor = require("assets.read")
    chosen = _kind(kind)
    if f".{ending}" not in chosen.endings:
        choices = ", ".join(chosen.endings)
        raise BadRequest("ending", fields=[FieldError("ending", "not_a_choice", {"choices": choices})])
    with reading(actor) as session:
        order = ExportOrder(f".{ending}", with_personal=may(actor, RIGHT))
        written = chosen.write_out(session, order)
    response = Response(written, content_type=_MIME[f".{ending}"])
    response.headers["Content-Disposition"] = f'attachment; filename="{kind}.{ending}"'
    return response


def _page(
    actor: Actor, kind: Kind, report: ImportReport | None, file_name: str, *, order: ImportOrder | None = None
) -> str:
    locale = current_locale()
    book = kind_book()
    with reading(actor) as session:
        units = owners(session, actor)
    return render_template(
        "assets/import.html",
        kinds=[
            (key, _kind(key).label.in_(locale), book.kinds.get(row))
            for key, row in ROW_KINDS.items()
            if key != "incidents"
        ],
        kind=kind,
        endings=", ".join(kind.endings),
        frames=FRAMES,
        units=units,
        crs=order.crs if order else "",
        organisation=order.organisation if order else "",
        report=report,
        faults_shown=FAULTS_SHOWN,
        file_name=file_name,
        common=COMMON,
        locale=locale,
    )


def _kind(key: str) -> Kind:
    found = part(Kinds).get(key) if key in ROW_KINDS else None
    if found is None:
        raise BadRequest("kind", fields=[FieldError("kind", "unknown_choice", {"value": key[:60]})])
    return found
