"""Closure files at the desk, and the public page their QR codes lead to."""

from flask import Blueprint, Response, make_response, render_template, request

from hazard_flow.errors import NotFound
from hazard_flow.evidence.store import Store
from hazard_flow.reports import queries
from hazard_flow.reports.models import Document
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.web.auth import public, require
from hazard_flow.web.context import kernel, part, reading

blueprint = Blueprint("reports", __name__, template_folder="templates")

#: A file takes one to four seconds; asking again sooner finds nothing.
RETRY_AFTER_SECONDS = 3


@blueprint.get("/hazards/<number>/closure.pdf")
def closure(number: str) -> Response:
    with reading(require("hazards.read")) as session:
        document = queries.of_closed(session, number)
    if document is not None:
        return send(document)
    page = render_template("reports/waiting.html", number=number, seconds=RETRY_AFTER_SECONDS)
    return make_response(page, 202, {"Retry-After": str(RETRY_AFTER_SECONDS)})


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
        newest = queries.newest(session, document.subject_id, kind=document.kind)
        assert newest is not None
        page = render_template("reports/verify.html", document=document, newest=newest)
    response = make_response(page)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def send(document: Document) -> Response:
    """The bytes, named for the hazard; the same version never changes, so a browser that has it gets 304."""
    response = Response(part(Store).stream(document.sha256, area="document"), mimetype="application/pdf")
    response.headers["Content-Length"] = str(document.size)
    response.headers["Content-Disposition"] = f'inline; filename="{document.number}.v{document.version}.pdf"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Hazard-Flow-Sealed"] = "true" if document.sealed else "false"
    response.set_etag(document.sha256)
    response.make_conditional(request)
    return response
