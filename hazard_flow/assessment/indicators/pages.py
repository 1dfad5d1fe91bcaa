"""Pages of figures: the league, the card of an enterprise, an indicator with the rows behind it, the rules of scoring."""

import uuid
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request

from hazard_flow.assessment.indicators import appealing, breakdown, queries, sheet, shown
from hazard_flow.assessment.indicators.book import indicators
from hazard_flow.assessment.indicators.charts import spark
from hazard_flow.assessment.indicators.classes import SUPPLIES
from hazard_flow.assessment.indicators.coming import coming
from hazard_flow.assessment.indicators.definition import Frame, frame_of
from hazard_flow.assessment.indicators.notices import VETOES
from hazard_flow.assessment.indicators.periods import KINDS, Period, period_of, read_period
from hazard_flow.assessment.indicators.policy import policy
from hazard_flow.assessment.indicators.regions import ALL
from hazard_flow.assessment.indicators.scorecards import SCORE
from hazard_flow.errors import BadRequest, FieldError, NotFound
from hazard_flow.exchange.workbook import write_rows
from hazard_flow.exchange.writing import write
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.queries import division_labels, enterprises
from hazard_flow.identity.rights import may
from hazard_flow.supervision.lines import Lines
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, part, reading, writing
from hazard_flow.web.locale import current_locale, name_of, say
from hazard_flow.web.views import Kpi

blueprint = Blueprint("figures", __name__, template_folder="templates")

READ, APPEAL, ANSWER = "assessment.read", "assessment.appeal", "assessment.answer"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_SHOWN = 50
#: what a league shows of each enterprise beside its score
HEADLINES = ("I01", "I21", "I03", "I04", "I08")


@blueprint.get("/scorecards")
def league() -> str:
    """Enterprises by score, the region above them, the regions below it."""
    actor, period = require(READ), asked_period()
    supply = request.args.get("supply", "")
    if supply and supply not in SUPPLIES:
        raise BadRequest("supply", fields=[FieldError("supply", "unknown_choice", {"value": supply[:20]})])
    with reading(actor) as session:
        division = _division(actor)
        entries = queries.league(session, period, supply=supply, division=division)
        region = queries.region(session, division, period, supply or ALL)
        before = queries.region(session, division, period.before, supply or ALL)
        regions = queries.below(session, division, period)
        names = {
            code[:length]: name
            for code, name in division_labels(session).items()
            for length in (2, 4, 6)
            if set(code[length:]) <= {"0"}
        }
    return render_template(
        "figures/league.html", period=period, periods=_periods(), supply=supply, supplies=SUPPLIES, entries=entries, division=division,
        regions=regions, names=names, kpis=_region_kpis(region, before), book=indicators(), headlines=HEADLINES, region=region,
        shown=shown, spark=spark, policy=policy(), few=policy().few, is_regulator=bool(actor.scope.divisions),
    )  # fmt: skip


@blueprint.get("/scorecards/<uuid:home_id>")
def card(home_id: uuid.UUID) -> str:
    """What an enterprise's score is made of, what will cost points next, and what caps it."""
    actor, period, at = require(READ), asked_period(), now()
    with reading(actor) as session:
        home, found = queries.card_of(session, home_id, period)
        values = queries.values_of(session, [home_id], period).get(home_id, {})
        months = queries.months_of(session, home_id, period)
        kind = queries.class_of(session, home_id)
        peers = kind.supply if kind and kind.supply else ALL
        region = queries.region(session, home.division, period, peers)
        days = queries.days_of(session, home_id, period) if period.kind == "month" else ()
        frame = _frame(period)
        ahead = coming(session, frame, home_id, values, at) if frame.until_at == at else []
        trend = queries.trends_of(session, [home_id], period).get(home_id, ())
        appeals = appealing.of_card(session, home_id, period)
    told = shown.lines(found, values, months, region, policy()) if found else []
    return render_template(
        "figures/card.html", home=home, card=found, kind=kind, period=period, periods=_periods(), lines=told, region=region,
        place=_place(found, region), coming=ahead, vetoes=VETOES, days=days, trend=trend, spark=spark, values=values, shown=shown,
        book=indicators(), policy=policy(), may_appeal=may(actor, APPEAL) and bool(found and found.frozen_at),
        may_answer=may(actor, ANSWER), appeals=appeals, errors=[], said={"about": "", "words": ""},
    )  # fmt: skip


@blueprint.post("/scorecards/<uuid:home_id>/appeals")
def appeal(home_id: uuid.UUID) -> Any:
    """Say something against a frozen score."""
    actor = require(APPEAL)
    period = _period_of(request.form.get("period", ""))
    with writing(actor) as session:
        _, found = queries.card_of(session, home_id, period)
        appealing.say(
            session, found, actor=actor, about=request.form.get("about", ""), words=request.form.get("words", ""), now=now()
        )  # fmt: skip
    flash(say("figures.appeal.said"), "done")
    return redirect(f"/scorecards/{home_id}?period={period.key}")


@blueprint.post("/scorecards/appeals/<uuid:appeal_id>/answer")
def answer(appeal_id: uuid.UUID) -> Any:
    """Answer what was said."""
    actor = require(ANSWER)
    with writing(actor) as session:
        found = appealing.answer(
            session, appeal_id, actor=actor, outcome=request.form.get("outcome", ""), words=request.form.get("words", ""), now=now()
        )  # fmt: skip
        back = f"/scorecards/{found.home_id}?period={found.period}"
    flash(say("figures.appeal.answered"), "done")
    return redirect(back)


