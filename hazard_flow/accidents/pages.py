"""The pages of accidents: the register, a first entry, one accident with its clocks, its first report on paper, and panels elsewhere."""

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from markupsafe import Markup
from sqlalchemy.orm import Session

from hazard_flow.accidents import casualties, lessons, operations, queries, sending, shown
from hazard_flow.accidents.lessons import FollowUp
from hazard_flow.accidents.models import CATEGORIES, KINDS, Accident
from hazard_flow.accidents.particulars import COUNTS, FIGURES
from hazard_flow.accidents.rules import CLASSES, accident_rules
from hazard_flow.accidents.steps import JUDGE, REGISTER, REPORT, find
from hazard_flow.assets.queries import labels as asset_labels
from hazard_flow.errors import BadRequest, Conflict, FieldError, HazardFlowError, NotAllowed, Refused
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.queries import organisation_labels
from hazard_flow.identity.rights import may
from hazard_flow.storage.base import new_id
from hazard_flow.web import forms, paging
from hazard_flow.web.acts import refusal
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, part, reading
from hazard_flow.web.locale import current_locale, say
from hazard_flow.web.views import Kpi

blueprint = Blueprint("accidents", __name__, template_folder="templates")

READ = "accidents.read"
YEAR = timedelta(days=365)


@blueprint.get("/accidents")
def listing() -> str:
    actor, locale, at = require(READ), current_locale(), now()
    wanted = queries.read_wanted(request.args)
    cursor, limit = paging.asked()
    with reading(actor) as session:
        page = queries.page(session, wanted, cursor=cursor, limit=limit)
        counts = queries.counts(session, at - YEAR)
        units = organisation_labels(session, {one.home_id for one in page.items})
        clocks = {
            one.id: shown.clock_rows(session, one, at, locale) for one in page.items if not one.closed_at
        }
    kpis = [
        Kpi(
            say(f"accidents.kpi.{name}"),
            str(counts[name]),
            note=say("accidents.kpi.year") if name != "open" else "",
        )
        for name in counts
    ]
    return render_template(
        "accidents/list.html",
        rows=page.items,
        page=paging.links(page),
        wanted=wanted,
        is_filtered=wanted != queries.Wanted(),
        kpis=kpis,
        units=units,
        owed={id_: [c for c in rows if c.sent_at is None and c.due_at] for id_, rows in clocks.items()},
        kinds=KINDS,
        classes=CLASSES,
        categories=CATEGORIES,
        may_register=may(actor, REGISTER),
        words=lambda one: shown.figures_words(shown.reading_of(one), locale),
    )


@blueprint.get("/accidents/new")
def new() -> str:
    actor = require(REGISTER)
    hazard = request.args.get("hazard", "")[:60]
    return _entry(actor, {"asset": request.args.get("asset", "")[:80]}, (), hazard)


@blueprint.post("/accidents")
def enter() -> Response:
    actor, given, key, at = require(REGISTER), forms.values(), forms.request_key(), now()
    hazard = str(given.pop("hazard", ""))[:60]

    def work(session: Session) -> uuid.UUID:
        return operations.register(
            session, actor=actor, given=given, request_key=key, now=at, hazard=hazard
        ).id

    try:
        id_ = kernel().database.carry_out(actor.scope, work)
    except Refused as refused:
        return make_response(_entry(actor, given, refused.fields, hazard), 422)
    flash(say("accidents.did.registered"), "done")
    return make_response(redirect(f"/accidents/{id_}", code=303))


@blueprint.get("/accidents/<uuid:accident_id>")
def show(accident_id: uuid.UUID) -> str:
    return _page(require(READ), accident_id, None)


