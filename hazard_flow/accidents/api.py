"""`/api/v1/accidents`: the register, one accident, and what is done to it. No name of anybody hurt is ever in it."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from hazard_flow.accidents import clocks, operations, queries, sending
from hazard_flow.accidents.models import CATEGORIES, KINDS, Accident
from hazard_flow.accidents.particulars import FIGURES
from hazard_flow.accidents.rules import CLASSES
from hazard_flow.accidents.steps import JUDGE, REGISTER, REPORT, find
from hazard_flow.identity.actor import Actor
from hazard_flow.web import api, paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, reading
from hazard_flow.web.openapi import CURSOR, IDEMPOTENCY, IF_MATCH, Listed, Parameter, operation

blueprint = Blueprint("accidents_api", __name__, url_prefix=f"{api.PREFIX}/accidents")

READ = "accidents.read"
_TAGS = ["accidents"]
_WRITE = (IDEMPOTENCY, IF_MATCH)


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FiguresBody(_Closed):
    """What an accident cost; what is not said is nothing."""

    dead: int | None = None
    seriously_injured: int | None = None
    slightly_injured: int | None = None
    missing: int | None = None
    loss_yuan: int | None = None
    gas_escaped_m3: float | None = None
    users_affected: int | None = None


class EnterBody(FiguresBody):
    """A first entry. `hazard`: number of the hazard that turned into it."""

    kind: str = "accident"
    category: str
    title: str
    description: str
    place: str = ""
    measures: str = ""
    occurred_at: str
    known_at: str = ""
    asset: str = ""
    organisation: str = ""
    hazard: str = ""


class SupplementBody(FiguresBody):
    """Figures that changed, all of them, and why."""

    reason: str
    known_at: str = ""
    expected_version: int | None = None


class ReportBody(_Closed):
    """A report one level up; `at` where it was said before it was entered."""

    to: str
    note: str = ""
    at: datetime | None = None


class JudgeBody(_Closed):
    """Responsibility, and whether the duty to report was broken."""

    responsibility: str
    concealment: str = ""
    reason: str
    expected_version: int | None = None


class OwedView(BaseModel):
    """A report that is owed: from whom to whom, by when."""

    sender: str
    receiver: str
    due_at: datetime


class AccidentView(BaseModel):
    """An accident."""

    id: str
    number: str
    kind: str
    category: str
    accident_class: str | None
    title: str
    description: str
    place: str
    organisation: str
    division: str
    occurred_at: datetime
    known_at: datetime
    dead: int
    seriously_injured: int
    slightly_injured: int
    missing: int
    loss_yuan: int
    gas_escaped_m3: float | None
    users_affected: int | None
    cause_direct: str
    responsibility: str
    concealment: str | None
    figures: int
    closed_at: datetime | None
    version: int
    owed: list[OwedView]


def view(session: Session, accident: Accident) -> AccidentView:
    """The accident as the API shows it."""
    derived = {"id", "organisation", "version", "owed"}
    plain = {name: getattr(accident, name) for name in AccidentView.model_fields.keys() - derived}
    owed = [
        OwedView(sender=one.hop.sender, receiver=one.hop.receiver, due_at=one.due_at)
        for one in clocks.standing(session, accident).owed
    ]
    return AccidentView(
        id=str(accident.id), organisation=str(accident.home_id), version=accident.seq, owed=owed, **plain
    )


@blueprint.get("")
@operation(
    summary="Accidents and near misses within scope, the newest first",
    responses={200: Listed(AccidentView)},
    parameters=(
        Parameter("kind", "Accident or near miss", {"type": "string", "enum": list(KINDS)}),
        Parameter("category", "What kind of happening", {"type": "string", "enum": list(CATEGORIES)}),
        Parameter("class", "Class by Order 493", {"type": "string", "enum": list(CLASSES)}),
        Parameter("open", "Only those that are not closed", {"type": "string", "enum": ["0", "1"]}),
        Parameter("organisation", "Of one enterprise", {"type": "string", "format": "uuid"}),
        Parameter("q", "Words of number, title or place", {"type": "string", "maxLength": 100}),
        *CURSOR,
    ),
    tags=_TAGS,
)
def listing() -> Response:
    actor = require(READ)
    wanted = queries.read_wanted(request.args)
    cursor, limit = paging.asked()
    with reading(actor) as session:
        page = queries.page(session, wanted, cursor=cursor, limit=limit)
        return api.envelope(page, lambda one: view(session, one))


@blueprint.get("/<uuid:accident_id>")
@operation(summary="One accident", responses={200: AccidentView}, tags=_TAGS)
def show(accident_id: uuid.UUID) -> Response:
    with reading(require(READ)) as session:
        return api.answer(view(session, find(session, accident_id)))


@blueprint.post("")
@operation(
    summary="Something has happened: the clocks run from when the enterprise knew",
    request=EnterBody,
    responses={201: AccidentView},
    parameters=(IDEMPOTENCY,),
    tags=_TAGS,
)
def enter() -> Response:
    actor, body, key, at = require(REGISTER), api.read_model(EnterBody), api.request_key(), now()
    given = _given(body)
    hazard = str(given.pop("hazard", ""))[:60]
    return _change(
        actor,
        lambda session: operations.register(
            session, actor=actor, given=given, request_key=key, now=at, hazard=hazard
        ),
        status=201,
    )


@blueprint.post("/<uuid:accident_id>/reports")
@operation(
    summary="What is known goes up one level",
    request=ReportBody,
    responses={200: AccidentView},
    parameters=_WRITE,
    tags=_TAGS,
)
def report(accident_id: uuid.UUID) -> Response:
    actor, body, key, at = require(REPORT), api.read_model(ReportBody), api.request_key(), now()
    return _change(
        actor,
        lambda session: sending.report(
            session,
            actor=actor,
            accident_id=accident_id,
            to=body.to,
            words=body.note,
            at=_aware(body.at),
            request_key=key,
            now=at,
        ),
    )


@blueprint.post("/<uuid:accident_id>/receipt")
@operation(
    summary="An officer has read what was reported to their level",
    responses={200: AccidentView},
    parameters=_WRITE,
    tags=_TAGS,
)
def receive(accident_id: uuid.UUID) -> Response:
    actor, key, at = require(REPORT), api.request_key(), now()
    return _change(
        actor,
        lambda session: sending.receive(
            session, actor=actor, accident_id=accident_id, request_key=key, now=at
        ),
    )


@blueprint.post("/<uuid:accident_id>/supplements")
@operation(
    summary="Figures that changed; every level is told anew",
    request=SupplementBody,
    responses={200: AccidentView},
    parameters=_WRITE,
    tags=_TAGS,
)
def supplement(accident_id: uuid.UUID) -> Response:
    actor, body, key, at = require(REGISTER), api.read_model(SupplementBody), api.request_key(), now()
    version = api.expected_version(body.expected_version)
    given = _given(body)
    return _change(
        actor,
        lambda session: operations.supplement(
            session,
            actor=actor,
            accident_id=accident_id,
            given=given,
            request_key=key,
            now=at,
            expected_version=version,
        ),
    )


@blueprint.post("/<uuid:accident_id>/judgement")
@operation(
    summary="The regulator judges responsibility and concealment",
    request=JudgeBody,
    responses={200: AccidentView},
    parameters=_WRITE,
    tags=_TAGS,
)
def judge(accident_id: uuid.UUID) -> Response:
    actor, body, key, at = require(JUDGE), api.read_model(JudgeBody), api.request_key(), now()
    version = api.expected_version(body.expected_version)
    return _change(
        actor,
        lambda session: operations.judge(
            session,
            actor=actor,
            accident_id=accident_id,
            responsibility=body.responsibility,
            concealment=body.concealment,
            reason=body.reason,
            request_key=key,
            now=at,
            expected_version=version,
        ),
    )


def _given(body: BaseModel) -> dict[str, Any]:
    """The fields as a form gives them: texts, and nothing for nothing."""
    said = body.model_dump(exclude={"expected_version"}, exclude_none=True)
    return {
        name: f"{value:f}" if name in FIGURES and isinstance(value, float) else value
        for name, value in said.items()
        if value != ""
    }


def _aware(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=kernel().settings.zone) if at is not None and at.tzinfo is None else at


def _change(actor: Actor, work: Callable[[Session], Accident], *, status: int = 200) -> Response:
    shown = kernel().database.carry_out(actor.scope, lambda session: view(session, work(session)))
    return api.answer(shown, status=status)