@blueprint.get("/scorecards.<any(xlsx, csv):ending>")
def export(ending: str) -> Response:
    """The league as a table in a file: the figures of the page, number by number."""
    actor, period = require(READ), asked_period()
    with reading(actor) as session:
        entries = queries.league(
            session, period, supply=request.args.get("supply", ""), division=_division(actor)
        )
    head, rows = sheet.head(current_locale()), sheet.rows(entries, current_locale())
    if ending == "xlsx":
        response = Response(write_rows(head, rows, title=say("figures.title")), mimetype=XLSX)
    else:
        body = write(".csv", head, [dict(zip(head, map(str, row), strict=True)) for row in rows])
        response = Response(body, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="scorecards-{period.key}.{ending}"'
    return response


@blueprint.get("/indicators")
def rules() -> str:
    """How scores are made: every indicator with its source, weight, target and floor."""
    require(READ)
    return render_template("figures/rules.html", book=indicators(), policy=policy(), vetoes=VETOES)


@blueprint.get("/indicators/<key>")
def indicator(key: str) -> str:
    """One indicator: what it counts, how it could be gamed, who comes to what, and the rows behind one enterprise's figure."""
    actor, period = require(READ), asked_period()
    one = indicators().get(key)
    if one is None:
        raise NotFound(f"indicator {key[:10]}")
    chosen, after = _uuid("organisation"), _uuid("after")
    frame = _frame(period)
    with reading(actor) as session:
        homes = [home for home in enterprises(session) if home.parent_id is None]
        values = queries.values_of(session, [home.id for home in homes], period)
        home = next((home for home in homes if home.id == chosen), homes[0] if len(homes) == 1 else None)
        if chosen is not None and home is None:
            raise NotFound(f"organisation {chosen}")
        rows = one.counter.cases(session, frame, home.id, limit=ROWS_SHOWN + 1, after=after) if home else ()
        units = breakdown.by_unit(session, one, frame, home.id) if home else []
        region = queries.region(session, _division(actor), period)
        months = queries.months_of(session, home.id, period).get(key, ()) if home else ()
    return render_template(
        "figures/indicator.html", one=one, aim=policy().aims[key], period=period, periods=_periods(), homes=homes, home=home,
        values={id_: said[key] for id_, said in values.items() if key in said}, rows=rows[:ROWS_SHOWN],
        more=rows[ROWS_SHOWN - 1].hazard_id if len(rows) > ROWS_SHOWN else None, href=one.counter.href(frame, home.id) if home else "",
        units=units, region=region.get(key), shown=shown, spark=spark, months=months, few=policy().few, book=indicators(),
        policy=policy(),
    )  # fmt: skip


def asked_period() -> Period:
    """The period in the address; the running month without one."""
    return _period_of(request.args.get("period", ""))


def _period_of(key: str) -> Period:
    today = now().astimezone(kernel().settings.zone).date()
    if not key:
        return period_of(today, "month")
    try:
        period = read_period(key)
    except ValueError as error:
        raise BadRequest(
            "period", fields=[FieldError("period", "unknown_choice", {"value": key[:20]})]
        ) from error
    if period.first > today:
        raise BadRequest("period", fields=[FieldError("period", "unknown_choice", {"value": key})])
    return period


def _frame(period: Period) -> Frame:
    return frame_of(period, now(), kernel().settings.zone, policy(), part(Lines))


def _periods() -> list[Period]:
    """What can be chosen: months of a year back, quarters of a year, this year and the last."""
    today = now().astimezone(kernel().settings.zone).date()
    found = []
    for kind, count in zip(KINDS, (queries.MONTHS, 5, 2), strict=True):
        one = period_of(today, kind)
        for _ in range(count):
            found.append(one)
            one = one.before
    return found


def _division(actor: Actor) -> str:
    """The region looked at: the one in the address where it lies within one's own, else one's own."""
    own = min(actor.scope.divisions, key=len, default="") or (
        actor.holdings[0].division if actor.holdings else ""
    )
    asked = request.args.get("division", "")
    return asked if asked.isdigit() and len(asked) in (2, 4, 6) and asked.startswith(own) else own


def _place(found: Any, region: Any) -> tuple[int, int] | None:
    """Which place the score has in the field, nobody named, and how many there are."""
    field = region.get(SCORE)
    if found is None or found.score is None or field is None:
        return None
    values = field.field["values"]
    return 1 + sum(value > found.score + 1e-9 for value in values), len(values)


def _region_kpis(region: Any, before: Any) -> list[Kpi]:
    """The figures of the region, each with what it was."""
    found = []
    score, was = region.get(SCORE), before.get(SCORE)
    if score is not None:
        note = say("figures.was", value=f"{was.value:.1f}") if was and was.value is not None else ""
        found.append(Kpi(say("figures.region_score"), f"{score.value:.1f}", note=note))
    for key in HEADLINES:
        one, value, past = indicators()[key], region.get(key), before.get(key)
        if value is None:
            continue
        note = (
            say("figures.was", value=shown.shown(one, past.value)) if past and past.value is not None else ""
        )
        found.append(
            Kpi(
                name_of(one.label), shown.shown(one, value.value) or "–", note=note, href=f"/indicators/{key}"
            )
        )
    return found


def _uuid(name: str) -> uuid.UUID | None:
    raw = request.args.get(name, "")
    if not raw:
        return None
    try:
        return uuid.UUID(raw)
    except ValueError as error:
        raise BadRequest(name, fields=[FieldError(name, "not_an_id", {})]) from error
