"""The JSON API of devices: the list with state and last values, one device, and its past in even steps of time."""

import uuid
from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, request
from pydantic import BaseModel
from sqlalchemy.orm import Session

from hazard_flow.errors import BadRequest, FieldError, NotFound
from hazard_flow.storage.paging import Page
from hazard_flow.telemetry.devices import history as past
from hazard_flow.telemetry.devices import queries, shown
from hazard_flow.telemetry.devices.kinds import device_kinds
from hazard_flow.telemetry.devices.queries import Found, Wanted
from hazard_flow.telemetry.devices.states import STATES, Moment
from hazard_flow.telemetry.quantities import signal_of
from hazard_flow.web import api, paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, reading
from hazard_flow.web.openapi import CURSOR, Listed, Parameter, operation

blueprint = Blueprint("devices_api", __name__, url_prefix=api.PREFIX)

READ = "assets.read"
DEFAULT_SPAN = timedelta(hours=24)
SPAN_MAX = timedelta(days=400)
POINTS_DEFAULT = 300
SEARCH_LENGTH_MAX = 100


class LastValueView(BaseModel):
    """The last value of one quantity."""

    quantity: str
    value: float
    unit: str
    quality: str
    observed_at: datetime
    received_at: datetime


class DeviceView(BaseModel):
    """A device: `state` is the worst that is the matter with it."""

    id: str
    code: str
    kind: str
    site: str
    site_name_zh: str
    site_name_en: str
    lon: float | None
    lat: float | None
    crs: str
    state: str
    alarm_level: int
    alarm_since: datetime | None
    blind: bool
    registered: bool
    last_seen_at: datetime | None
    maker: str
    model: str
    serial: str
    gateway: str
    upstream: str
    expect_every_seconds: int | None
    installed_on: str | None
    calibrated_on: str | None
    calibration_due_on: str | None
    values: list[LastValueView]


class HistoryPoint(BaseModel):
    """The samples of one step of time; a peak is never averaged away."""

    at: datetime
    step_seconds: int
    low: float
    high: float
    mean: float
    samples: int


def view(found: Found) -> DeviceView:
    """The device as the API shows it."""
    device, site, record = found.device, found.site, found.record

    def entered(name: str) -> str:
        return getattr(record, name) if record else ""

    def day(name: str) -> str | None:
        value = getattr(record, name) if record else None
        return value.isoformat() if value else None

    return DeviceView(
        id=str(device.id), code=device.code, kind=device.kind, site=site.code, site_name_zh=site.name_zh,
        site_name_en=site.name_en, lon=site.lon, lat=site.lat, crs=site.crs, state=found.state,
        alarm_level=found.alarm_level, alarm_since=found.alarm_since, blind=found.is_blind,
        registered=device.registered, last_seen_at=device.last_seen_at,
        maker=entered("maker"), model=entered("model"), serial=entered("serial"), gateway=entered("gateway"),
        upstream=entered("upstream"), expect_every_seconds=device.expect_every_seconds,
        installed_on=day("installed_on"), calibrated_on=day("calibrated_on"), calibration_due_on=day("calibration_due_on"),
        values=[
            LastValueView(
                quantity=one.quantity, value=one.value, unit=signal_of(one.quantity).quantity.unit, quality=one.quality,
                observed_at=one.observed_at, received_at=one.received_at,
            )
            for one in found.values
        ],
    )  # fmt: skip


@blueprint.get("/devices")
@operation(
    summary="Devices within scope, the worst state first, then by code",
    responses={200: Listed(DeviceView)},
    parameters=(
        Parameter(
            "q",
            "Part of the device's code, or of its site's code, name or address",
            {"type": "string", "maxLength": SEARCH_LENGTH_MAX},
        ),
        Parameter("state", "State of the device", {"type": "string", "enum": list(STATES)}),
        Parameter("kind", "Kind of device", {"type": "string", "enum": list(device_kinds())}),
        Parameter("quantity", "What it has measured at least once", {"type": "string", "maxLength": 80}),
        *CURSOR,
    ),
    tags=["devices"],
)
def listing() -> Response:
    actor = require(READ)
    cursor, limit = paging.asked()
    wanted = Wanted(
        q=_text("q"),
        state=_choice("state", tuple(STATES)),
        kind=_choice("kind", tuple(device_kinds())),
        quantity=_text("quantity"),
    )
    with reading(actor) as session:
        return api.envelope(queries.page(session, wanted, _moment(), cursor=cursor, limit=limit), view)


