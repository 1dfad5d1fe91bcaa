"""Pages of batches: buildings chosen for an inspector, one batch with its users, the announcement and the handing over."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from sqlalchemy.orm import Session

from hazard_flow.errors import BadRequest, FieldError, NotFound, Refused
from hazard_flow.hazards.rules import rules_of
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.queries import names, organisation_labels, people_within
from hazard_flow.identity.rights import RIGHTS, may
from hazard_flow.inspections.handing_in import blank, day_of, instant_of
from hazard_flow.inspections.households import form, operations, queries
from hazard_flow.inspections.households.models import HouseholdBatch
from hazard_flow.inspections.households.operations import PLAN, RECORD, WAYS, policy_for
from hazard_flow.inspections.households.pages import READ, flash_faults, local_rules, words_of
from hazard_flow.inspections.households.queries import Wanted
from hazard_flow.web import forms, paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, reading, writing
from hazard_flow.web.locale import current_locale, say

blueprint = Blueprint("household_batches", __name__)

#: a plan looks so far ahead unless told otherwise
AHEAD = timedelta(days=60)


@blueprint.get("/households/plan")
def plan_form() -> str:
    return _plan(require(PLAN), {}, ())


@blueprint.post("/households/plan")
def plan() -> Response:
    actor, at = require(PLAN), now()
    given: dict[str, Any] = forms.values(many=("buildings",))
    try:
        with writing(actor) as session:
            batch = operations.plan_batch(
                session, _planned(given), actor=actor, request_key=forms.request_key(), now=at
            )
            id_ = batch.id
    except Refused as refused:
        return make_response(_plan(actor, given, refused.fields), 422)
    flash(say("households.planned"), "done")
    return make_response(redirect(f"/households/batches/{id_}", code=303))


@blueprint.get("/households/batches/<uuid:batch_id>")
def batch(batch_id: uuid.UUID) -> str:
    actor, at = require(READ), now()
    cursor, limit = paging.asked()
    with reading(actor) as session:
        found = _batch(session, batch_id)
        today = rules_of(session).day_of(at)
        page = queries.page(session, Wanted(batch_id=batch_id), today, cursor=cursor, limit=limit)
        policy = policy_for(session, found.division, at)
        return render_template(
            "households/batch.html",
            batch=found,
            how=queries.progress(session, [batch_id])[batch_id],
            rows=page.items,
            page=paging.links(page),
            today=today,
            who=names(session, {found.assignee_id}),
            inspectors=_inspectors(session, found.path),
            notice=local_rules(policy, ("household_notice_before",)),
            ways=WAYS,
            key=str(uuid.uuid4()),
            may_plan=may(actor, PLAN),
            may_announce=may(actor, PLAN) or actor.id == found.assignee_id,
            may_record=may(actor, RECORD),
        )


@blueprint.post("/households/batches/<uuid:batch_id>/<any(announcement, assignee):act>")
def batch_act(batch_id: uuid.UUID, act: str) -> Response:
    actor, at, zone = require(READ), now(), kernel().settings.zone
    try:
        with writing(actor) as session:
            found = _batch(session, batch_id)
            if act == "announcement":
                visit_at = instant_of(forms.value("visit_at"), zone, field="visit_at")
                if visit_at is None:
                    raise Refused(fields=[FieldError("visit_at", "required")])
                told = operations.announce(
                    session, found, visit_at=visit_at, way=forms.value("way"), actor=actor, request_key=forms.request_key(), now=at
                )  # fmt: skip
                words = say("households.done.announcement", n=told)
            else:
                operations.hand_over(
                    session, found, to=_id(forms.value("assignee"), "assignee"), actor=actor, now=at
                )
                words = say("households.done.assignee")
    except Refused as refused:
        flash_faults(refused)
    else:
        flash(words, "done")
    return make_response(redirect(f"/households/batches/{batch_id}", code=303))


def _plan(actor: Actor, given: Mapping[str, Any], faults: Sequence[FieldError]) -> str:
    locale, zone = current_locale(), kernel().settings.zone
    with reading(actor) as session:
        today = rules_of(session).day_of(now())
        until = _day(request.args.get("until"), today + AHEAD)
        found = queries.buildings(session, due_before=until, q=words_of("q"))
        units = organisation_labels(session, {one.organisation_id for one in found})
        inspectors = {id_: _inspectors(session, unit.path) for id_, unit in units.items()}
    return render_template(
        "households/plan.html",
        found=found,
        units={id_: unit.label for id_, unit in units.items()},
        inspectors=sorted({one for group in inspectors.values() for one in group}, key=lambda one: one[1]),
        until=until,
        due_on=given.get("due_on") or (today + timedelta(days=14)).isoformat(),
        given=blank(given),
        wrong=blank(form.sentences(faults, locale=locale, zone=zone)),
        errors=form.errors(faults, {}, prefix="households.field.", locale=locale, zone=zone),
        key=forms.request_key(),
        q=words_of("q"),
        today=today,
    )


def _planned(given: Mapping[str, Any]) -> operations.BatchPlan:
    """The buildings chosen stand as `<unit>|<building>`: a batch is of one unit."""
    chosen = [str(one).split("|", 1) for one in given.get("buildings", ())]
    units = {one[0] for one in chosen}
    if len(units) != 1 or any(len(one) != 2 for one in chosen):
        code = "one_unit" if len(units) > 1 else "choose_some"
        raise Refused(fields=[FieldError("buildings", code, {"most": operations.BUILDINGS_MAX})])
    return operations.BatchPlan(
        organisation_id=_id(units.pop(), "buildings"),
        buildings=[one[1] for one in chosen],
        assignee_id=_id(str(given.get("assignee") or ""), "assignee"),
        due_on=day_of(given.get("due_on"), field="due_on"),
        due_before=day_of(given["due_before"], field="due_before") if given.get("due_before") else None,
        name=str(given.get("name") or ""),
    )


def _inspectors(session: Session, path: str) -> list[tuple[str, str]]:
    """Who may be given a batch there: people who record visits and see its users."""
    found = []
    for person, roles in people_within(session, path.split("/", 1)[0] + "/"):
        if RIGHTS[RECORD] & set(roles):
            found.append((str(person.id), person.name))
    return found


def _batch(session: Session, batch_id: uuid.UUID) -> HouseholdBatch:
    found = queries.batch(session, batch_id)
    if found is None:
        raise NotFound(f"batch {batch_id}")
    return found


def _day(raw: str | None, otherwise: date) -> date:
    try:
        return date.fromisoformat(raw) if raw else otherwise
    except ValueError as error:
        raise BadRequest("until", fields=[FieldError("until", "not_a_date")]) from error


def _id(raw: str, field: str) -> uuid.UUID:
    try:
        return uuid.UUID(raw)
    except ValueError as error:
        raise Refused(
            fields=[FieldError(field, "required" if not raw else "unknown_choice", {"value": raw[:40]})]
        ) from error
