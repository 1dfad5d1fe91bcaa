"""Pages of daily work: the overview, one line with its plans and figures, one register."""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from markupsafe import Markup
from sqlalchemy.orm import Session

from hazard_flow.daily_work import counting, form, planning, queries, shown
from hazard_flow.daily_work.figures import measure, ratio_of, span_of
from hazard_flow.daily_work.formulas import Rows, Span
from hazard_flow.daily_work.importing import REGISTERS
from hazard_flow.daily_work.lines import RecordKind, WorkLine
from hazard_flow.daily_work.loading import line_book
from hazard_flow.daily_work.models import WorkItem
from hazard_flow.daily_work.periods import PERIODS, USUAL, days_of
from hazard_flow.daily_work.planning import Wish
from hazard_flow.errors import BadRequest, FieldError, NotFound, Refused
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation
from hazard_flow.identity.queries import enterprises, people_within
from hazard_flow.identity.rights import may
from hazard_flow.inspections.work_lines import WORK_LINES
from hazard_flow.web import forms, paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, reading, writing
from hazard_flow.web.locale import current_locale, say
from hazard_flow.web.sentences import field_sentence
from hazard_flow.web.views import FormError, Kpi

blueprint = Blueprint("daily_work", __name__, template_folder="templates")

READ, RECORD, PLAN = "work.read", "work.record", "work.plan"
STATES = ("open", "done", "withdrawn")
SEARCH_MAX = 100
AT_HOME = 5


@blueprint.get("/work")
def overview() -> str:
    actor, locale = require(READ), current_locale()
    with reading(actor) as session:
        ask, span = asked(session, actor)
        home_id = uuid.UUID(ask["organisation"]) if ask.get("organisation") else None
        measured = {
            line.key: measure(session, list(line.figures.values()), span, home_id=home_id)
            for line in line_book().lines.values()
        }
        rows = shown.lines(session, measured, span, ask, locale)
        organisations = _organisations(session, actor)
        expired = queries.expired(session, span.today, home_id=home_id)
    due, done, late = (sum(getattr(one, part) for one in rows) for part in ("due", "done", "late"))
    kpis = [
        Kpi(say("daily_work.kpi.due"), str(due), note=say("daily_work.kpi.due_note")),
        Kpi(say("daily_work.kpi.done"), str(done)),
        Kpi(say("daily_work.kpi.late"), str(late), tone="strong" if late else "plain"),
        Kpi(say("daily_work.kpi.expired"), str(expired), tone="strong" if expired else "plain"),
    ]
    return render_template(
        "work/overview.html",
        lines=rows,
        kpis=kpis,
        ask=ask,
        periods=PERIODS,
        organisations=organisations,
        span=span,
    )


@blueprint.get("/work/<line>")
def line(line: str) -> str:
    actor = require(READ)
    with reading(actor) as session:
        return _line_page(session, actor, _line(line), {}, ())


@blueprint.post("/work/<line>/plans")
def add_plan(line: str) -> Response:
    """A proposal is adopted as it stands, or a unit sets itself a plan of its own."""
    actor, found = require(PLAN), _line(line)
    given = forms.values()
    try:
        with writing(actor) as session:
            organisation = _unit(session, actor, given.get("organisation", ""))
            wish = _wish(found, given)
            planning.plan(session, wish, organisation=organisation, actor=actor, now=now())
    except Refused as refused:
        with reading(actor) as session:
            page = _line_page(session, actor, found, given, refused.fields)
        return make_response(page, 422)
    flash(say("daily_work.plan.made"), "done")
    return make_response(redirect(f"/work/{line}", code=303))


@blueprint.post("/work/plans/<uuid:plan_id>/end")
def end_plan(plan_id: uuid.UUID) -> Response:
    actor = require(PLAN)
    with writing(actor) as session:
        ended = planning.end(session, plan_id, actor=actor, now=now(), why=forms.value("why"))
        back = ended.line
    flash(say("daily_work.plan.ended"), "done")
    return make_response(redirect(f"/work/{back}", code=303))


