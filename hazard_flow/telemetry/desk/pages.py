"""The alarm desk as people see it: the list with the most urgent alert beside it, an alert's own page, the figures."""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from markupsafe import Markup
from sqlalchemy.orm import Session

from hazard_flow.errors import BadRequest, Conflict, FieldError, HazardFlowError, NotAllowed, Refused
from hazard_flow.hazards.models import Hazard
from hazard_flow.i18n import text
from hazard_flow.identity import queries as identity
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.rights import may
from hazard_flow.storage.base import new_id
from hazard_flow.telemetry.desk import detail, kpis, operations, plots, queries, reporting, views
from hazard_flow.telemetry.desk.kpis import Figures, Occurrence
from hazard_flow.telemetry.desk.models import AlertDuty
from hazard_flow.telemetry.desk.rules import HIDINGS, desk_rules
from hazard_flow.telemetry.desk.views import Reader
from hazard_flow.telemetry.models import Device
from hazard_flow.web import forms, paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, reading
from hazard_flow.web.locale import current_locale
from hazard_flow.web.sentences import error_sentence, field_sentence
from hazard_flow.web.views import Kpi

blueprint = Blueprint("alarm_desk", __name__, template_folder="templates")

READ = "alarms.read"
#: what the load on the desk is drawn of
LOAD_SPAN = timedelta(hours=2)
#: sources of the most frequent drawn on the desk
FREQUENT_SHOWN = 5
#: alerts of a hazard its page names
PANEL_SHOWN = 6
#: spans of the figures, by days
SPANS = (1, 7, 30)
SHELF_HOURS = (1, 2, 4, 8)


def waiting(session: Session, _actor: Actor) -> int:
    """How many alerts somebody must acknowledge, for the rail."""
    return queries.waiting(session)


def hazard_panel(session: Session, actor: Actor, subject: Any, locale: str) -> Markup | None:
    """How far the desk is with the alerts of a hazard; None where it has none, or the reader no business there."""
    assert isinstance(subject, Hazard)
    rows = queries.of_hazard(session, subject.id, limit=PANEL_SHOWN + 1) if may(actor, READ) else []
    if not rows:
        return None
    names = identity.names(session, {row.duty.judged_by for row in rows if row.duty.judged_by})
    drawn = render_template(
        "alarm_desk/panel.html",
        rows=rows[:PANEL_SHOWN],
        is_more=len(rows) > PANEL_SHOWN,
        causes={code: one.label.in_(locale) for code, one in desk_rules().causes.items()},
        names=names,
    )
    return Markup(drawn)  # noqa: S704 - our own template, which escapes


@blueprint.get("/alarms")
def desk() -> str:
    actor, locale, at = require(READ), current_locale(), now()
    wanted = queries.read_wanted(request.args)
    with reading(actor) as session:
        occurrences = queries.occurrences(session, since=at - reporting.SPAN, until=at)
        week = reporting.figures_of(occurrences, since=at - reporting.SPAN, until=at)
        today = reporting.figures_of(
            _since(occurrences, at - timedelta(days=1)), since=at - timedelta(days=1), until=at
        )
        reader = Reader(locale, at, chattering=frozenset(today.chattering))
        counts = queries.counts(session, now=at, q=wanted.q, level=wanted.level)
        if wanted.view == "active":
            rows, page = queries.active(session, wanted, now=at), None
        else:
            cursor, limit = paging.asked()
            found = queries.page(session, wanted, now=at, cursor=cursor, limit=limit)
            rows, page = list(found.items), paging.links(found)
        groups = views.groups(session, rows, reader)
        chosen = _chosen(rows)
        shown = detail.detail(session, chosen, reader) if chosen is not None else None
        load = _load(occurrences, at)
        return render_template(
            "alarm_desk/desk.html",
            groups=groups,
            wanted=wanted,
            counts=counts,
            page=page,
            capped=wanted.view == "active" and counts["active"] > len(rows),
            shown=shown,
            kpis=_desk_kpis(session, week, counts, at, locale),
            load=load,
            flood=next((one for one in today.floods if one.ended_at is None), None),
            frequent=week.frequent[:FREQUENT_SHOWN],
            top=week.top,
            targets=desk_rules().targets,
            online=_online(session),
            at=at,
            request_key=str(new_id()),
            **_powers(actor),
        )


@blueprint.get("/alarms/<uuid:alert_id>")
def alert(alert_id: uuid.UUID) -> str:
    return _alert(require(READ), alert_id)


