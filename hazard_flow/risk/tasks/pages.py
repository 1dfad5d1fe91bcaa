"""The page of what waits, and the small forms of a point's page: measures, the library, calls, proposals, looks at similar places."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from sqlalchemy.orm import Session

from hazard_flow.errors import FieldError, NotFound, Refused
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.queries import names
from hazard_flow.identity.rights import may
from hazard_flow.risk import chain, form, proposals, queries, reviews, versions, waiting
from hazard_flow.risk.form import Filled
from hazard_flow.risk.library import library
from hazard_flow.risk.models import ControlMeasure, MeasureProposal, RiskPoint, SimilarCheck
from hazard_flow.risk.pages import READ, WRITE, held, point_page
from hazard_flow.web import forms
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, reading, writing
from hazard_flow.web.locale import current_locale, say
from hazard_flow.workflow.calendar import china
from hazard_flow.workflow.deadlines import Reckoning

blueprint = Blueprint("risk_tasks", __name__)


@blueprint.get("/risk/tasks")
def listing() -> str:
    return _page(require(READ))


@blueprint.post("/risk/<uuid:id_>/measures")
def add_measure(id_: uuid.UUID) -> Response:
    given = {name: forms.value(name) for name in chain.FIELDS if forms.value(name)}

    def work(session: Session, point: RiskPoint, actor: Actor) -> None:
        faults = [] if given.get("measure") else [FieldError("measure", "required")]
        if faults := [*chain.judge(given), *faults]:
            raise Refused(fields=faults)
        if chain.add(session, point, given, now=now()).is_changed:
            versions.note(session, point, "chain", now=now(), by=actor.id)

    return _on_point(id_, work, done="risk.measure.added", given=given)


@blueprint.post("/risk/<uuid:id_>/library")
def from_library(id_: uuid.UUID) -> Response:
    chosen = request.form.getlist("risk")

    def work(session: Session, point: RiskPoint, actor: Actor) -> None:
        known = library().risks
        risks = [known[key] for key in chosen if key in known]
        if not risks or len(risks) != len(chosen):
            raise Refused(fields=[FieldError("library", "required")])
        grew = [chain.add_from_library(session, point, risk, now=now()) for risk in risks]
        if any(grew):
            versions.note(session, point, "chain", now=now(), by=actor.id)

    return _on_point(id_, work, done="risk.library.added", given={})


@blueprint.post("/risk/<uuid:id_>/measures/<uuid:measure_id>/<any(effective,ineffective,end):what>")
def judge_measure(id_: uuid.UUID, measure_id: uuid.UUID, what: str) -> Response:
    def work(session: Session, point: RiskPoint, actor: Actor) -> None:
        measure = session.get(ControlMeasure, measure_id)
        if measure is None or measure.point_id != point.id:
            raise NotFound(f"measure {measure_id}")
        if what == "end":
            chain.end_measure(session, measure, now=now())
        elif not chain.judge_effect(measure, is_effective=what == "effective"):
            return
        versions.note(session, point, "chain", now=now(), by=actor.id)

    return _on_point(id_, work, done=f"risk.measure.{what}_done", given={})


@blueprint.post("/risk/<uuid:id_>/review")
def ask(id_: uuid.UUID) -> Response:
    cause = forms.value("cause")

    def work(session: Session, point: RiskPoint, _actor: Actor) -> None:
        reviews.ask(session, point, cause, now=now(), days=_days())

    return _on_point(id_, work, done="risk.review.asked", given={"cause": cause})


@blueprint.post("/risk/proposals/<uuid:id_>/acceptance")
def accept(id_: uuid.UUID) -> Response:
    actor = require(WRITE)
    given = {name: forms.value(name) for name in chain.FIELDS if forms.value(name)}
    places = [_id(raw) for raw in request.form.getlist("place")]

    def work(session: Session) -> None:
        proposal, point = _proposal(session, id_)
        proposals.accept(session, proposal, point, given, places, now=now(), actor=actor, days=_days())

    return _done(actor, work, "risk.proposal.accepted_done", about=id_, given=given)


@blueprint.post("/risk/proposals/<uuid:id_>/refusal")
def refuse(id_: uuid.UUID) -> Response:
    actor, reason = require(WRITE), forms.value("reason")

    def work(session: Session) -> None:
        proposal, _ = _proposal(session, id_)
        proposals.refuse(session, proposal, reason, now=now(), by=actor.id)

    return _done(actor, work, "risk.proposal.refused_done", about=id_, given={"reason": reason})


@blueprint.post("/risk/checks/<uuid:id_>/done")
def check_done(id_: uuid.UUID) -> Response:
    actor, note = require(READ), forms.value("note")
    is_good = forms.value("result") == "good"

    def work(session: Session) -> None:
        found = session.get(SimilarCheck, id_, with_for_update=True)
        if found is None or queries.one(session, found.point_id) is None:
            raise NotFound(f"check {id_}")
        proposals.finish_check(session, found, is_good=is_good, note=note, now=now(), actor=actor)

    return _done(actor, work, "risk.check.done", about=id_, given={"note": note})


def _on_point(
    id_: uuid.UUID, work: Callable[[Session, RiskPoint, Actor], None], *, done: str, given: dict[str, str]
) -> Response:
    """A small form of a point's page: carried out, or the page again with what is wrong."""
    actor = require(WRITE)
    try:
        with writing(actor) as session:
            work(session, held(session, id_), actor)
    except Refused as refused:
        return make_response(point_page(actor, id_, given=given, faults=refused.fields), 422)
    flash(say(done), "done")
    return make_response(redirect(f"/risk/{id_}", code=303))


