"""The pages of household checks: how the cycle stands, users, and one user with what is done about it."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from markupsafe import Markup
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.assets.queries import labels
from hazard_flow.catalogue.policy import Policy
from hazard_flow.errors import BadRequest, FieldError, NotFound, Refused
from hazard_flow.hazards.rules import rules_of
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.queries import names, organisation_labels
from hazard_flow.identity.rights import may
from hazard_flow.inspections.handing_in import instant_of
from hazard_flow.inspections.households import form, queries, steps
from hazard_flow.inspections.households.models import CLASSES
from hazard_flow.inspections.households.operations import PLAN, RECORD, WAYS, policy_for
from hazard_flow.inspections.households.queries import ClassFigures, User, Wanted
from hazard_flow.web import forms, paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, reading, writing
from hazard_flow.web.locale import current_locale, say
from hazard_flow.web.views import Kpi

blueprint = Blueprint("households", __name__, template_folder="templates")

READ = "assets.read"
SEARCH_LENGTH_MAX = 100
DOUBTS_SINCE = timedelta(days=30)
#: policy of the place that pages name with its source
NAMED = (
    "household_check_months_max",
    "business_check_months_max",
    "household_notice_before",
    "household_visits_before_notice",
    "household_refusal_measure",
    "gas_resume_within",
)


@blueprint.get("/households")
def overview() -> str:
    actor, at = require(READ), now()
    with reading(actor) as session:
        today = rules_of(session).day_of(at)
        classes = queries.figures(session, today)
        batches = queries.batches(session)
        how = queries.progress(session, [one.id for one in batches])
        doubtful = queries.doubtful(session, at - DOUBTS_SINCE)
        who = names(session, {one.assignee_id for one in batches} | {one.inspector_id for one in doubtful})
        assets = labels(session, [one.asset_id for one in doubtful])
    return render_template(
        "households/overview.html",
        kpis=_kpis(classes),
        classes=classes,
        batches=batches,
        how=how,
        who=who,
        doubtful=doubtful,
        assets=assets,
        today=today,
        may_plan=may(actor, PLAN),
    )


@blueprint.get("/households/users")
def users() -> str:
    actor, at = require(READ), now()
    wanted = _wanted(request.args)
    cursor, limit = paging.asked()
    with reading(actor) as session:
        today = rules_of(session).day_of(at)
        page = queries.page(session, wanted, today, cursor=cursor, limit=limit)
    return render_template(
        "households/users.html",
        rows=page.items,
        page=paging.links(page),
        wanted=wanted,
        stands=queries.STANDS,
        classes=CLASSES,
        today=today,
        is_filtered=wanted != Wanted(),
        may_record=may(actor, RECORD),
    )


@blueprint.get("/households/<uuid:asset_id>")
def show(asset_id: uuid.UUID) -> str:
    actor, at = require(READ), now()
    with reading(actor) as session:
        user = one_user(session, asset_id)
        visits = queries.visits(session, asset_id)
        done = queries.steps(session, asset_id)
        people = {one.inspector_id for one in visits} | {one.person_id for one in done if one.person_id}
        unit = organisation_labels(session, {user.household.organisation_id})[user.household.organisation_id]
        policy = policy_for(session, user.household.division, at)
        return render_template(
            "households/user.html",
            user=user,
            unit=unit.label,
            visits=visits,
            steps=done,
            who=names(session, people),
            hazards=queries.hazards_at(session, asset_id) if may(actor, "hazards.read") else (),
            today=rules_of(session).day_of(at),
            policy=local_rules(policy),
            needed=policy.count("household_visits_before_notice"),
            ways=WAYS,
            key=str(uuid.uuid4()),
            may_record=may(actor, RECORD),
        )


@blueprint.post("/households/<uuid:asset_id>/<any(appointment, request, help):act>")
def act(asset_id: uuid.UUID, act: str) -> Response:
    actor, at, zone = require(RECORD), now(), kernel().settings.zone
    try:
        with writing(actor) as session:
            household = one_user(session, asset_id).household
            common: dict[str, Any] = {"actor": actor, "request_key": forms.request_key(), "now": at}
            if act == "appointment":
                visit_at = instant_of(forms.value("visit_at"), zone, field="visit_at")
                if visit_at is None:
                    raise Refused(fields=[FieldError("visit_at", "required")])
                steps.agree(session, household, visit_at=visit_at, way=forms.value("way"), **common)
            elif act == "request":
                steps.request_check(
                    session,
                    household,
                    wanted_at=instant_of(forms.value("visit_at"), zone, field="visit_at"),
                    note=forms.value("note"),
                    **common,
                )
            else:
                steps.note_help(
                    session, household, helper=forms.value("helper"), note=forms.value("note"), **common
                )
    except Refused as refused:
        flash_faults(refused)
    else:
        flash(say(f"households.done.{act}"), "done")
    return make_response(redirect(f"/households/{asset_id}", code=303))


def asset_panel(session: Session, actor: Actor, subject: Any, locale: str) -> Markup | None:
    """On the page of a user's asset: how it stands in the cycle of checks."""
    if not isinstance(subject, Asset) or subject.kind != "user" or not may(actor, READ):
        return None
    user = queries.by_word(session, str(subject.id))
    if user is None:
        return None
    drawn = render_template("households/panel.html", user=user, today=rules_of(session).day_of(now()))
    return Markup(drawn)  # noqa: S704 - our own template, which escapes


