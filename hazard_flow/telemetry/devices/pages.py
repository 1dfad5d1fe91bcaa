"""The pages of devices: the list, one device with its history, the map, the register's form, and the tile on the home page."""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import sqlalchemy as sa
from flask import Blueprint, Response, flash, jsonify, make_response, redirect, render_template, request
from markupsafe import Markup
from sqlalchemy.orm import Session

from hazard_flow.errors import BadRequest, FieldError, NotFound, Refused
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.queries import Filter, conditions
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import may
from hazard_flow.storage.scope import Scope
from hazard_flow.storage.unit import scope_of_session
from hazard_flow.telemetry.devices import form, operations, queries, shown, values
from hazard_flow.telemetry.devices.kinds import device_kinds, kind_of
from hazard_flow.telemetry.devices.mapped import SITES_MAX, features
from hazard_flow.telemetry.devices.queries import Found, Wanted
from hazard_flow.telemetry.devices.states import STATES, Moment
from hazard_flow.telemetry.models import Alert
from hazard_flow.telemetry.quantities import signal_of
from hazard_flow.web import forms, paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, reading, writing
from hazard_flow.web.headers import POLICY
from hazard_flow.web.live.topics import write_markers
from hazard_flow.web.locale import current_locale, say
from hazard_flow.web.views import Kpi

blueprint = Blueprint("devices", __name__, template_folder="templates")

READ, WRITE = "assets.read", "assets.write"
SEARCH_LENGTH_MAX = 100
#: how far back a curve reaches, by the word in the address
RANGES = {
    "1h": timedelta(hours=1),
    "6h": timedelta(hours=6),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
}
EPISODES_SHOWN, HAZARDS_SHOWN = 10, 10


@blueprint.get("/devices")
def listing() -> str:
    actor, at, locale = require(READ), _moment(), current_locale()
    wanted = _wanted(request.args)
    cursor, limit = paging.asked()
    with reading(actor) as session:
        marker = values.marker(session)
        page = queries.page(session, wanted, at, cursor=cursor, limit=limit)
        counts = queries.counts(session, at)
        due = queries.due_soon(session, at)
        rows = shown.rows(session, page.items, at, locale)
    total = sum(counts.values())
    return render_template(
        "devices/list.html",
        rows=rows,
        page=paging.links(page, total=None if wanted != Wanted() else total),
        wanted=wanted,
        kpis=_kpis(counts, due, wanted),
        total=total,
        kinds=[(kind.key, kind.label.in_(locale)) for kind in device_kinds().values()],
        live=live_address(marker),
        may_write=may(actor, WRITE),
        is_filtered=wanted != Wanted(),
    )


@blueprint.get("/devices/<uuid:id_>")
def show(id_: uuid.UUID) -> str:
    actor, at, locale = require(READ), _moment(), current_locale()
    span = request.args.get("range", "24h")
    if span not in RANGES:
        raise BadRequest(
            "range", fields=[FieldError("range", "not_a_choice", {"choices": ", ".join(RANGES)})]
        )
    with reading(actor) as session:
        marker = values.marker(session)
        found = _one(session, id_, at)
        readings = shown.readings(found, at, locale)
        names = list(
            dict.fromkeys([*(one.quantity for one in readings), *kind_of(found.device.kind).quantities[:1]])
        )
        quantity = request.args.get("quantity") or shown.leading_quantity(found)
        if quantity not in names:
            raise BadRequest(
                "quantity", fields=[FieldError("quantity", "not_a_choice", {"choices": ", ".join(names)})]
            )
        [row] = shown.rows(session, [found], at, locale)
        return render_template(
            "devices/show.html",
            row=row,
            found=found,
            kind=kind_of(found.device.kind),
            readings=readings,
            quantities=shown.labels(names, locale),
            quantity=quantity,
            ranges=tuple(RANGES),
            span=span,
            span_seconds=int(RANGES[span].total_seconds()),
            signal=signal_of(quantity),
            limit=shown.limit_of(quantity),
            zone=str(kernel().settings.zone),
            episodes=_episodes(session, id_),
            hazards=_hazards(session, actor, id_, found),
            live=live_address(marker),
            may_write=may(actor, WRITE),
            may_open=may(actor, "hazards.read"),
        )


