"""The pages of the register: the list, one point, and its forms."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from sqlalchemy.orm import Session

from hazard_flow.assets.queries import by_id as asset_by_id
from hazard_flow.errors import BadRequest, FieldError, NotFound, Refused
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.queries import names, organisation_labels
from hazard_flow.identity.rights import may
from hazard_flow.risk import form, importing, operations, queries, reviews, shown, waiting
from hazard_flow.risk.colours import COLOURS, number
from hazard_flow.risk.entry import FIELDS, PARTICULARS, RATING, RESPONSIBLE
from hazard_flow.risk.form import Filled
from hazard_flow.risk.grading import grading
from hazard_flow.risk.library import CATEGORIES
from hazard_flow.risk.models import RiskPoint
from hazard_flow.risk.plot import plot
from hazard_flow.risk.queries import Wanted
from hazard_flow.web import forms, paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, reading, writing
from hazard_flow.web.locale import current_locale, say
from hazard_flow.web.views import Kpi

blueprint = Blueprint("risk", __name__, template_folder="templates")

READ, WRITE = "risk.read", "risk.write"
SEARCH_LENGTH_MAX = 100
#: boards printed at once
BOARDS_MAX = 60


@blueprint.get("/risk")
def listing() -> str:
    actor, locale = require(READ), current_locale()
    wanted = asked(request.args)
    cursor, limit = paging.asked()
    with reading(actor) as session:
        page = queries.page(session, wanted, cursor=cursor, limit=limit)
        whole = queries.distribution(session, Wanted())
        rows = shown.rows(session, page.items, locale=locale, today=today())
        due = waiting.due(session, now())
        pieces = kernel().panels.pieces("risk", session, actor, None, locale)
    return render_template(
        "risk/list.html",
        rows=rows,
        page=paging.links(page, total=whole.total if wanted == Wanted() else None),
        wanted=wanted,
        kpis=_kpis(whole.counts, wanted),
        total=whole.total,
        due=due,
        pieces=pieces,
        categories=[(one, say(f"risk.category.{one}")) for one in CATEGORIES],
        may_write=may(actor, WRITE),
        is_filtered=wanted != Wanted(),
    )


@blueprint.get("/risk/new")
def new() -> str:
    actor = require(WRITE)
    given = {"asset": request.args.get("asset", "")[:80], "kind": "facility", "method": "lec"}
    with reading(actor) as session:
        return _form(session, None, given, ())


@blueprint.post("/risk")
def enter() -> Response:
    actor, given = require(WRITE), _given(FIELDS)
    try:
        with writing(actor) as session:
            id_ = operations.enter(session, given, now=now(), by=actor.id, zone=kernel().settings.zone).id
    except Refused as refused:
        with reading(actor) as session:
            return make_response(_form(session, None, given, refused.fields), 422)
    flash(say("risk.form.entered"), "done")
    return _to(id_)


@blueprint.get("/risk/<uuid:id_>")
def show(id_: uuid.UUID) -> str:
    return point_page(require(READ), id_)


@blueprint.get("/risk/<uuid:id_>/edit")
def edit(id_: uuid.UUID) -> str:
    actor = require(WRITE)
    with reading(actor) as session:
        point = one(session, id_)
        stored = importing.told(session, point)
        return _form(
            session,
            point,
            stored | {"organisation": "" if stored["asset"] else str(point.organisation_id)},
            (),
        )


@blueprint.post("/risk/<uuid:id_>")
def correct(id_: uuid.UUID) -> Response:
    actor, given = require(WRITE), _given(PARTICULARS)
    try:
        with writing(actor) as session:
            point = held(session, id_)
            operations.correct(session, point, given, now=now(), by=actor.id, zone=kernel().settings.zone)
    except Refused as refused:
        with reading(actor) as session:
            return make_response(_form(session, one(session, id_), given, refused.fields), 422)
    flash(say("risk.form.corrected"), "done")
    return _to(id_)


@blueprint.get("/risk/<uuid:id_>/rating")
def rating(id_: uuid.UUID) -> str:
    actor = require(WRITE)
    with reading(actor) as session:
        point = one(session, id_)
        stored = importing.rated_cells(queries.ratings(session, id_), point)
        return _rating(session, point, stored, ())


@blueprint.post("/risk/<uuid:id_>/rating")
def rate(id_: uuid.UUID) -> Response:
    actor, given = require(WRITE), _given(RATING)
    try:
        with writing(actor) as session:
            point = held(session, id_)
            operations.rate_again(session, point, given, now=now(), by=actor.id, zone=kernel().settings.zone)
            reviews.finish(session, point, given.get("basis", ""), now=now(), actor=actor)
    except Refused as refused:
        with reading(actor) as session:
            return make_response(_rating(session, one(session, id_), given, refused.fields), 422)
    flash(say("risk.rating.done"), "done")
    return _to(id_)


@blueprint.post("/risk/<uuid:id_>/end")
def end(id_: uuid.UUID) -> Response:
    actor = require(WRITE)
    with writing(actor) as session:
        point = held(session, id_)
        operations.end(session, point, now=now(), by=actor.id)
        reviews.let_go(session, point, now=now(), actor=actor, why=say("risk.ended"))
    flash(say("risk.end_done"), "done")
    return _to(id_)


def point_page(
    actor: Actor, id_: uuid.UUID, *, given: Mapping[str, str] | None = None, faults: Sequence[FieldError] = ()
) -> str:
    """The page of one point; with what came back of one of its forms."""
    at, locale, zone = now(), current_locale(), kernel().settings.zone
    with reading(actor) as session:
        point = one(session, id_)
        asset = asset_by_id(session, point.asset_id) if point.asset_id else None
        past = queries.past(session, id_)
        rated = queries.ratings(session, id_)
        kept = queries.versions(session, id_)
        who = names(session, _people(past, kept))
        chain = queries.chain_of(session, id_)
        known = {
            "unit": [unit.unit.text_zh for unit in chain],
            "event": [event.event.text_zh for unit in chain for event in unit.events],
        }
        filled = Filled(given or {}, faults, locale, zone)
        [row] = shown.rows(session, [point], locale=locale, today=today())
        return render_template(
            "risk/show.html",
            point=point,
            row=row,
            site=asset,
            grade=grading().grades[point.dynamic],
            source=grading().source,
            unit=organisation_labels(session, [point.organisation_id])[point.organisation_id].label,
            plot=plot([(change.at, change.colour) for change in past], at),
            changes=shown.changes(past, locale, {str(key): value for key, value in who.items()}),
            sides=[shown.side(one_, locale) for one_ in rated if one_.rated_at == point.rated_at],
            earlier=[shown.side(one_, locale) for one_ in rated if one_.rated_at != point.rated_at][:10],
            chain=chain,
            controlled=shown.controlled_by(point, locale),
            reviews=[review for review, _ in waiting.reviews(session, point_id=id_)],
            proposals=[proposal for proposal, _ in waiting.proposals(session, point_id=id_)],
            versions=[
                (version, who.get(version.changed_by) if version.changed_by else "") for version in kept[:12]
            ],
            measure_fields=form.measure(session, filled, known),
            library=form.library_choices(point.category, locale),
            errors=filled.errors(),
            cause=filled.given.get("cause", ""),
            may_write=may(actor, WRITE) and point.ended_at is None,
            may_open=may(actor, "hazards.read"),
            now=at,
        )


def one(session: Session, id_: uuid.UUID) -> RiskPoint:
    """The point, or 404."""
    found = queries.one(session, id_)
    if found is None:
        raise NotFound(f"risk point {id_}")
    return found


def held(session: Session, id_: uuid.UUID) -> RiskPoint:
    """The point locked for writing, or 404."""
    found = queries.held(session, id_)
    if found is None:
        raise NotFound(f"risk point {id_}")
    return found


def _people(past: Sequence[Any], kept: Sequence[Any]) -> set[uuid.UUID]:
    found = {uuid.UUID(str(one_.detail["by"])) for one_ in past if one_.detail.get("by")}
    return found | {version.changed_by for version in kept if version.changed_by}


def _form(
    session: Session, point: RiskPoint | None, given: Mapping[str, str], faults: Sequence[FieldError]
) -> str:
    filled = Filled(given, faults, current_locale(), kernel().settings.zone)
    fields = form.particulars(session, filled, is_new=point is None)
    return render_template(
        "risk/form.html",
        point=point,
        plain=[field for field in fields if field.name not in RESPONSIBLE],
        responsible=[field for field in fields if field.name in RESPONSIBLE],
        **({} if point is not None else _sides(filled)),
        errors=filled.errors(),
    )


def _rating(
    session: Session, point: RiskPoint, given: Mapping[str, str], faults: Sequence[FieldError]
) -> str:
    filled = Filled(given, faults, current_locale(), kernel().settings.zone)
    called = [review for review, _ in waiting.reviews(session, point_id=point.id) if review.done_at is None]
    return render_template(
        "risk/rating.html",
        point=point,
        **_sides(filled),
        errors=filled.errors(),
        called=called,
        tier=number(point.residual),
    )


def _sides(filled: Filled) -> dict[str, Any]:
    rules = grading()
    bands = {
        name: ",".join(f"{number(colour)}:{least}" for colour, least in scale.begins.items())
        for name, scale in (("lec", rules.lec), ("ls", rules.ls))
    }
    return {
        "inherent": form.rating(filled),
        "residual": form.rating(filled, "residual_"),
        "end_fields": form.rating_end(filled),
        "bands": bands,
        "source": rules.source,
        "grades": [
            (number(colour), grade, rules.lec.band(colour), rules.ls.span(colour))
            for colour, grade in rules.grades.items()
        ],
    }


def _given(wanted: Sequence[str]) -> dict[str, str]:
    """The form as texts; what may be ticked several times stands with commas between."""
    found = {name: forms.value(name) for name in wanted}
    for name in ("grounds", "residual_grounds"):
        if name in found:
            found[name] = ",".join(forms.clean(value) for value in request.form.getlist(name))
    for name in ("lon", "lat"):  # what the button beside the place found, where nothing was typed
        if name in found and not found[name]:
            found[name] = forms.value(f"place_{name}")
    return found


def asked(raw: Mapping[str, str]) -> Wanted:
    """What the address asks for; a word it does not know is refused."""
    words = raw.get("q", "").strip()
    if len(words) > SEARCH_LENGTH_MAX or "\0" in words:
        raise BadRequest("q", fields=[FieldError("q", "too_long", {"at_most": SEARCH_LENGTH_MAX})])
    division = raw.get("division", "")
    if division and not (division.isascii() and division.isdigit() and len(division) <= 12):
        raise BadRequest("division", fields=[FieldError("division", "not_a_division")])
    organisation = raw.get("organisation", "")
    if organisation:
        try:
            organisation = uuid.UUID(organisation).hex
        except ValueError as error:
            raise BadRequest(
                "organisation", fields=[FieldError("organisation", "unknown_organisation")]
            ) from error
    return Wanted(
        q=words,
        colour=_one_of(raw, "colour", COLOURS),
        category=_one_of(raw, "category", CATEGORIES),
        kind=_one_of(raw, "kind", ("facility", "activity")),
        organisation=organisation,
        division=division,
        raised=raw.get("raised") == "1",
    )


def _one_of(raw: Mapping[str, str], name: str, allowed: Sequence[str]) -> str:
    value = raw.get(name, "")
    if value and value not in allowed:
        raise BadRequest(name, fields=[FieldError(name, "not_a_choice", {"choices": ", ".join(allowed)})])
    return value


def _kpis(counts: Mapping[str, int], wanted: Wanted) -> list[Kpi]:
    chosen = say("risk.list.chosen")
    return [
        Kpi(
            grading().grades[colour].label.in_(current_locale()),
            str(counts[colour]),
            href="/risk" if wanted.colour == colour else f"/risk?colour={colour}",
            tone="strong" if wanted.colour == colour else "plain",
            note=chosen if wanted.colour == colour else "",
        )
        for colour in COLOURS
    ]


def today() -> date:
    """The day it is at the organisation."""
    return now().astimezone(kernel().settings.zone).date()


def _to(id_: uuid.UUID) -> Response:
    return make_response(redirect(f"/risk/{id_}", code=303))
