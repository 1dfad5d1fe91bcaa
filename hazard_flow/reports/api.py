"""The JSON API of documents: the closure file of a hazard."""

from flask import Blueprint, Response, jsonify

from hazard_flow.reports import pages, queries
from hazard_flow.web import api
from hazard_flow.web.auth import require
from hazard_flow.web.context import reading
from hazard_flow.web.openapi import operation

blueprint = Blueprint("reports_api", __name__, url_prefix=api.PREFIX)


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
