"""The page of supply: totals first, then each enterprise; whoever keeps the books of one finds its forms there."""

import uuid
from collections.abc import Mapping
from datetime import date

from flask import Blueprint, Response, flash, make_response, redirect, render_template

from hazard_flow.assets.supply import operations, queries
from hazard_flow.assets.supply.models import GAS_FACILITIES, LABELS, RESOURCES, EmergencyResource, GasFacility
from hazard_flow.assets.supply.queries import Standing
from hazard_flow.errors import FieldError, NotFound, Refused
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import may
from hazard_flow.web import forms
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, reading, writing
from hazard_flow.web.locale import current_locale, say
from hazard_flow.web.sentences import field_sentence
from hazard_flow.web.views import Kpi

blueprint = Blueprint("supply", __name__, template_folder="templates")

READ = "assets.read"
_FIELDS = (
    "kind",
    "name",
    "base",
    "phone",
    "people",
    "equipment",
    "capacity_m3",
    "day",
    "supplied_m3",
    "sent_out_m3",
    "stored_m3",
)


@blueprint.get("/supply")
def page() -> str:
    return _page(require(READ))


@blueprint.post("/supply/days")
def tell_day() -> Response:
    return _take("day")


@blueprint.post("/supply/facilities")
def add_facility() -> Response:
    return _take("facility")


@blueprint.post("/supply/resources")
def add_resource() -> Response:
    return _take("resource")


@blueprint.post("/supply/<any(facility, resource):what>/<uuid:id_>/end")
def end(what: str, id_: uuid.UUID) -> Response:
    actor = require(operations.WRITE)
    with writing(actor) as session:
        if what == "facility":
            operations.end(session, actor, GasFacility, id_, now=now())
        else:
            operations.end(session, actor, EmergencyResource, id_, now=now())
    flash(say("supply.ended"), "done")
    return make_response(redirect("/supply", code=303))


def _take(what: str) -> Response:
    actor = require(operations.WRITE)
    given = {name: forms.value(name) for name in _FIELDS}
    try:
        with writing(actor) as session:
            if what == "day":
                operations.tell_day(session, actor, given, now=now(), today=_today())
            elif what == "facility":
                operations.add_facility(session, actor, given, now=now())
            else:
                operations.add_resource(session, actor, given, now=now())
    except Refused as refused:
        return make_response(_page(actor, what, given, refused.fields), 422)
    flash(say("supply.stored"), "done")
    return make_response(redirect("/supply", code=303))


def _page(
    actor: Actor,
    what: str = "",
    given: Mapping[str, str] | None = None,
    faults: list[FieldError] | None = None,
) -> str:
    locale, zone = current_locale(), kernel().settings.zone
    own = None
    with reading(actor) as session:
        found = queries.standings(session, today=_today())
        if may(actor, operations.WRITE):
            try:
                own = operations.home_of(session, actor).id
            except NotFound:
                own = None
    return render_template(
        "supply/supply.html",
        standings=found,
        kpis=_kpis(found) if found else [],
        own=own,
        labels=LABELS,
        facility_kinds=GAS_FACILITIES,
        resource_kinds=RESOURCES,
        today=_today(),
        failed=what,
        given=given or {},
        wrong={one.field: field_sentence(one, locale, zone) for one in faults or ()},
    )


def _kpis(found: list[Standing]) -> list[Kpi]:
    """Of everything the reader sees together."""
    last = [one.last for one in found if one.last is not None]
    stored, sent = sum(one.told.stored_m3 for one in last), sum(one.told.sent_out_m3 for one in last)
    capacity = sum(one.capacity_m3("storage") for one in found)
    ready = " · ".join(str(sum(one.count(kind) for one in found)) for kind in RESOURCES)
    volume = say("supply.ten_thousand")
    return [
        Kpi(say("supply.kpi.stored"), f"{stored / 1e4:,.1f}", unit=volume),
        Kpi(say("supply.kpi.capacity"), f"{capacity / 1e4:,.1f}", unit=volume),
        Kpi(say("supply.kpi.sent_out"), f"{sent / 1e4:,.1f}", unit=volume),
        Kpi(
            say("supply.kpi.days"),
            f"{stored / sent:.1f}" if sent else "–",
            unit=say("supply.days"),
            tone="strong",
        ),
        Kpi(say("supply.kpi.ready"), ready),
    ]


def _today() -> date:
    return now().astimezone(kernel().settings.zone).date()