@blueprint.get("/alarms/performance")
def performance() -> str:
    actor, at = require(READ), now()
    days = _days()
    since = at - timedelta(days=days)
    with reading(actor) as session:
        occurrences = queries.occurrences(session, since=since, until=at)
    found = reporting.figures_of(occurrences, since=since, until=at)
    width, pattern = (timedelta(hours=1), "%H:%M") if days == 1 else (timedelta(days=1), "%m-%d")
    rules = desk_rules()
    return render_template(
        "alarm_desk/performance.html",
        figures=found,
        days=days,
        spans=SPANS,
        # what is acceptable in a day, shared out over the pieces drawn
        load=plots.load(
            [one.raised_at for one in occurrences],
            since=since,
            until=at,
            width=width,
            limit=max(1, round(rules.targets.day_acceptable * rules.operators * (width / timedelta(days=1)))),
            zone=kernel().settings.zone,
            pattern=pattern,
        ),
        targets=rules.targets,
        operators=rules.operators,
        priorities=kpis.PRIORITIES,
    )


@blueprint.post("/alarms/acknowledgements")
def acknowledge_many() -> Response:
    actor, key, at = require(operations.HANDLE), forms.request_key(), now()
    try:
        ids = [uuid.UUID(one) for one in request.form.getlist("alert")][: queries.ACTIVE_MAX]
    except ValueError as error:
        raise BadRequest(
            "not an alert", fields=[FieldError("alert", "unknown_choice", {"value": ""})]
        ) from error
    done = kernel().database.carry_out(
        actor.scope,
        lambda session: operations.acknowledge_many(
            session, actor=actor, alert_ids=ids, request_key=key, now=at
        ),
    )
    flash(text("alarm_desk.did.many", current_locale(), n=done), "done")
    return make_response(redirect("/alarms", code=303))


@blueprint.post("/alarms/<uuid:alert_id>/acknowledgement")
def acknowledge(alert_id: uuid.UUID) -> Response:
    return _act(alert_id, operations.HANDLE, operations.acknowledge, note=forms.value("note"))


@blueprint.post("/alarms/<uuid:alert_id>/response")
def respond(alert_id: uuid.UUID) -> Response:
    return _act(alert_id, operations.HANDLE, operations.respond, note=forms.value("note"))


@blueprint.post("/alarms/<uuid:alert_id>/feedback")
def feed_back(alert_id: uuid.UUID) -> Response:
    given = {name: forms.value(name) for name in ("cause", "reading", "unit", "note")}
    return _act(alert_id, operations.HANDLE, operations.feed_back, **given)


@blueprint.post("/alarms/<uuid:alert_id>/archive")
def archive(alert_id: uuid.UUID) -> Response:
    return _act(alert_id, operations.HANDLE, operations.archive)


@blueprint.post("/alarms/<uuid:alert_id>/hiding")
def hide(alert_id: uuid.UUID) -> Response:
    given = {name: forms.value(name) for name in ("kind", "reason", "work_order")}
    hours = forms.value("hours")
    return _act(
        alert_id, operations.HIDE, operations.hide, hours=int(hours) if hours.isdecimal() and len(hours) < 6 else 0, **given
    )  # fmt: skip


@blueprint.post("/alarms/<uuid:alert_id>/showing")
def show(alert_id: uuid.UUID) -> Response:
    return _act(alert_id, operations.HIDE, operations.show)


def _act(alert_id: uuid.UUID, right: str, act: Callable[..., AlertDuty], **given: Any) -> Response:
    """Do it and go back to where the button stood; refused, the alert's page says why and keeps what was typed."""
    actor, key, at, version = require(right), forms.request_key(), now(), forms.expected_version()

    def work(session: Session) -> str:
        act(
            session, actor=actor, alert_id=alert_id, request_key=key, now=at, expected_version=version, **given
        )  # fmt: skip
        return str(alert_id)

    try:
        kernel().database.carry_out(actor.scope, work)
    except (Conflict, Refused, NotAllowed) as refused:
        return make_response(_alert(actor, alert_id, refused), refused.status)
    flash(text(f"alarm_desk.did.{act.__name__}", current_locale()), "done")
    back = f"/alarms?alert={alert_id}" if forms.value("back") == "desk" else f"/alarms/{alert_id}"
    return make_response(redirect(back, code=303))


