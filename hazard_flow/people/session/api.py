"""`/api/v1/session`: signing in, being signed in and signing out from the field app, which stays signed in for weeks."""

import uuid

from flask import Blueprint, Response, request
from pydantic import BaseModel, ConfigDict, Field

from hazard_flow.errors import BadRequest, FieldError
from hazard_flow.identity.passwords import PASSWORD_LENGTH_MAX
from hazard_flow.identity.sessions import sign_out
from hazard_flow.people.myself import Myself, myself
from hazard_flow.people.session.entering import Entry, enter
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.web import api
from hazard_flow.web.auth import begin, current_actor, end, public
from hazard_flow.web.context import kernel, now, reading
from hazard_flow.web.openapi import Parameter, operation

blueprint = Blueprint("session_api", __name__, url_prefix=api.PREFIX)

TABLET_HEADER = "X-HF-Tablet"
TABLET = Parameter(
    TABLET_HEADER,
    "The tablet's own id: if it is lost, this sign-in can be ended with it",
    {"type": "string", "format": "uuid"},
    "header",
)


class SignIn(BaseModel):
    """Account and password; `totp` is taken and not asked for as long as nobody has a second factor."""

    model_config = ConfigDict(extra="forbid", strict=True)

    username: str = Field(max_length=200)
    password: str = Field(max_length=PASSWORD_LENGTH_MAX)
    totp: str | None = Field(default=None, max_length=10)


@blueprint.post("/session")
@public
@operation(
    summary="Sign in on a tablet: a cookie of 30 days, refreshed with use",
    request=SignIn,
    responses={200: Myself},
    parameters=[TABLET],
    tags=["session"],
)
def open_one() -> Response:
    body, tablet_id, at = api.read_model(SignIn), read_tablet(), now()
    with kernel().database.transaction(SYSTEM) as session:
        entry = enter(
            session,
            username=body.username,
            password=body.password,
            user_agent=request.user_agent.string,
            now=at,
            kind="tablet",
            tablet_id=tablet_id,
        )
    if not isinstance(entry, Entry):
        raise entry
    _leave()
    begin(entry.actor, entry.secret, stays=True)
    return _me()


@blueprint.get("/session")
@operation(summary="Who is signed in", responses={200: Myself}, tags=["session"])
def show() -> Response:
    return _me()


@blueprint.delete("/session")
@public
@operation(
    summary="Sign out; nobody signed in is signed out already", responses={204: None}, tags=["session"]
)
def close() -> Response:
    _leave()
    return Response(status=204)


def read_tablet() -> uuid.UUID | None:
    """The tablet's id out of its header; None where it names itself not."""
    raw = request.headers.get(TABLET_HEADER)
    try:
        return uuid.UUID(raw) if raw else None
    except ValueError as error:
        raise BadRequest("no id of a tablet", fields=[FieldError(TABLET_HEADER, "not_an_id")]) from error


def _me() -> Response:
    actor = current_actor()
    with reading(actor) as session:
        return api.answer(myself(session, actor))


def _leave() -> None:
    """End what this browser was signed in as: on the server too, for a shared tablet's last cookie may have been copied."""
    secret = end()
    if secret:
        with kernel().database.transaction(SYSTEM) as session:
            sign_out(session, secret=secret, now=now())
