"""The JSON API of supply."""

from datetime import date, timedelta

from flask import Blueprint, Response, request
from pydantic import BaseModel, ConfigDict

from hazard_flow.assets.supply import operations, queries
from hazard_flow.assets.supply.balance import balanced
from hazard_flow.errors import BadRequest, FieldError
from hazard_flow.web import api
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, reading, writing
from hazard_flow.web.openapi import IDEMPOTENCY, Listed, Parameter, operation

blueprint = Blueprint("supply_api", __name__, url_prefix=api.PREFIX)

SPAN_MAX = timedelta(days=400)
_DAY = {"type": "string", "format": "date"}


class GasDayView(BaseModel):
    """One day of one enterprise, m³ at standard conditions."""

    organisation: str
    day: date
    supplied_m3: float
    sent_out_m3: float
    stored_m3: float
    days_of_storage: float | None
    unexplained_m3: float | None


class NewGasDay(BaseModel):
    """What a day brought; told again it replaces what was said."""

    model_config = ConfigDict(extra="forbid")

    day: date
    supplied_m3: float
    sent_out_m3: float
    stored_m3: float


class ResourceView(BaseModel):
    """A gas source, a storage, a team, a vehicle or a store."""

    id: str
    organisation: str
    kind: str
    name: str
    capacity_m3: float | None = None
    base: str = ""
    people: int | None = None
    equipment: str = ""


@blueprint.get("/supply/days")
@operation(
    summary="The balance of each day, by enterprise; the last thirty days by default",
    responses={200: Listed(GasDayView)},
    parameters=(Parameter("from", "First day", _DAY), Parameter("to", "Last day", _DAY)),
    tags=["supply"],
)
def days() -> Response:
    actor = require("assets.read")
    until = _day("to") or _today()
    since = _day("from") or until - timedelta(days=30)
    if not since <= until or until - since > SPAN_MAX:
        raise BadRequest("span", fields=[FieldError("from", "bad_day_span", {"days": SPAN_MAX.days})])
    with reading(actor) as session:
        found = queries.told(session, since=since, until=until)
    return api.listing(
        [
            GasDayView(
                organisation=str(home),
                **{
                    name: getattr(one.told, name)
                    for name in ("day", "supplied_m3", "sent_out_m3", "stored_m3")
                },
                days_of_storage=one.days_of_storage,
                unexplained_m3=one.unexplained_m3,
            )
            for home, told in found.items()
            for one in balanced(told)
        ]
    )


@blueprint.post("/supply/days")
@operation(
    summary="Tell a day's balance of one's own enterprise",
    request=NewGasDay,
    responses={201: NewGasDay},
    parameters=(IDEMPOTENCY,),
    tags=["supply"],
)
def tell() -> Response:
    actor = require(operations.WRITE)
    body = api.read_model(NewGasDay)
    api.request_key()  # judged; a day told twice counts once
    with writing(actor) as session:
        operations.tell_day(session, actor, body.model_dump(), now=now(), today=_today())
    return api.answer(body, status=201)


@blueprint.get("/supply/resources")
@operation(
    summary="Gas sources, storages, emergency teams, vehicles and stores within scope",
    responses={200: Listed(ResourceView)},
    tags=["supply"],
)
def resources() -> Response:
    actor = require("assets.read")
    with reading(actor) as session:
        found = queries.standings(session, today=_today())
    views = [
        ResourceView(
            id=str(one.id),
            organisation=str(one.home_id),
            kind=one.kind,
            name=one.name,
            capacity_m3=one.capacity_m3,
        )
        for standing in found
        for one in standing.facilities
    ]
    views += [
        ResourceView(
            id=str(one.id), organisation=str(one.home_id), kind=one.kind, name=one.name, base=one.base, people=one.people,
            equipment=one.equipment,
        )
        for standing in found
        for one in standing.resources
    ]  # fmt: skip
    return api.listing(views)


def _day(name: str) -> date | None:
    raw = request.args.get(name, "")
    try:
        return date.fromisoformat(raw) if raw else None
    except ValueError as error:
        raise BadRequest(name, fields=[FieldError(name, "not_a_date")]) from error


def _today() -> date:
    return now().astimezone(kernel().settings.zone).date()