def _done(
    actor: Actor, work: Callable[[Session], None], said: str, *, about: uuid.UUID, given: dict[str, str]
) -> Response:
    try:
        with writing(actor) as session:
            work(session)
    except Refused as refused:
        return make_response(_page(actor, about=about, given=given, faults=refused.fields), 422)
    flash(say(said), "done")
    return make_response(redirect("/risk/tasks", code=303))


def _page(
    actor: Actor, *, about: uuid.UUID | None = None, given: dict[str, str] | None = None, faults: Any = ()
) -> str:
    locale, zone, at = current_locale(), kernel().settings.zone, now()
    empty = Filled({}, (), locale, zone)
    came_back = Filled(given or {}, faults, locale, zone)
    with reading(actor) as session:
        called = waiting.reviews(session)
        put = waiting.proposals(session)
        checks = waiting.similar_checks(session)
        people = names(
            session,
            {one for one in (*(r.done_by for r, _ in called), *(p.decided_by for p, _ in put)) if one},
        )
        open_forms = [
            (
                proposal,
                point,
                form.measure(
                    session,
                    _proposed(proposal, came_back if proposal.id == about else empty),
                    _known(session, point),
                ),
                proposals.similar_places(session, point),
            )
            for proposal, point in put
            if proposal.state == "open"
        ]
    return render_template(
        "risk/tasks.html",
        reviews=called,
        open_proposals=open_forms,
        decided=[(proposal, point) for proposal, point in put if proposal.state != "open"],
        checks=checks,
        people=people,
        errors=came_back.errors(),
        about=about,
        may_write=may(actor, WRITE),
        now=at,
    )


def _proposed(proposal: MeasureProposal, filled: Filled) -> Filled:
    """The form of a proposal, begun with what whoever mended the hazard wrote; people put it into words."""
    given = {"measure": proposal.prevention or proposal.root_cause, **filled.given}
    return Filled(given, filled.faults, filled.locale, filled.zone)


def _known(session: Session, point: RiskPoint) -> dict[str, list[str]]:
    units = queries.chain_of(session, point.id)
    return {
        "unit": [unit.unit.text_zh for unit in units],
        "event": [event.event.text_zh for unit in units for event in unit.events],
    }


def _proposal(session: Session, id_: uuid.UUID) -> tuple[MeasureProposal, RiskPoint]:
    found = session.get(MeasureProposal, id_, with_for_update=True)
    point = queries.held(session, found.point_id) if found is not None else None
    if found is None or point is None:
        raise NotFound(f"proposal {id_}")
    return found, point


def _days() -> Reckoning:
    return Reckoning(zone=kernel().settings.zone, calendar=china())


def _id(raw: str) -> uuid.UUID:
    try:
        return uuid.UUID(raw)
    except ValueError as error:
        raise NotFound("place") from error
