"""`/api/v1` of tablets: what there is to look after, and a tablet's word that it is there with nothing to send."""

import uuid
from datetime import datetime

from flask import Blueprint, Response, request
from pydantic import BaseModel, Field

from hazard_flow.identity.models import Person
from hazard_flow.identity.sessions import bind_to_tablet
from hazard_flow.offline.tablets import contact, operations, queries
from hazard_flow.offline.tablets.models import Tablet
from hazard_flow.offline.tablets.seams import FieldApp
from hazard_flow.offline.tablets.troubles import troubles
from hazard_flow.storage.paging import Page
from hazard_flow.web import api, paging
from hazard_flow.web.auth import current_actor, require, session_secret
from hazard_flow.web.context import now, part, reading, writing
from hazard_flow.web.openapi import CURSOR, Listed, Parameter, operation

blueprint = Blueprint("tablets_api", __name__, url_prefix=api.PREFIX)

_INSTANT = {"type": "string", "format": "date-time"}
_HEADERS = (
    Parameter(
        contact.TABLET,
        "The tablet's own id",
        {"type": "string", "format": "uuid"},
        "header",
        required=True,
    ),
    Parameter(contact.DEVICE_AT, "The tablet's clock while sending", _INSTANT, "header"),
    Parameter(
        contact.UNSENT,
        "Records on the tablet that are not confirmed whole, whoever they belong to",
        {"type": "integer", "minimum": 0, "maximum": contact.UNSENT_MAX},
        "header",
    ),
    Parameter(contact.OLDEST, "When the oldest of them was submitted", _INSTANT, "header"),
    Parameter(contact.VERSION, "Version of the field app", {"type": "string", "maxLength": 40}, "header"),
)


class TabletView(BaseModel):
    """One tablet as its house knows it."""

    id: uuid.UUID
    label: str
    state: str = Field(description="in_use or lost")
    lost_at: datetime | None
    person: uuid.UUID = Field(description="Whoever was signed in at the last contact")
    organisation: uuid.UUID
    first_seen_at: datetime
    last_seen_at: datetime
    unsent: int
    unsent_since: datetime | None
    clock_skew_seconds: int | None
    version: str
    browser: str
    troubles: list[str] = Field(
        description="silent, stuck, fast, slow, old, lost, lost_unsent, lost_seen: the worst first"
    )


class Heard(BaseModel):
    """What a tablet is told when it reaches us."""

    at: datetime
    skew_seconds: int | None
    label: str
    state: str


@blueprint.get("/tablets")
@operation(
    summary="The tablets the caller looks after, in the order they were first heard of",
    responses={200: Listed(TabletView)},
    parameters=CURSOR,
    tags=["tablets"],
)
def listing() -> Response:
    actor = require(operations.READ)
    cursor, limit = paging.asked()
    with reading(actor) as session:
        page: Page[Tablet] = queries.page(session, actor, cursor=cursor, limit=limit)
        return api.envelope(page, _view)


@blueprint.get("/tablets/<uuid:tablet_id>")
@operation(summary="One tablet", responses={200: TabletView}, tags=["tablets"])
def show(tablet_id: uuid.UUID) -> Response:
    actor = require(operations.READ)
    with reading(actor) as session:
        return api.answer(_view(queries.one(session, actor, tablet_id)))


@blueprint.post("/field/contact")
@operation(
    summary="A tablet reached us with nothing to send; everything it says stands in headers",
    responses={200: Heard},
    parameters=_HEADERS,
    tags=["field"],
)
def heard() -> Response:
    actor, at = current_actor(), now()
    said = contact.read(request.headers.get, now=at)
    secret = session_secret()
    with writing(actor) as session:
        if secret is not None:
            bind_to_tablet(session, secret=secret, tablet_id=said.tablet_id)
        operations.note_contact(
            session,
            tablet_id=said.tablet_id,
            person=actor.id,
            unsent=said.unsent,
            skew_seconds=said.skew_seconds,
            version=said.version,
            now=at,
            user_agent=request.user_agent.string,
            oldest_unsent_at=said.oldest_unsent_at,
        )
        home = uuid.UUID(session.get_one(Person, actor.id).path.split("/", 1)[0])
        tablet = queries.of_home(session, home, said.tablet_id)
        assert tablet is not None, "just noted"
        answer = Heard(at=at, skew_seconds=said.skew_seconds, label=tablet.label, state=tablet.state)
    return api.answer(answer)


def _view(one: Tablet) -> TabletView:
    return TabletView(
        id=one.id,
        label=one.label,
        state=one.state,
        lost_at=one.lost_at,
        person=one.person_id,
        organisation=one.organisation_id,
        first_seen_at=one.first_seen_at,
        last_seen_at=one.last_seen_at,
        unsent=one.unsent,
        unsent_since=one.unsent_since,
        clock_skew_seconds=one.clock_skew_s,
        version=one.version,
        browser=one.browser,
        troubles=[t.code for t in troubles(one, newest_version=part(FieldApp).version(), now=now())],
    )
