"""The JSON API of documents: the closure file of a hazard, its papers and their files."""

from datetime import datetime
from typing import Literal

from flask import Blueprint, Response, jsonify
from pydantic import BaseModel, Field

from hazard_flow.hazards import queries as hazards
from hazard_flow.hazards.resources import OrganisationRef
from hazard_flow.reports import pages, queries
from hazard_flow.reports.listing import PaperRow, paper_file, papers_of
from hazard_flow.web import api
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, reading
from hazard_flow.web.openapi import Listed, operation

blueprint = Blueprint("reports_api", __name__, url_prefix=api.PREFIX)


class FileView(BaseModel):
    """One language of a paper; `zh` is the text that counts, `en` its rendering."""

    locale: Literal["zh", "en"]
    name: str
    version: int
    pages: int
    size: int
    sha256: str
    record_sha256: str
    sealed: bool
    url: str
    verify_url: str


class DocumentView(BaseModel):
    """A paper an act issued."""

    number: str
    kind: str
    name: dict[str, str]
    issuer: OrganisationRef
    issued_by: str | None = Field(description="Who acted, where the caller may name them")
    issued_at: datetime
    event_seq: int
    status: Literal["being made", "issued"]
    readable: bool = Field(description="Whether the caller may open the files: some show names and flats")
    files: list[FileView]


@blueprint.get("/hazards/<number>/documents")
@operation(
    summary="The papers of a hazard, the newest first; those still being made have no files yet",
    responses={200: Listed(DocumentView)},
    tags=["hazards"],
)
def documents(number: str) -> Response:
    with reading(require("hazards.read")) as session:
        rows = papers_of(session, hazards.by_number(session, number))
    return api.listing([_view(number, row) for row in rows])


@blueprint.get("/hazards/<number>/documents/<name>.pdf")
@operation(summary="One file of a paper", responses={200: "application/pdf"}, tags=["hazards"])
def document(number: str, name: str) -> Response:
    with reading(require("hazards.read")) as session:
        found = paper_file(session, number, name)
    return pages.send(found)


@blueprint.get("/hazards/<number>/closure.pdf")
@operation(
    summary="The newest closure file of a closed hazard; 202 while it is being made",
    responses={200: "application/pdf", 202: None},
    tags=["hazards"],
)
def closure(number: str) -> Response:
    with reading(require("hazards.read")) as session:
        document = queries.of_closed(session, number)
    if document is not None:
        return pages.send(document)
    response = jsonify({"number": number, "status": "being made"})
    response.status_code = 202
    response.headers["Retry-After"] = str(pages.RETRY_AFTER_SECONDS)
    return response


def _view(number: str, row: PaperRow) -> DocumentView:
    public = kernel().settings.PUBLIC_URL.rstrip("/")
    return DocumentView(
        number=row.number,
        kind=row.kind,
        name={"zh": row.title.zh, "en": row.title.en},
        issuer=OrganisationRef(id=str(row.issuer_id), name_zh=row.issuer.zh, name_en=row.issuer.en),
        issued_by=row.by,
        issued_at=row.issued_at,
        event_seq=row.event_seq,
        status="issued" if row.files else "being made",
        readable=row.readable,
        files=[
            FileView(
                locale="en" if locale == "en" else "zh",
                name=file.name,
                version=file.version,
                pages=file.pages,
                size=file.size,
                sha256=file.sha256,
                record_sha256=file.record_sha256,
                sealed=file.sealed,
                url=f"{api.PREFIX}/hazards/{number}/documents/{file.name}.pdf",
                verify_url=f"{public}/verify/{file.name}",
            )
            for locale, file in sorted(row.files.items(), reverse=True)
        ],
    )
