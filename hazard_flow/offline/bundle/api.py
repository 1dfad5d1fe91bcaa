"""`GET /api/v1/field/data`: what a tablet takes with it."""

import gzip

from flask import Blueprint, Response, request

from hazard_flow.offline.bundle.building import build, etag
from hazard_flow.offline.bundle.resources import Bundle
from hazard_flow.storage.json_text import sorted_bytes
from hazard_flow.web import api
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, reading
from hazard_flow.web.openapi import Parameter, operation

blueprint = Blueprint("bundle_api", __name__, url_prefix=api.PREFIX)

#: quick, and four fifths of what more effort would save
_GZIP_LEVEL = 5


@blueprint.get("/field/data")
@operation(
    summary="Everything the field app needs without a network: tasks, forms, catalogue, assets",
    responses={200: Bundle, 304: None},
    parameters=[Parameter("If-None-Match", "The ETag of the bundle at hand", {"type": "string"}, "header")],
    tags=["field"],
)
def data() -> Response:
    actor = require("hazards.read")
    with reading(actor) as session:
        bundle = build(session, actor, now=now(), emergency_phone=kernel().settings.EMERGENCY_PHONE)
    tag = etag(bundle)
    response = Response(mimetype="application/json")
    response.set_etag(tag)
    response.vary.add("Accept-Encoding")
    if request.if_none_match.contains_weak(tag):
        response.status_code = 304
        return response
    body = sorted_bytes(bundle)
    if request.accept_encodings["gzip"] > 0:
        response.headers["Content-Encoding"] = "gzip"
        body = gzip.compress(body, _GZIP_LEVEL, mtime=0)
    response.set_data(body)
    return response