@blueprint.get("/devices/map")
def map_() -> Response:
    actor, at, locale = require(READ), _moment(), current_locale()
    with reading(actor) as session:
        marker = values.marker(session)
        sites = features(queries.places(session, at, limit=SITES_MAX), locale)
        counts = queries.counts(session, at)
    tiles = kernel().settings.MAP_TILES_URL
    response = make_response(
        render_template(
            "devices/map.html",
            sites=sites,
            counts=counts,
            total=sum(counts.values()),
            tiles=tiles,
            live=live_address(marker),
        )
    )
    if tiles:
        origin = urlsplit(tiles)
        response.headers["Content-Security-Policy"] = POLICY.replace(
            "img-src 'self'", f"img-src 'self' {origin.scheme}://{origin.netloc.replace('{s}', '*')}"
        )
    return response


@blueprint.get("/devices/places.json")
def places() -> Response:
    """The sites with devices and the worst that is the matter there, as GeoJSON, for the map."""
    actor, at = require(READ), _moment()
    with reading(actor) as session:
        sites = features(queries.places(session, at, limit=SITES_MAX), current_locale())
    return jsonify(
        {"type": "FeatureCollection", "features": [site.feature() for site in sites if site.lon is not None]}
    )


@blueprint.get("/devices/new")
def new() -> str:
    actor = require(WRITE)
    with reading(actor) as session:
        return _form(session, None, {"site": request.args.get("site", "")[:80]}, ())


@blueprint.post("/devices")
def enter() -> Response:
    actor, given = require(WRITE), _given()
    try:
        with writing(actor) as session:
            device = operations.enter(session, given, now=now(), by=actor.id)
            id_ = device.id
    except Refused as refused:
        with reading(actor) as session:
            return make_response(_form(session, None, given, refused.fields), 422)
    flash(say("devices.form.entered"), "done")
    return make_response(redirect(f"/devices/{id_}", code=303))


@blueprint.get("/devices/<uuid:id_>/edit")
def edit(id_: uuid.UUID) -> str:
    actor = require(WRITE)
    with reading(actor) as session:
        found = _one(session, id_, _moment())
        return _form(session, found, form.stored(found), ())


@blueprint.post("/devices/<uuid:id_>")
def correct(id_: uuid.UUID) -> Response:
    actor, given = require(WRITE), _given()
    try:
        with writing(actor) as session:
            found = _one(session, id_, _moment())
            operations.correct(session, found.device, given, now=now(), by=actor.id)
    except Refused as refused:
        with reading(actor) as session:
            return make_response(_form(session, _one(session, id_, _moment()), given, refused.fields), 422)
    flash(say("devices.form.corrected"), "done")
    return make_response(redirect(f"/devices/{id_}", code=303))


def home_tile(session: Session, actor: Actor, _subject: Any, locale: str) -> Markup | None:
    """How the devices stand, on the home page of whoever watches over any; None where there are none."""
    if not may(actor, READ):
        return None
    at = _moment()
    counts = queries.counts(session, at)
    if not sum(counts.values()):
        return None
    drawn = render_template(
        "devices/tile.html",
        counts=counts,
        total=sum(counts.values()),
        live=live_address(values.marker(session)),
        locale=locale,
    )
    return Markup(drawn)  # noqa: S704 - our own template, which escapes


def live_address(marker: int) -> Mapping[str, str]:
    """What a live page follows, and from where on it has not seen."""
    return {
        "href": f"/live?{urlencode({'topic': values.TOPIC})}",
        "since": write_markers({values.TOPIC: marker}),
    }


