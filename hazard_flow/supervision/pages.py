"""The regulator's pages: enterprises by lines of daily work, one enterprise with its months, the month as a file, files of this feature."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request
from markupsafe import Markup
from sqlalchemy.orm import Session

from hazard_flow.errors import BadRequest, FieldError, NotFound
from hazard_flow.evidence.store import Store
from hazard_flow.exchange.workbook import write_rows
from hazard_flow.exchange.writing import write
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation
from hazard_flow.identity.queries import enterprises
from hazard_flow.identity.rights import may
from hazard_flow.inspections.work_lines import WORK_LINES
from hazard_flow.supervision import files, lines, sheet
from hazard_flow.supervision.checks import queries as checks
from hazard_flow.supervision.issuing import ORDER, READ
from hazard_flow.supervision.lines import Cell, Lines, Month
from hazard_flow.supervision.spots import queries as spots
from hazard_flow.supervision.tasks import queries as tasks
from hazard_flow.supervision.tasks import shown as task_shown
from hazard_flow.web.auth import current_actor, require
from hazard_flow.web.context import kernel, now, part, reading
from hazard_flow.web.locale import current_locale, say
from hazard_flow.web.views import Kpi

blueprint = Blueprint("supervision", __name__, template_folder="templates")

TREND_MONTHS = 6
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SPOTS_SHOWN = 5


@dataclass(frozen=True)
class Trend:
    """One line over some months: what was done of what was due, in percent; None where nothing was due."""

    line: str
    percents: Sequence[int | None]


@blueprint.get("/supervision")
def board() -> str:
    actor, locale, zone = require(READ), current_locale(), kernel().settings.zone
    month = _month()
    with reading(actor) as session:
        units = enterprises(session)
        found = lines.board(session, part(Lines), [one.id for one in units], month, zone)
    known = [key for key in WORK_LINES if any(key in found[one.id] for one in units)]
    cells = [cell for one in units for cell in found[one.id].values()]
    return render_template(
        "supervision/board.html", units=units, board=found, known=known, lines=WORK_LINES, month=month, months=_months(),
        kpis=_kpis(cells), unit_name=lambda unit: sheet.unit_name(unit, locale), may_order=may(actor, ORDER),
    )  # fmt: skip


@blueprint.get("/supervision/enterprises/<uuid:home_id>")
def enterprise(home_id: uuid.UUID) -> str:
    actor, locale, zone, at = require(READ), current_locale(), kernel().settings.zone, now()
    month = _month()
    with reading(actor) as session:
        unit = _enterprise(session, home_id)
        found = lines.board(session, part(Lines), [unit.id], month, zone)[unit.id]
        past = lines.months_back(month, TREND_MONTHS, _today())
        trends = _trends(session, unit.id, past, found)
        looked = spots.page(session, cursor=None, limit=SPOTS_SHOWN, organisation=unit.id).items
        owed = task_shown.rows(session, tasks.of_organisation(session, unit.id), at, locale)
        checked = checks.page(session, cursor=None, limit=SPOTS_SHOWN, organisation=unit.id).items
    return render_template(
        "supervision/enterprise.html", unit=unit, cells=found, lines=WORK_LINES, month=month, months=_months(), trends=trends, past=past,
        kpis=_kpis(list(found.values())), spots=looked, tasks=owed, checks=checked, may_order=may(actor, ORDER),
        unit_name=lambda word: sheet.unit_name(word, locale),
    )  # fmt: skip


@blueprint.get("/supervision/board.<any(xlsx, csv):ending>")
def export(ending: str) -> Response:
    """The month as a table in a file."""
    actor, locale, zone, month = require(READ), current_locale(), kernel().settings.zone, _month()
    with reading(actor) as session:
        units = enterprises(session)
        found = lines.board(session, part(Lines), [one.id for one in units], month, zone)
    head = sheet.columns(locale)
    rows = sheet.rows(units, found, locale)
    if ending == "xlsx":
        response = Response(write_rows(head, rows, title=say("supervision.title")), mimetype=XLSX)
    else:
        body = write(".csv", head, [dict(zip(head, map(_cell, row), strict=True)) for row in rows])
        response = Response(body, mimetype="text/csv")
    response.headers["Content-Disposition"] = _attachment(f"supervision-{month.key}.{ending}")
    return response


@blueprint.get("/supervision/files/<uuid:file_id>")
def file(file_id: uuid.UUID) -> Response:
    """The untouched original: always a download, never shown by the browser as what it claims to be."""
    actor = current_actor()
    with reading(actor) as session:
        found = files.find(session, file_id)
    response = Response(part(Store).stream(found.sha256), mimetype="application/octet-stream")
    response.headers["Content-Length"] = str(found.size)
    response.headers["Content-Disposition"] = _attachment(found.filename)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def home_tile(session: Session, actor: Actor, _subject: Any, locale: str) -> Markup | None:
    """At home: tasks that wait for one's side, and one's own unannounced checks."""
    if not may(actor, READ):
        return None
    waiting, mine = tasks.waiting_for(session, actor), checks.under_way(session, actor.id)
    if not waiting and not mine:
        return None
    side = "set" if may(actor, ORDER) else "answer"
    page = tasks.page(session, tasks.Wanted(side=side, state="open"), actor, now(), cursor=None, limit=4)
    rows = task_shown.rows(session, page.items, now(), locale)
    drawn = render_template("supervision/tile.html", rows=rows, waiting=waiting, mine=mine)
    return Markup(drawn)  # noqa: S704 - our own template, which escapes


def _kpis(cells: Sequence[Cell]) -> list[Kpi]:
    known = [one.figures for one in cells if one.figures is not None and one.figures.due]
    percents = [one.percent for one in cells if one.percent is not None]
    missed = sum(1 for one in known if one.missed)
    invalid = sum(1 for one in known if one.invalid)
    checked, wrong = sum(one.rate.checked for one in cells), sum(one.rate.contradicted for one in cells)
    rate = say("supervision.kpi.rate", n=f"{100 * wrong / checked:.0f}") if checked else ""
    return [
        Kpi(say("supervision.kpi.complete"), str(round(sum(percents) / len(percents))) if percents else "–", unit="%" if percents else ""),
        Kpi(say("supervision.kpi.missed"), str(missed), note=say("supervision.kpi.of_lines", n=len(known))),
        Kpi(say("supervision.kpi.invalid"), str(invalid)),
        Kpi(say("supervision.kpi.rechecked"), str(checked), href="/supervision/spots"),
        Kpi(say("supervision.kpi.contradicted"), str(wrong), note=rate, tone="strong" if wrong else "plain",
            href="/supervision/spots?outcome=contradicts"),
    ]  # fmt: skip


def _trends(session: Session, home: uuid.UUID, past: Sequence[Month], found: Any) -> list[Trend]:
    by_month = [part(Lines).figures(session, [home], one.first, one.until) for one in past]
    known = [key for key in WORK_LINES if key in found or any((home, key) in month for month in by_month)]
    return [
        Trend(key, [Cell(key, month.get((home, key)), lines.NOTHING).percent for month in by_month])
        for key in known
    ]


def _enterprise(session: Session, home_id: uuid.UUID) -> Organisation:
    found = next((one for one in enterprises(session) if one.id == home_id), None)
    if found is None:
        raise NotFound(f"enterprise {home_id}")
    return found


def _today() -> date:
    return now().astimezone(kernel().settings.zone).date()


def _month() -> Month:
    try:
        return lines.month_of(request.args.get("month", "")[:7], _today())
    except ValueError as error:
        raise BadRequest("month", fields=[FieldError("month", "not_a_month")]) from error


def _months() -> list[str]:
    return [one.key for one in lines.months_back(lines.month_of("", _today()), 12, _today())][::-1]


def _cell(value: str | int | float) -> str:
    """A number as people write it."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _attachment(name: str) -> str:
    plain = "".join(one if one.isascii() and (one.isalnum() or one in "._-") else "_" for one in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
