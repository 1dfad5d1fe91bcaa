"""Views as a feature would write them: what the kernel promises is tried on these."""

import errno

from flask import Blueprint, Response, jsonify
from pydantic import BaseModel

from hazard_flow.errors import Conflict, FieldError, OutsideWorld, Refused
from hazard_flow.web import api, forms
from hazard_flow.web.auth import current_actor, machine, require
from hazard_flow.web.limits import uploads
from hazard_flow.web.openapi import IDEMPOTENCY, IF_MATCH, operation

blueprint = Blueprint("sample", __name__)


class Note(BaseModel):
    text: str
    count: int = 0


class Kept(BaseModel):
    text: str
    key: str
    version: int | None


@blueprint.get("/sample")
def page() -> str:
    return current_actor().name


@blueprint.post("/sample")
def write() -> Response:
    return jsonify(
        values=forms.values(many=["people"]),
        files=[[f.field, f.filename, len(f.read())] for f in forms.files()],
        key=forms.request_key(),
        version=forms.expected_version(),
    )


@blueprint.post("/sample/photos")
@uploads
def photos() -> Response:
    return jsonify(sizes=[len(f.read()) for f in forms.files()])


@blueprint.get("/sample/admin")
def admin() -> str:
    require("people.write")
    return "ok"


@blueprint.get("/sample/broken")
def broken() -> str:
    raise ZeroDivisionError("the secret is 4711")


@blueprint.get("/sample/outside")
def outside() -> str:
    raise OutsideWorld("smtp://user:secret@host")


@blueprint.get("/sample/full")
def full() -> str:
    raise OSError(errno.ENOSPC, "No space left on device")


@blueprint.get("/sample/elsewhere")
def elsewhere() -> str:
    raise OSError(errno.EIO, "Input/output error")


@blueprint.post("/machine")
@machine
def for_machines() -> Response:
    return jsonify(ok=True)


@blueprint.post("/api/v1/notes")
@operation(
    summary="Keep a note",
    request=Note,
    responses={201: Kept},
    parameters=(IDEMPOTENCY, IF_MATCH),
    tags=["sample"],
)
def note() -> Response:
    read = api.read_model(Note)
    if read.text == "conflict":
        raise Conflict("moved on", current={"text": "present"})
    if read.text == "refuse":
        short = FieldError("text", "too_short", {"at_least": 5, "length": 2})
        raise Refused(fields=[short, FieldError("role", "needs_role", {"who": ["inspector"]})])
    return api.answer(Kept(text=read.text, key=api.request_key(), version=api.expected_version()), status=201)