def _alert(actor: Actor, alert_id: uuid.UUID, refused: HazardFlowError | None = None) -> str:
    locale, at, zone = current_locale(), now(), kernel().settings.zone
    errors = {one.field: field_sentence(one, locale, zone) for one in refused.fields} if refused else {}
    with reading(actor) as session:
        row = queries.by_id(session, alert_id, now=at)
        shown = detail.detail(session, row, Reader(locale, at))
    return render_template(
        "alarm_desk/alert.html",
        shown=shown,
        at=at,
        refusal=_sentence(refused, errors, locale) if refused else "",
        errors=errors,
        typed=_typed() if refused else {},
        causes=list(desk_rules().causes.values()),
        units=operations.UNITS,
        hidings=[one for one in HIDINGS if one == "shelved" or may(actor, operations.SUPPRESS)],
        hide_max={key: int(span / timedelta(hours=1)) for key, span in desk_rules().hide_max.items()},
        shelf_hours=SHELF_HOURS,
        request_key=str(new_id()),
        **_powers(actor),
    )


def _sentence(refused: HazardFlowError, errors: Mapping[str, str], locale: str) -> str:
    whole = [sentence for field, sentence in errors.items() if not field]
    return whole[0] if whole else error_sentence(refused.code, refused.params, locale, kernel().settings.zone)


def _typed() -> dict[str, str]:
    return {name: str(one) for name, one in forms.values().items()}


def _powers(actor: Actor) -> dict[str, bool]:
    return {
        "may_handle": may(actor, operations.HANDLE),
        "may_hide": may(actor, operations.HIDE),
        "may_suppress": may(actor, operations.SUPPRESS),
    }


def _chosen(rows: list[queries.Row]) -> queries.Row | None:
    asked = request.args.get("alert", "")
    return next((row for row in rows if str(row.alert.id) == asked), rows[0] if rows else None)


def _since(occurrences: list[Occurrence], since: datetime) -> list[Occurrence]:
    return [one for one in occurrences if one.raised_at >= since or one.is_live]


def _load(occurrences: list[Occurrence], at: datetime) -> plots.Bars:
    # from a full ten minutes of the clock on, so that a bar stands still while it fills
    until = at.replace(minute=at.minute // 10 * 10, second=0, microsecond=0) + kpis.WINDOW
    return plots.load(
        [one.raised_at for one in occurrences],
        since=until - LOAD_SPAN,
        until=until,
        width=kpis.WINDOW,
        limit=desk_rules().targets.flood_above,
        zone=kernel().settings.zone,
        pattern="%H:%M",
    )


def _desk_kpis(
    session: Session, week: Figures, counts: Mapping[str, int], at: datetime, locale: str
) -> tuple[Kpi, ...]:
    targets = desk_rules().targets
    soonest = queries.soonest(session)
    percent = week.in_time.percent
    new = queries.raised_since(session, at - kpis.WINDOW)
    return (
        Kpi(
            label=text("alarm_desk.kpi.waiting", locale),
            value=str(counts["waiting"]),
            note=_soonest_text(soonest, at, locale),
            icon="clock" if soonest else "",
            tone="strong" if soonest is not None and soonest - at < views.PRESSING else "plain",
        ),
        Kpi(
            label=text("alarm_desk.kpi.new", locale),
            value=str(new),
            note=text("alarm_desk.kpi.grouped", locale, n=targets.flood_above),
            tone="strong" if new > targets.flood_above else "plain",
        ),
        Kpi(
            label=text("alarm_desk.kpi.chattering", locale),
            value=str(len(week.chattering)),
            note=text("alarm_desk.kpi.target", locale, n=0),
            tone="strong" if week.chattering else "plain",
        ),
        Kpi(
            label=text("alarm_desk.kpi.stale", locale),
            value=str(len(week.stale)),
            note=text("alarm_desk.kpi.below", locale, n=targets.stale_max),
            tone="strong" if len(week.stale) >= targets.stale_max else "plain",
        ),
        Kpi(
            label=text("alarm_desk.kpi.in_time", locale),
            value=f"{percent:.1f}" if percent is not None else "—",
            unit="%" if percent is not None else "",
            note=text("alarm_desk.kpi.of_week", locale, part=week.in_time.part, whole=week.in_time.whole),
        ),
    )


def _soonest_text(soonest: datetime | None, at: datetime, locale: str) -> str:
    if soonest is None:
        return ""
    if soonest <= at:
        return text("alarm_desk.overdue", locale)
    return text("alarm_desk.kpi.soonest", locale, left=views.left_text(soonest - at))


def _online(session: Session) -> tuple[int, int]:
    """Devices heard of and online, of those in reach."""
    found = session.execute(
        queries.devices_in_reach(
            session, sa.func.count(), sa.func.count(sa.case((Device.status == "online", 1)))
        )
    ).one()
    return int(found[1]), int(found[0])


def _days() -> int:
    raw = request.args.get("days", "7")
    if raw not in map(str, SPANS):
        raise BadRequest("no such span", fields=[FieldError("days", "unknown_choice", {"value": raw[:40]})])
    return int(raw)
