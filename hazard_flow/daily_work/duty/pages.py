"""The week of the duty with its gaps, who is on now, and the call that tests whether they answer."""

import uuid
from collections.abc import Sequence
from datetime import date, timedelta

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request

from hazard_flow.daily_work import form, operations, queries, shown
from hazard_flow.daily_work.duty.queries import CALL_TEST, DAYS, SHIFT, gaps, on_duty, shifts
from hazard_flow.daily_work.loading import line_book
from hazard_flow.daily_work.operations import Order
from hazard_flow.daily_work.pages import READ, RECORD, asked
from hazard_flow.errors import BadRequest, FieldError, NotFound, Refused
from hazard_flow.identity.queries import enterprises, people_within
from hazard_flow.identity.rights import may
from hazard_flow.storage.base import new_id
from hazard_flow.web import forms
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, reading, writing
from hazard_flow.web.locale import current_locale, say
from hazard_flow.web.sentences import field_sentence
from hazard_flow.web.views import FormError

blueprint = Blueprint("daily_work_duty", __name__)

CALLS_SHOWN = 12


@blueprint.get("/work/duty/roster")
def roster() -> str:
    return _page({}, ())


@blueprint.post("/work/duty/calls")
def call() -> Response:
    """Somebody on duty was called: after how many seconds they answered, or that they did not."""
    actor, at, key = require(RECORD), now(), forms.request_key()
    given = {name: forms.value(name) for name in ("person", "answered", "answer_s", "arrival_min", "note")}
    try:
        with writing(actor) as session:
            units = form.units(session, actor)
            if not units:
                raise NotFound("no unit to record for")
            made = operations.record(
                session,
                line_book().kinds[CALL_TEST],
                {**given, "called_at": at.isoformat()},
                Order(actor=actor, now=at, request_key=key),
                organisation=units[0],
            )
            answered = made.data["answered"] == "yes"
    except Refused as refused:
        return make_response(_page(given, refused.fields), 422)
    flash(say("daily_work.duty.answered" if answered else "daily_work.duty.missed"), "done")
    return make_response(redirect("/work/duty/roster", code=303))


def _page(given: dict[str, str], faults: Sequence[FieldError]) -> str:
    actor, locale, zone, at = require(READ), current_locale(), kernel().settings.zone, now()
    today = at.astimezone(zone).date()
    monday = _monday(request.args.get("week", ""), today)
    with reading(actor) as session:
        ask, _ = asked(session, actor)
        home_id = uuid.UUID(ask["organisation"]) if ask.get("organisation") else None
        week = shifts(session, monday, home_id=home_id)
        on = on_duty(session, at, zone=zone, home_id=home_id)
        kind = line_book().kinds[CALL_TEST]
        wanted = queries.Wanted(organisation_id=home_id)
        last = queries.page(session, CALL_TEST, wanted, cursor=None, limit=CALLS_SHOWN)
        calls = shown.records(session, kind, last.items, now=at, today=today, zone=zone, locale=locale)
        units = form.units(session, actor) if may(actor, RECORD) else []
        people = [(str(p.id), p.name) for p, _ in people_within(session, units[0].path)] if units else []
        organisations = enterprises(session) if any(h.regulator for h in actor.holdings) else []
    post = line_book().kinds[SHIFT].field("post")
    posts = [(key, label.in_(locale)) for key, label in ((post.choices or {}) if post else {}).items()]
    days = [monday + timedelta(days=n) for n in range(DAYS)]
    grid = {
        (key, day): [one for one in week if one.post == key and one.begins_at.astimezone(zone).date() == day]
        for key, _ in posts
        for day in days
    }
    errors = [FormError(f.field, field_sentence(f, locale, zone)) for f in faults]
    return render_template(
        "work/roster.html",
        days=days,
        posts=posts,
        post_names=dict(posts),
        grid=grid,
        uncovered={day for day in days if gaps(week, day, zone=zone)},
        today=today,
        on=on,
        calls=calls,
        people=people,
        given=given,
        errors=errors,
        organisations=organisations,
        ask=ask,
        before=monday - timedelta(days=DAYS),
        after=monday + timedelta(days=DAYS),
        may_record=bool(units),
        key=str(new_id()),
        zone=zone,
    )


def _monday(raw: str, today: date) -> date:
    try:
        day = date.fromisoformat(raw) if raw else today
    except ValueError:
        raise BadRequest("week", fields=[FieldError("week", "not_a_date")]) from None
    return day - timedelta(days=day.weekday())