def in_trouble(session: Session, actor: Actor) -> int:
    """How many devices are in alarm; the number in the rail."""
    return queries.in_alarm(session) if may(actor, READ) else 0


def _moment() -> Moment:
    return Moment.of(now(), kernel().settings.zone)


def _wanted(raw: Mapping[str, str]) -> Wanted:
    words = raw.get("q", "").strip()
    if len(words) > SEARCH_LENGTH_MAX or "\0" in words:
        raise BadRequest("q", fields=[FieldError("q", "too_long", {"at_most": SEARCH_LENGTH_MAX})])
    return Wanted(
        q=words,
        state=_one_of(raw, "state", STATES),
        kind=_one_of(raw, "kind", tuple(device_kinds())),
        is_due=raw.get("due") == "1",
    )


def _one_of(raw: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    value = raw.get(name, "")
    if value and value not in allowed:
        raise BadRequest(name, fields=[FieldError(name, "not_a_choice", {"choices": ", ".join(allowed)})])
    return value


def _kpis(counts: Mapping[str, int], due: int, wanted: Wanted) -> list[Kpi]:
    chosen = say("devices.list.chosen")
    found = [
        Kpi(
            say(f"devices.state.{state}"),
            str(counts[state]),
            href="/devices" if wanted.state == state else f"/devices?state={state}",
            tone="strong" if wanted.state == state else "plain",
            note=chosen if wanted.state == state else "",
        )
        for state in STATES
    ]
    ahead = Kpi(
        say("devices.list.due_soon"),
        str(due),
        href="/devices" if wanted.is_due else "/devices?due=1",
        tone="strong" if wanted.is_due else "plain",
        note=chosen if wanted.is_due else "",
    )
    return [*found, ahead]


def _one(session: Session, id_: uuid.UUID, at: Moment) -> Found:
    found = queries.one(session, id_, at)
    if found is None:
        raise NotFound(f"device {id_}")
    return found


def _given() -> dict[str, str]:
    return {name: forms.value(name) for name in operations.FIELDS}


def _form(session: Session, found: Found | None, given: Mapping[str, str], faults: Any) -> str:
    locale, zone = current_locale(), kernel().settings.zone
    return render_template(
        "devices/form.html",
        found=found,
        fields=form.fields(session, given, faults, is_new=found is None, locale=locale, zone=zone),
        errors=form.errors(faults, locale=locale, zone=zone),
    )


def _episodes(session: Session, device_id: uuid.UUID) -> list[Alert]:
    wanted = (
        sa.select(Alert).where(Alert.device_id == device_id).order_by(Alert.raised_at.desc(), Alert.id.desc())
    )
    scope = scope_of_session(session)
    if not scope.everything:  # an alarm is told with its hazard, to whoever may see that one
        wanted = wanted.join(Hazard, Hazard.id == Alert.hazard_id).where(_seen(scope))
    return list(session.scalars(wanted.limit(EPISODES_SHOWN)))


def _hazards(session: Session, actor: Actor, device_id: uuid.UUID, found: Found) -> list[Hazard]:
    if not may(actor, "hazards.read"):
        return []
    spoken = sa.select(Alert.hazard_id).where(Alert.device_id == device_id, Alert.hazard_id.is_not(None))
    mine: list[Any] = [Hazard.id.in_(spoken)]
    if found.record is not None and found.record.hazard_id is not None:
        mine.append(Hazard.id == found.record.hazard_id)
    wanted = sa.select(Hazard).where(sa.or_(*mine), *conditions(Filter(), scope_of_session(session), now()))
    newest = wanted.order_by(Hazard.closed_at.is_not(None), Hazard.reported_at.desc())
    return list(session.scalars(newest.limit(HAZARDS_SHOWN)))


def _seen(scope: Scope) -> sa.ColumnElement[bool]:
    return scope.where(Hazard.path, Hazard.division, Hazard.parties)
