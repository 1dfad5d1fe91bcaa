"""Closure files and papers at the desk, the panel of papers on a hazard's page, and the public page their QR codes lead to."""

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, make_response, render_template, request
from markupsafe import Markup
from sqlalchemy.orm import Session

from hazard_flow.errors import NotFound
from hazard_flow.evidence.store import Store
from hazard_flow.i18n import text
from hazard_flow.identity.actor import Actor
from hazard_flow.reports import queries
from hazard_flow.reports.listing import paper_file, papers_of
from hazard_flow.reports.models import Document
from hazard_flow.reports.seal.keeper import own_certificates
from hazard_flow.reports.verifying.apart import FILE_BYTES_MAX, Busy, judge_apart
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.web.auth import public, require
from hazard_flow.web.context import kernel, part, reading
from hazard_flow.web.limits import uploads
from hazard_flow.web.locale import current_locale
from hazard_flow.workflow.documents import installed_kinds

blueprint = Blueprint("reports", __name__, template_folder="templates")

#: A file takes one to four seconds; asking again sooner finds nothing.
RETRY_AFTER_SECONDS = 3
#: papers shown before the fold
PANEL_KEEP = 5


@blueprint.get("/hazards/<number>/closure.pdf")
def closure(number: str) -> Response:
    with reading(require("hazards.read")) as session:
        document = queries.of_closed(session, number)
    if document is not None:
        return send(document)
    page = render_template("reports/waiting.html", number=number, seconds=RETRY_AFTER_SECONDS)
    return make_response(page, 202, {"Retry-After": str(RETRY_AFTER_SECONDS)})


@blueprint.get("/hazards/<number>/documents/<name>.pdf")
def paper(number: str, name: str) -> Response:
    with reading(require("hazards.read")) as session:
        document = paper_file(session, number, name)
    return send(document)


@blueprint.get("/verify/<name>")
@public
def verify(name: str) -> Response:
    """What anybody who holds the paper may know: that this version was issued, its hashes, and whether a newer one is.

    No title, place, organisation or person. The name carries 96 bits of the record's hash, so nobody comes here without the paper.
    """
    with kernel().database.reading(SYSTEM) as session:
        document = queries.by_name(session, name)
        if document is None:
            raise NotFound("document")
        newest = queries.newest_like(session, document)
        kind = installed_kinds()[document.kind].name.in_(current_locale())
        page = render_template("reports/verify.html", document=document, newest=newest, kind=kind)
    response = make_response(page)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.get("/verify")
@public
def drop() -> str:
    return render_template("reports/drop.html", judged=None, refused=None)


@blueprint.post("/verify")
@public
@uploads
def dropped() -> Response:
    """Judge an uploaded file in a process of its own; nothing of it is kept."""
    given = request.files.get("file")
    data = given.stream.read(FILE_BYTES_MAX + 1) if given is not None else b""
    locale = current_locale()
    if not data or len(data) > FILE_BYTES_MAX:
        return _refused("missing" if not data else "too_large", 422)
    try:
        judged = judge_apart(data, trust_pem=own_certificates(kernel().settings, kernel().clock.now()))
    except Busy:
        return _refused("busy", 503)
    ours = None
    with kernel().database.reading(SYSTEM) as session:
        found = queries.by_sha256(session, hashlib.sha256(data).hexdigest())
        if found is not None:
            session.expunge(found)
            ours = found
    told = {"intact": False, "number": None, "findings": ()} | judged
    page = render_template(
        "reports/drop.html", judged=told, ours=ours, verdict=_verdict(judged, locale), refused=None
    )
    return make_response(page)


def _refused(code: str, status: int) -> Response:
    refused = text(f"reports.drop.{code}", current_locale())
    return make_response(render_template("reports/drop.html", judged=None, refused=refused), status)


def _verdict(judged: Mapping[str, Any], locale: str) -> str:
    if "unreadable" in judged:
        return text("verifying.unreadable", locale, why=judged["unreadable"])
    if judged["intact"]:
        return text("verifying.intact", locale)
    wrongs = sum(one["ok"] is False for one in judged["findings"])
    return text("verifying.tampered", locale, count=wrongs)


def papers_panel(session: Session, _actor: Actor, hazard: Any, locale: str) -> Markup | None:
    """The papers of a hazard's page; None where nothing was issued."""
    rows = papers_of(session, hazard)
    if not rows:
        return None
    page = render_template(
        "reports/papers.html", rows=rows, number=hazard.number, keep=PANEL_KEEP, locale=locale
    )
    return Markup(page)  # noqa: S704 - our own template, which escapes


def send(document: Document) -> Response:
    """The bytes, named for what they are; the same version never changes, so a browser that has it gets 304.

    With `download` in the query the browser keeps the file instead of showing it.
    """
    response = Response(part(Store).stream(document.sha256, area="document"), mimetype="application/pdf")
    response.headers["Content-Length"] = str(document.size)
    response.headers["Content-Disposition"] = _disposition(document)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Hazard-Flow-Sealed"] = "true" if document.sealed else "false"
    response.set_etag(document.sha256)
    response.make_conditional(request)
    return response


def _disposition(document: Document) -> str:
    manner = "attachment" if "download" in request.args else "inline"
    if document.document_number is None:
        return f'{manner}; filename="{document.number}.v{document.version}.pdf"'
    plain = (
        f"{document.number}.{document.kind}.{document.event_seq}.v{document.version}.{document.locale}.pdf"
    )
    title = installed_kinds()[document.kind].name.in_(document.locale)
    named = quote(f"{title} {document.document_number}.pdf", safe="")
    return f"{manner}; filename=\"{plain}\"; filename*=UTF-8''{named}"