@blueprint.get("/devices/<code>")
@operation(summary="One device by its code, or by its id", responses={200: DeviceView}, tags=["devices"])
def show(code: str) -> Response:
    actor = require(READ)
    with reading(actor) as session:
        return api.answer(view(_found(session, code)))


@blueprint.get("/devices/<code>/history")
@operation(
    summary="What a device measured, by observed time, in even steps; the newest day by default",
    responses={200: Listed(HistoryPoint)},
    parameters=(
        Parameter("quantity", "What is asked for; what its kind names first where nothing is said", {"type": "string", "maxLength": 80}),
        Parameter("from", "Begin, ISO 8601 with zone; a day before the end by default", {"type": "string", "format": "date-time"}),
        Parameter("to", "End, ISO 8601 with zone; now by default", {"type": "string", "format": "date-time"}),
        Parameter("limit", "Most points", {"type": "integer", "minimum": 1, "maximum": past.POINTS_MAX, "default": POINTS_DEFAULT}),
    ),
    tags=["devices"],
)  # fmt: skip
def history(code: str) -> Response:
    actor = require(READ)
    until = _instant("to") or now()
    since = _instant("from") or until - DEFAULT_SPAN
    if not since < until or until - since > SPAN_MAX:
        raise BadRequest("span", fields=[FieldError("from", "bad_span", {"days": SPAN_MAX.days})])
    points = _points()
    with reading(actor) as session:
        found = _found(session, code)
        quantity = _text("quantity") or shown.leading_quantity(found)
        series = past.history(session, found.device.id, quantity, since=since, until=until, points=points)
    seconds = int(series.step.total_seconds())
    views = [
        HistoryPoint(at=p.at, step_seconds=seconds, low=p.low, high=p.high, mean=p.mean, samples=p.samples)
        for p in series.points
    ]
    return api.envelope(Page(views, None), lambda one: one)


def _moment() -> Moment:
    return Moment.of(now(), kernel().settings.zone)


def _found(session: Session, word: str) -> Found:
    at = _moment()
    found = queries.by_code(session, word, at)
    if found is None and len(word) in (32, 36):
        try:
            found = queries.one(session, uuid.UUID(word), at)
        except ValueError:
            found = None
    if found is None:
        raise NotFound(f"device {word}")
    return found


def _text(name: str) -> str:
    words = request.args.get(name, "").strip()
    if len(words) > SEARCH_LENGTH_MAX or "\0" in words:
        raise BadRequest(name, fields=[FieldError(name, "too_long", {"at_most": SEARCH_LENGTH_MAX})])
    return words


def _choice(name: str, allowed: tuple[str, ...]) -> str:
    value = request.args.get(name, "")
    if value and value not in allowed:
        raise BadRequest(name, fields=[FieldError(name, "not_a_choice", {"choices": ", ".join(allowed)})])
    return value


def _points() -> int:
    raw = request.args.get("limit", "")
    if not raw:
        return POINTS_DEFAULT
    if not (raw.isascii() and raw.isdigit() and len(raw) < 6):
        raise BadRequest("limit", fields=[FieldError("limit", "not_an_integer")])
    if not 1 <= int(raw) <= past.POINTS_MAX:
        bounds = {"minimum": 1, "maximum": past.POINTS_MAX}
        raise BadRequest("limit", fields=[FieldError("limit", "out_of_range", bounds)])
    return int(raw)


def _instant(name: str) -> datetime | None:
    raw = request.args.get(name, "")
    if not raw:
        return None
    try:
        read = datetime.fromisoformat(raw)
        if read.tzinfo is None:
            raise ValueError("no zone")
        return read.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadRequest(name, fields=[FieldError(name, "not_an_instant_with_zone")]) from error