@blueprint.post(
    "/accidents/<uuid:accident_id>/<any(report, receive, supplement, explain, judge, casualty, link, propose, decide, close):act>"
)
def do(accident_id: uuid.UUID, act: str) -> Response:
    """Everything that can be done to an accident; which right it needs says the act itself."""
    actor, given, key, at = require(READ), forms.values(many=("asset",)), forms.request_key(), now()
    version = forms.expected_version()
    work = _WORKS[act]
    try:
        kernel().database.carry_out(
            actor.scope, lambda session: work(session, actor, accident_id, given, key, at, version).id
        )
    except (Refused, Conflict, NotAllowed) as refused:
        return make_response(_page(actor, accident_id, (act, refused)), refused.status)
    flash(say(f"accidents.did.{act}"), "done")
    return make_response(redirect(f"/accidents/{accident_id}", code=303))


@blueprint.post("/accidents/<uuid:accident_id>/casualties/<uuid:casualty_id>/erasure")
def erase(accident_id: uuid.UUID, casualty_id: uuid.UUID) -> Response:
    actor, key, at = require(JUDGE), forms.request_key(), now()

    def work(session: Session) -> None:
        accident = find(session, accident_id, lock=True)
        casualties.erase(
            session, actor=actor, accident=accident, casualty_id=casualty_id, request_key=key, now=at
        )

    kernel().database.carry_out(actor.scope, work)
    flash(say("accidents.did.erase"), "done")
    return make_response(redirect(f"/accidents/{accident_id}", code=303))


@blueprint.get("/accidents/<uuid:accident_id>/paper")
def paper(accident_id: uuid.UUID) -> str:
    """The first report (事故快报) for print: what is known, who was told when; no personal data."""
    actor, at, locale = require(READ), now(), current_locale()
    with reading(actor) as session:
        accident = find(session, accident_id)
        return render_template(
            "accidents/paper.html",
            accident=accident,
            unit=organisation_labels(session, {accident.home_id}).get(accident.home_id),
            clocks=shown.clock_rows(session, accident, at, locale),
            counts=COUNTS,
            printed_at=at,
        )


def hazard_panel(session: Session, actor: Actor, subject: Any, locale: str) -> Markup | None:
    """On a hazard's page: the accidents it belongs to; for whoever may, the way to enter one."""
    if not may(actor, READ) or not isinstance(subject, Hazard):
        return None
    rows = queries.of_target(session, "hazard", subject.id)
    if not rows and not (may(actor, REGISTER) and subject.is_open):
        return None
    drawn = render_template(
        "accidents/panel.html", rows=rows, hazard=subject, may_register=may(actor, REGISTER)
    )
    return Markup(drawn)  # noqa: S704 - our own template, which escapes


def asset_panel(session: Session, actor: Actor, subject: Any, locale: str) -> Markup | None:
    """On an asset's page: what happened there."""
    rows = queries.of_target(session, "asset", subject.id) if may(actor, READ) else []
    if not rows:
        return None
    drawn = render_template("accidents/panel.html", rows=rows, hazard=None, may_register=False)
    return Markup(drawn)  # noqa: S704 - our own template, which escapes


def open_ones(session: Session, actor: Actor) -> int:
    """How many are not closed; the number in the rail."""
    return queries.counts(session, now() - YEAR)["open"] if may(actor, READ) else 0


def _entry(actor: Actor, given: Mapping[str, Any], faults: Any, hazard: str) -> str:
    locale, zone = current_locale(), kernel().settings.zone
    with reading(actor) as session:
        made = shown.entry_fields(session, given, faults, actor=actor, locale=locale, zone=zone)
    return render_template(
        "accidents/new.html", fields=made.made, errors=made.errors(), hazard=hazard, request_key=str(new_id())
    )