def one_user(session: Session, asset_id: uuid.UUID) -> User:
    """One user within reach; raises NotFound."""
    found = queries.by_word(session, str(asset_id))
    if found is None:
        raise NotFound(f"user {asset_id}")
    return found


def local_rules(policy: Policy, keys: Sequence[str] = NAMED) -> list[tuple[str, str, str, str]]:
    """Values of the place as people read them: name, value, source, mark."""
    locale, found = current_locale(), []
    for key in keys:
        entry = policy.entry(key)
        if entry is None:
            continue
        known = policy.keys[key]
        value = known.choices[entry.plain].in_(locale) if known.choices else str(entry.plain)
        unit = known.unit.in_(locale).split("|")[-1] if known.unit else ""
        found.append(
            (
                known.label.in_(locale),
                f"{value} {unit}".strip(),
                entry.row.source.in_(locale),
                entry.row.confidence,
            )
        )
    return found


def _kpis(classes: Sequence[ClassFigures]) -> list[Kpi]:
    total = sum(one.total for one in classes)
    overdue, soon = sum(one.overdue for one in classes), sum(one.due_soon for one in classes)
    done, tried = (
        sum(one.done for one in classes),
        sum(one.done + one.absent + one.refused for one in classes),
    )
    owed = total - sum(one.away for one in classes)
    in_cycle = sum(one.in_cycle for one in classes)
    return [
        Kpi(say("households.kpi.users"), str(total), href="/households/users"),
        Kpi(say("households.kpi.in_cycle"), _percent(in_cycle, owed), unit="%" if owed else ""),
        Kpi(
            say("households.kpi.overdue"), str(overdue), href="/households/users?stand=overdue", tone="strong"
        ),
        Kpi(say("households.kpi.due_soon"), str(soon), href="/households/users?stand=due_soon"),
        Kpi(say("households.kpi.entry"), _percent(done, tried), unit="%" if tried else ""),
    ]


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else "–"


def _wanted(raw: Mapping[str, str]) -> Wanted:
    return Wanted(
        q=words_of("q"),
        stand=_one_of(raw, "stand", queries.STANDS),
        user_class=_one_of(raw, "class", CLASSES),
    )


def _one_of(raw: Mapping[str, str], name: str, allowed: Sequence[str]) -> str:
    value = raw.get(name, "")
    if value and value not in allowed:
        raise BadRequest(name, fields=[FieldError(name, "not_a_choice", {"choices": ", ".join(allowed)})])
    return value


def words_of(name: str) -> str:
    """Words of the address; BadRequest for more than anybody types."""
    words = request.args.get(name, "").strip()
    if len(words) > SEARCH_LENGTH_MAX:
        raise BadRequest(name, fields=[FieldError(name, "too_long", {"at_most": SEARCH_LENGTH_MAX})])
    return words


def flash_faults(refused: Refused) -> None:
    """What was refused, as sentences above the page."""
    locale, zone = current_locale(), kernel().settings.zone
    for one in form.errors(refused.fields, {}, prefix="households.field.", locale=locale, zone=zone):
        flash(one.text, "error")