@blueprint.get("/work/<line>/<kind>")
def register(line: str, kind: str) -> str:
    actor, locale, zone = require(READ), current_locale(), kernel().settings.zone
    found = kind_of(line, kind)
    cursor, limit = paging.asked()
    with reading(actor) as session:
        ask, span = asked(session, actor)
        wanted = _wanted(ask, span.today)
        among, figure_label = _among(found, span, locale)
        page = queries.page(session, found.key, wanted, cursor=cursor, limit=limit, among=among)
        rows = shown.records(
            session, found, page.items, now=span.now, today=span.today, zone=zone, locale=locale
        )
        organisations = _organisations(session, actor)
    columns = [one.label.in_(locale) for key in shown.columns(found) if (one := found.field(key))]
    file_key = next((key for key, name in REGISTERS.items() if name == found.key), "")
    is_filtered = bool(wanted.q or wanted.state or wanted.expired_on or among)
    return render_template(
        "work/register.html",
        kind=found,
        line_label=WORK_LINES[line].in_(locale),
        rows=rows,
        columns=columns,
        page=paging.links(page),
        wanted=wanted,
        ask=ask,
        organisations=organisations,
        states=STATES,
        figure=figure_label,
        is_filtered=is_filtered,
        may_record=may(actor, RECORD),
        file_key=file_key,
    )


def home_tile(session: Session, actor: Actor, _subject: Any, locale: str) -> Markup | None:
    """At home of whoever plans: planned work of the units in reach that is late or due within a week."""
    if not may(actor, PLAN):
        return None
    today = now().astimezone(kernel().settings.zone).date()
    rows = shown.items(session, queries.pressing(session, today, limit=AT_HOME), today, locale)
    if not rows:
        return None
    return Markup(render_template("work/tile.html", rows=rows))  # noqa: S704 - our own template, which escapes


def asked(session: Session, actor: Actor) -> tuple[dict[str, str], Span]:
    """Period and enterprise of this request. Raises BadRequest for a period nobody knows, NotFound for an enterprise out of scope."""
    period = request.args.get("period", USUAL)
    if period not in PERIODS:
        raise BadRequest(
            "period", fields=[FieldError("period", "not_a_choice", {"choices": ", ".join(PERIODS)})]
        )
    at = now()
    today = at.astimezone(kernel().settings.zone).date()
    since, until = days_of(period, today)
    ask = {"period": "" if period == USUAL else period}
    if wanted := request.args.get("organisation", ""):
        known = {str(one.id) for one in _organisations(session, actor)}
        if wanted not in known:
            raise NotFound(f"organisation {wanted[:40]}")
        ask["organisation"] = wanted
    return ask, span_of(since, until, now=at, today=today)


def kind_of(line: str, kind: str) -> RecordKind:
    """A register by its address; raises NotFound."""
    found = _line(line).kinds.get(kind)
    if found is None:
        raise NotFound(f"kind {kind[:40]}")
    return found


def _line(key: str) -> WorkLine:
    found = line_book().lines.get(key)
    if found is None:
        raise NotFound(f"line {key[:40]}")
    return found


def _line_page(session: Session, actor: Actor, found: WorkLine, given: Mapping[str, Any], faults: Any) -> str:
    locale, zone = current_locale(), kernel().settings.zone
    ask, span = asked(session, actor)
    home_id = uuid.UUID(ask["organisation"]) if ask.get("organisation") else None
    measured = measure(session, list(found.figures.values()), span, home_id=home_id)
    among, figure_label = _among(None, span, locale, line=found)
    items = queries.items(session, found.key, home_id=home_id, among=among)
    units = form.units(session, actor) if may(actor, PLAN) else []
    own = units[0] if units else None
    counts = counting.kind_counts(session, ask)
    return render_template(
        "work/line.html",
        line=found,
        label_of_line=WORK_LINES[found.key].in_(locale),
        figures=[shown.figure(one, span, ask, locale) for one in measured],
        items=shown.items(session, items, span.today, locale),
        plans=shown.plans(session, queries.plans(session, found.key, home_id=home_id), locale),
        proposals=planning.proposals(session, found, own) if own else [],
        often=lambda rule: shown.often(rule, locale),
        kinds=list(found.kinds.values()),
        counts=counts,
        ask=ask,
        periods=PERIODS,
        organisations=_organisations(session, actor),
        units=units,
        people=[(str(p.id), p.name) for p, _ in people_within(session, own.path)] if own else [],
        figure=figure_label,
        given=given,
        errors=[FormError(f.field, field_sentence(f, locale, zone)) for f in faults],
        may_plan=bool(units),
        may_record=may(actor, RECORD),
        today=span.today,
    )