def _page(actor: Actor, accident_id: uuid.UUID, refused: tuple[str, HazardFlowError] | None) -> str:
    locale, zone, at = current_locale(), kernel().settings.zone, now()
    given = forms.values(many=("asset",)) if refused else {}
    with reading(actor) as session:
        accident = find(session, accident_id)
        offered = lessons.of(session, accident)
        places = asset_labels(session, [one.asset_id for one in offered])
        offered_acts = shown.acts(
            session, accident, actor, locale=locale, zone=zone, given=given, refused=refused
        )
        is_shown = refused is not None and any(one.key == refused[0] and one.errors for one in offered_acts)
        return render_template(
            "accidents/show.html",
            accident=accident,
            unit=organisation_labels(session, {accident.home_id}).get(accident.home_id),
            figures=[
                (name, getattr(accident, name)) for name in FIGURES if getattr(accident, name) is not None
            ],
            clocks=shown.clock_rows(session, accident, at, locale),
            steps=shown.step_rows(session, accident, locale, zone),
            links=shown.link_rows(session, accident, locale),
            people=casualties.known(session, accident),
            lessons=[(one, places[one.asset_id]) for one in offered if one.asset_id in places],
            acts=offered_acts,
            refusal=refusal(refused[1], locale, zone) if refused and not is_shown else "",
            marks=accident_rules().marks,
            may_judge=may(actor, JUDGE),
            may_decide=may(actor, REPORT) and accident.closed_at is None,
            request_key=str(new_id()),
        )


def _instant(given: Mapping[str, Any], name: str) -> datetime | None:
    said = str(given.get(name) or "")
    if not said:
        return None
    try:
        read = datetime.fromisoformat(said)
        return (read if read.tzinfo else read.replace(tzinfo=kernel().settings.zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadRequest(name, fields=[FieldError(name, "not_an_instant", {"value": said[:40]})]) from error


def _day_end(given: Mapping[str, Any]) -> datetime | None:
    at = _instant(given, "due_on")
    return at + timedelta(days=1) if at else None


def _ids(given: Mapping[str, Any]) -> list[uuid.UUID]:
    try:
        return [uuid.UUID(str(one)) for one in given.get("asset", [])]
    except ValueError as error:
        raise BadRequest("asset", fields=[FieldError("asset", "not_an_id")]) from error


def _word(given: Mapping[str, Any], name: str) -> str:
    return str(given.get(name) or "")


Work = Callable[[Session, Actor, uuid.UUID, Mapping[str, Any], str, datetime, int | None], Accident]


def _works() -> dict[str, Work]:
    return {
        "report": lambda s, a, i, g, k, t, v: sending.report(
            s, actor=a, accident_id=i, to=_word(g, "to"), words=_word(g, "note"), at=_instant(g, "at"), request_key=k, now=t
        ),
        "receive": lambda s, a, i, g, k, t, v: sending.receive(s, actor=a, accident_id=i, request_key=k, now=t),
        "supplement": lambda s, a, i, g, k, t, v: operations.supplement(
            s, actor=a, accident_id=i, given=g, request_key=k, now=t, expected_version=v
        ),
        "explain": lambda s, a, i, g, k, t, v: operations.explain(
            s, actor=a, accident_id=i, given=g, request_key=k, now=t, expected_version=v
        ),
        "judge": lambda s, a, i, g, k, t, v: operations.judge(
            s, actor=a, accident_id=i, responsibility=_word(g, "responsibility"), concealment=_word(g, "concealment"),
            reason=_word(g, "reason"), request_key=k, now=t, expected_version=v,
        ),
        "casualty": lambda s, a, i, g, k, t, v: casualties.enter(
            s, actor=a, accident_id=i, outcome=_word(g, "outcome"), name=_word(g, "name"), words=_word(g, "note"), request_key=k, now=t
        ),
        "link": lambda s, a, i, g, k, t, v: operations.link(
            s, actor=a, accident_id=i, kind=_word(g, "kind"), target=_word(g, "target"), request_key=k, now=t
        ),
        "propose": lambda s, a, i, g, k, t, v: lessons.propose(s, actor=a, accident_id=i, request_key=k, now=t),
        "decide": lambda s, a, i, g, k, t, v: lessons.decide(
            s, actor=a, accident_id=i, asset_ids=_ids(g), accept=_word(g, "do") != "decline", due_at=_day_end(g),
            follow_up=part(FollowUp), request_key=k, now=t,
        ),
        "close": lambda s, a, i, g, k, t, v: operations.close(s, actor=a, accident_id=i, request_key=k, now=t, expected_version=v),
    }  # fmt: skip


_WORKS = _works()
