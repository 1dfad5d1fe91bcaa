"""The JSON API of hazards: list, report, read, act, events, evidence."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from hazard_flow.assets import queries as assets
from hazard_flow.assets.kinds import kind_book
from hazard_flow.catalogue.rows import CATEGORY_LABELS
from hazard_flow.errors import BadRequest, Conflict, FieldError, HazardFlowError, NotFound, Refused
from hazard_flow.evidence.kinds import KINDS
from hazard_flow.evidence.operations import Looked
from hazard_flow.evidence.store import Store
from hazard_flow.hazards import device_time, files, operations, queries
from hazard_flow.hazards.changes import Outcome
from hazard_flow.hazards.filtering import checked
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.narrowing import LIABLE
from hazard_flow.hazards.representing import detail, event_view, evidence_views, item_result, problem, summary
from hazard_flow.hazards.resources import (
    Acting,
    ActingOnMany,
    EventView,
    EvidenceView,
    HazardDetail,
    HazardSummary,
    ItemProblem,
    ItemResult,
    NewHazard,
    report_body,
)
from hazard_flow.identity.actor import Actor
from hazard_flow.web import api, forms, paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, part, reading
from hazard_flow.web.limits import uploads
from hazard_flow.web.locale import current_locale
from hazard_flow.web.openapi import CURSOR, IDEMPOTENCY, IF_MATCH, Listed, Parameter, operation
from hazard_flow.web.sentences import error_sentence, field_sentence
from hazard_flow.workflow.definition import COLOURS
from hazard_flow.workflow.vocabulary import default_vocabulary

blueprint = Blueprint("hazards_api", __name__, url_prefix=api.PREFIX)

_FLAG = {"type": "boolean"}
_FILTERS = (
    Parameter(
        "stage",
        "One of the five stages",
        {"type": "string", "enum": ["reported", "assigned", "rectifying", "verified", "closed"]},
    ),
    Parameter("level", "Legal level", {"type": "string", "enum": ["general", "major"]}),
    Parameter(
        "urgency", "M, A, B or C; - for none yet", {"type": "string", "enum": ["M", "A", "B", "C", "-"]}
    ),
    Parameter(
        "organisation", "Id of an organisation; units below it count", {"type": "string", "format": "uuid"}
    ),
    Parameter("division", "Beginning of a division code", {"type": "string", "pattern": "^[0-9]{2,12}$"}),
    Parameter("overdue", "Only open ones past their deadline", _FLAG),
    Parameter("open", "Only open ones", _FLAG),
    Parameter("mine", "Only those the caller holds a part in", _FLAG),
    Parameter("asset", "Id of an asset", {"type": "string", "format": "uuid"}),
    Parameter(
        "state",
        "State of its workflow, as the file names it",
        {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$"},
    ),
    Parameter(
        "workflow",
        "Key of a workflow, or one version of it: general, general.v2",
        {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}([.]v[1-9][0-9]{0,5})?$"},
    ),
    Parameter(
        "flag",
        "Only open ones on which this request or measure stands open",
        {"type": "string", "enum": sorted(default_vocabulary().flags)},
    ),
    Parameter("colour", "Only open ones with this notice", {"type": "string", "enum": list(COLOURS)}),
    Parameter(
        "source", "Where it came from", {"type": "string", "enum": sorted(default_vocabulary().book.sources)}
    ),
    Parameter("protected", "Only what was reported past a manager; for the regulator's officers", _FLAG),
    Parameter("q", "Words of number, title or place", {"type": "string", "maxLength": 100}),
    Parameter(
        "code",
        "Catalogue code; - for none",
        {"type": "string", "pattern": "^([A-Za-z]{3}-[A-Za-z][0-9]{2,3}|-)$"},
    ),
    Parameter(
        "category",
        "Category of the catalogue; - for none",
        {"type": "string", "enum": [*CATEGORY_LABELS, "-"]},
    ),
    Parameter(
        "asset_kind", "Kind of the asset; - for none", {"type": "string", "enum": [*kind_book().kinds, "-"]}
    ),
    Parameter(
        "liable",
        "Who is liable; - where nobody said",
        {"type": "string", "enum": [*default_vocabulary().book.fields[LIABLE].choices, "-"]},
    ),
    Parameter(
        "unit", "Id of an organisation; units below it do not count", {"type": "string", "format": "uuid"}
    ),
    Parameter("found_since", "Found at this instant or later", {"type": "string", "format": "date-time"}),
    Parameter("found_before", "Found before this instant", {"type": "string", "format": "date-time"}),
)


@blueprint.get("/hazards")
@operation(
    summary="Hazards within scope, newest first",
    responses={200: Listed(HazardSummary)},
    parameters=(*_FILTERS, *CURSOR),
    tags=["hazards"],
)
def listing() -> Response:
    actor = require("hazards.read")
    wanted = checked(queries.read_filter(request.args), actor)
    cursor, limit = paging.asked()
    with reading(actor) as session:
        found = queries.page(session, wanted, now=now(), cursor=cursor, limit=limit)
        return api.envelope(found, summary)


@blueprint.post("/hazards")
@uploads
@operation(
    summary="Report a hazard; photos as further parts of a multipart form",
    request=NewHazard,
    responses={201: HazardDetail, 200: HazardDetail},
    parameters=[IDEMPOTENCY],
    tags=["hazards"],
)
def report() -> Response:
    actor, at = require("hazards.report"), now()
    body = api.read_model(NewHazard, report_body(_form_body("data") if _is_form() else api.read_json()))
    received = _receive(action="report", hazard=None, at=at)
    key = api.request_key()

    def change(session: Session) -> Outcome:
        return operations.report_at(
            session,
            body.asset,
            field="asset",
            actor=actor,
            request_key=key,
            data=body.data,
            now=at,
            evidence=tuple(one.item for one in received),
            source=body.source,
            action=body.action,
            reopen_of=body.reopen_of,
            organisation_id=_id(body.organisation, "organisation"),
        )

    outcome = files.carry_out(kernel().database, actor.scope, change, files=received, store=part(Store))
    return _representation(actor, outcome, created=True)


@blueprint.get("/hazards/<number>")
@operation(summary="One hazard", responses={200: HazardDetail}, tags=["hazards"])
def show(number: str) -> Response:
    actor = require("hazards.read")
    with reading(actor) as session:
        model = _detail(session, queries.by_number(session, number), actor)
    return api.answer(model, headers={"ETag": f'"{model.version}"'})


@blueprint.post("/hazards/<number>/actions/<action>")
@uploads
@operation(
    summary="Act on a hazard; files as further parts of a multipart form",
    request=Acting,
    responses={200: HazardDetail},
    parameters=[IDEMPOTENCY, IF_MATCH],
    tags=["hazards"],
)
def act(number: str, action: str) -> Response:
    actor, at = require("hazards.read"), now()
    body = api.read_model(Acting, _form_body("data", "expected_version") if _is_form() else None)
    with reading(actor) as session:
        hazard = queries.by_number(session, number)
    return _act(actor, hazard, action, body, _receive(action=action, hazard=hazard, at=at), at)


@blueprint.post("/hazards/actions/<action>")
@operation(
    summary="The same act on up to 100 hazards, answered one by one; each is done whole or not at all",
    request=ActingOnMany,
    responses={200: Listed(ItemResult)},
    parameters=[IDEMPOTENCY],
    tags=["hazards"],
)
def act_on_many(action: str) -> Response:
    actor, at = require("hazards.read"), now()
    body, key = api.read_model(ActingOnMany), api.request_key()
    numbers = [one.number for one in body.items]
    if len(set(numbers)) < len(numbers):
        raise BadRequest("a hazard twice", fields=[FieldError("items", "same_hazard_twice")])

    def change(session: Session) -> list[ItemResult]:
        found = queries.by_numbers(session, numbers)
        items = [
            operations.Item(found[one.number].id, one.number, one.expected_version)
            for one in body.items
            if one.number in found
        ]
        outcomes = operations.act_many(
            session, actor=actor, action=action, items=items, request_key=key, now=at, data=body.data
        )
        done = {one.number: outcome for one, outcome in zip(items, outcomes, strict=True)}
        absent = Outcome(error=NotFound("hazard"))
        return [item_result(number, done.get(number, absent), _problem) for number in numbers]

    return api.listing(kernel().database.carry_out(actor.scope, change))


@blueprint.get("/hazards/<number>/events")
@operation(
    summary="The hazard's event chain, oldest first",
    responses={200: Listed(EventView)},
    parameters=CURSOR,
    tags=["hazards"],
)
def events(number: str) -> Response:
    actor = require("hazards.read")
    cursor, limit = paging.asked()
    after = forms.read_version(cursor, field="cursor") or 0
    with reading(actor) as session:
        chain = [e for e in queries.events(session, queries.by_number(session, number)) if e.seq > after]
    shown = chain[:limit]
    return api.listing([event_view(e) for e in shown], str(shown[-1].seq) if len(chain) > limit else None)


@blueprint.get("/hazards/<number>/evidence")
@operation(
    summary="Everything attached to the hazard", responses={200: Listed(EvidenceView)}, tags=["hazards"]
)
def evidence(number: str) -> Response:
    actor = require("hazards.read")
    with reading(actor) as session:
        hazard = queries.by_number(session, number)
        return api.listing(evidence_views(hazard, queries.evidence(session, hazard)))


@blueprint.post("/hazards/<number>/evidence")
@uploads
@operation(
    summary="Attach files to the hazard",
    request="multipart/form-data",
    responses={201: Listed(EvidenceView)},
    parameters=[IDEMPOTENCY],
    tags=["hazards"],
)
def attach(number: str) -> Response:
    actor, at = require("hazards.read"), now()
    with reading(actor) as session:
        hazard = queries.by_number(session, number)
    if not _is_form() or not forms.files():
        raise BadRequest("no file", fields=[FieldError("file", "required")])
    received = _receive(action="attach", hazard=hazard, at=at)
    body = Acting(data={"note": forms.value("note")} if forms.value("note") else {})
    _act(actor, hazard, "attach", body, received, at)
    with reading(actor) as session:
        views = evidence_views(hazard, queries.evidence(session, hazard))
    response = api.listing([v for v in views if v.sha256 in {r.item.sha256 for r in received}])
    response.status_code = 201
    return response


def _act(
    actor: Actor, hazard: Hazard, action: str, body: Acting, received: tuple[Looked, ...], at: datetime
) -> Response:
    key, version = api.request_key(), api.expected_version(body.expected_version)

    def change(session: Session) -> Outcome:
        return operations.act(
            session,
            actor=actor,
            hazard_id=hazard.id,
            action=action,
            request_key=key,
            now=at,
            data=body.data,
            evidence=tuple(one.item for one in received),
            expected_version=version,
        )

    try:
        outcome = files.carry_out(kernel().database, actor.scope, change, files=received, store=part(Store))
    except Conflict as refused:
        with reading(actor) as session:
            current = _detail(session, queries.by_number(session, hazard.number), actor)
        refused.params["current"] = current.model_dump(mode="json")
        raise
    return _representation(actor, outcome)


def _representation(actor: Actor, outcome: Outcome, *, created: bool = False) -> Response:
    assert outcome.hazard is not None
    with reading(actor) as session:
        model = _detail(session, queries.by_number(session, outcome.hazard.number), actor)
    headers = {"ETag": f'"{model.version}"'}
    if created:
        headers["Location"] = f"{api.PREFIX}/hazards/{model.number}"
    return api.answer(model, status=201 if created and not outcome.replayed else 200, headers=headers)


def _detail(session: Any, hazard: Hazard, actor: Actor) -> HazardDetail:
    asset = assets.by_id(session, hazard.asset_id) if hazard.asset_id else None
    return detail(session, hazard, actor, now=now(), asset=asset.code if asset else None)


def _problem(error: HazardFlowError) -> ItemProblem:
    locale, zone = current_locale(), kernel().settings.zone
    return problem(
        error,
        title=error_sentence(error.code, error.params, locale, zone),
        sentences=[field_sentence(one, locale, zone) for one in error.fields],
    )


def _is_form() -> bool:
    return request.mimetype in ("multipart/form-data", "application/x-www-form-urlencoded")


def _form_body(*json_parts: str) -> dict[str, Any]:
    """The parts of a multipart form as the JSON body they stand for: `data` is JSON, the rest plain text."""
    if not request.form and not request.files:
        # A form cut short on its way reads as an empty one: it must not pass for an act without fields.
        raise BadRequest("no parts", fields=[FieldError("", "not_a_form")])
    values: Mapping[str, Any] = forms.values()
    found = dict(values)
    if request.form.get("expected_version"):
        found["expected_version"] = request.form["expected_version"]
    for name in json_parts:
        if isinstance(found.get(name), str):
            found[name] = api.parse_json(found[name], field=name)
    return found


def _receive(*, action: str, hazard: Hazard | None, at: datetime) -> tuple[Looked, ...]:
    if not _is_form():
        return ()
    kind = forms.value("kind")
    if kind and kind not in KINDS:
        raise Refused(fields=[FieldError("kind", "evidence_kind_unknown", {"kind": kind})])
    sent = [files.Upload(u.field, u.filename, u.read()) for u in forms.files()]
    looked = files.look_at_all(
        sent,
        action=action,
        hazard_stage=hazard.stage if hazard else None,
        received_at=at,
        device=device_time.read(request.form, received_at=at),
    )
    pair = forms.value("pair_of") or None
    return tuple(
        replace(one, item=replace(one.item, kind=kind or one.item.kind, pair_of=one.item.pair_of or pair))
        for one in looked
    )


def _id(raw: str | None, field: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(raw) if raw else None
    except ValueError as error:
        raise BadRequest("bad id", fields=[FieldError(field, "not_an_id")]) from error