def _wish(found: WorkLine, given: Mapping[str, Any]) -> Wish:
    today = now().astimezone(kernel().settings.zone).date()
    if key := str(given.get("proposal", "")):
        proposal = found.plans.get(key)
        if proposal is None:
            raise NotFound(f"plan {key[:40]}")
        return planning.wish_of(proposal, year=today.year)
    faults = []
    try:
        starts_on = date.fromisoformat(str(given.get("starts_on", "")))
    except ValueError:
        starts_on = today
        faults.append(FieldError("starts_on", "not_a_date"))
    words = str(given.get("term_days", "") or "0")
    if not (words.isascii() and words.isdigit() and len(words) < 6):
        faults.append(FieldError("term_days", "not_an_integer"))
    person = str(given.get("responsible_id", ""))
    try:
        responsible = uuid.UUID(person) if person else None
    except ValueError:
        responsible = None
        faults.append(FieldError("responsible_id", "not_a_person"))
    if str(given.get("kind", "")) not in found.kinds:
        faults.append(FieldError("kind", "required"))
    if faults:
        raise Refused(fields=faults)
    return Wish(
        kind=str(given["kind"]),
        title=str(given.get("title", "")),
        rule=str(given.get("rule", "")),
        starts_on=starts_on,
        term_days=int(words),
        responsible_id=responsible,
    )


def _unit(session: Session, actor: Actor, raw: str) -> Organisation:
    units = form.units(session, actor)
    found = next((one for one in units if str(one.id) == raw), None) if raw else (units[0] if units else None)
    if found is None:
        raise NotFound(f"organisation {raw[:40]}")
    return found


def _organisations(session: Session, actor: Actor) -> list[Organisation]:
    """Enterprises to choose among; nothing to choose for whoever belongs to one."""
    return enterprises(session) if any(one.regulator for one in actor.holdings) else []


def _wanted(ask: Mapping[str, str], today: date) -> queries.Wanted:
    words = request.args.get("q", "").strip()
    if len(words) > SEARCH_MAX or "\0" in words:
        raise BadRequest("q", fields=[FieldError("q", "too_long", {"at_most": SEARCH_MAX})])
    state = request.args.get("state", "")
    if state and state not in STATES:
        raise BadRequest(
            "state", fields=[FieldError("state", "not_a_choice", {"choices": ", ".join(STATES)})]
        )
    return queries.Wanted(
        q=words,
        state=state,
        expired_on=today if request.args.get("expired") == "1" else None,
        organisation_id=uuid.UUID(ask["organisation"]) if ask.get("organisation") else None,
    )


def _among(
    kind: RecordKind | None, span: Span, locale: str, *, line: WorkLine | None = None
) -> tuple[Rows | None, str]:
    """The rows of a figure this page was asked to show, and the figure's name."""
    key, part = request.args.get("figure", ""), request.args.get("part", "below")
    if not key:
        return None, ""
    of = line or line_book().lines[kind.line if kind else ""]
    figure = of.figures.get(key)
    if figure is None or part not in ("above", "below"):
        raise BadRequest(
            "figure", fields=[FieldError("figure", "not_a_choice", {"choices": ", ".join(of.figures)})]
        )
    ratio = ratio_of(figure, span)
    rows = ratio.above if part == "above" else ratio.below
    if rows is None or (kind is None) != (rows.table is WorkItem):
        raise NotFound(f"rows of {key[:40]}")
    return rows, figure.label.in_(locale)
