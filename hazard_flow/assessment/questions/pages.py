"""Questions on pages: those one may open, one put together and tried, one with its answer, its files and who is sent it."""

import uuid
from typing import Any
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from sqlalchemy.orm import Session

from hazard_flow.assessment.questions import answering, chart, form, operations, queries, table
from hazard_flow.assessment.questions.asking import FILTER_WORDS, Question, from_plain, read_question
from hazard_flow.assessment.questions.models import SavedQuestion
from hazard_flow.assessment.questions.operations import READ, Given
from hazard_flow.errors import BadRequest, FieldError, HazardFlowError, NotAllowed, Refused
from hazard_flow.hazards import filtering
from hazard_flow.i18n import text
from hazard_flow.identity import queries as identity
from hazard_flow.identity.actor import Actor
from hazard_flow.storage.base import new_id
from hazard_flow.web import forms, paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, reading
from hazard_flow.web.locale import current_locale
from hazard_flow.web.sentences import field_sentence
from hazard_flow.web.views import FormError

blueprint = Blueprint("questions", __name__, template_folder="templates")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: what a first question asks
FIRST = Question(groups=("stage",))


@blueprint.get("/questions")
def listing() -> str:
    actor = require(READ)
    cursor, limit = paging.asked()
    with reading(actor) as session:
        page = queries.page(session, actor, cursor=cursor, limit=limit)
        owners = identity.names(session, [one.owner_id for one in page.items])
        mailed = queries.mailed_to(session, actor)
        rows = [(one, _told(session, one), owners.get(one.owner_id, "")) for one in page.items]
    return render_template(
        "questions/list.html", rows=rows, page=paging.links(page), mailed=mailed, me=actor.id
    )


@blueprint.get("/questions/new")
def new() -> str:
    actor = require(READ)
    question = (
        _asked()
        if any(name in request.args for name in (*FILTER_WORDS, "group", "measure", "period"))
        else FIRST
    )
    return _builder(actor, question, _changing(actor))


@blueprint.post("/questions")
def save() -> Response:
    return _save(None)


@blueprint.get("/questions/<uuid:question_id>")
def show(question_id: uuid.UUID) -> str:
    return _show(require(READ), question_id)


@blueprint.post("/questions/<uuid:question_id>")
def change(question_id: uuid.UUID) -> Response:
    return _save(question_id)


@blueprint.post("/questions/<uuid:question_id>/end")
def end(question_id: uuid.UUID) -> Response:
    actor, at = require(READ), now()
    kernel().database.carry_out(
        actor.scope, lambda session: operations.end(session, actor=actor, question_id=question_id, now=at)
    )
    flash(text("questions.did.ended", current_locale()), "done")
    return make_response(redirect("/questions", code=303))


@blueprint.post("/questions/<uuid:question_id>/mail")
def have_sent(question_id: uuid.UUID) -> Response:
    actor, at, zone = require(READ), now(), kernel().settings.zone
    person, often, rule = forms.value("person"), forms.value("often"), forms.value("rule")

    def work(session: Session) -> uuid.UUID:
        return operations.have_sent(
            session, actor=actor, question_id=question_id, often=often, rule=rule, person_id=_id(person), now=at, zone=zone,
        ).id  # fmt: skip

    try:
        kernel().database.carry_out(actor.scope, work)
    except Refused as refused:
        return make_response(_show(actor, question_id, refused), refused.status)
    flash(text("questions.did.scheduled", current_locale()), "done")
    return make_response(redirect(f"/questions/{question_id}", code=303))


@blueprint.post("/questions/mail/<uuid:mail_id>/end")
def unsubscribe(mail_id: uuid.UUID) -> Response:
    actor, at = require(READ), now()
    kernel().database.carry_out(
        actor.scope, lambda session: operations.unsubscribe(session, actor=actor, mail_id=mail_id, now=at)
    )
    flash(text("questions.did.unsubscribed", current_locale()), "done")
    return make_response(redirect("/questions", code=303))


@blueprint.get("/questions/table.<any(csv, xlsx):ending>")
def export_asked(ending: str) -> Response:
    """The table of a question nobody saved."""
    return _export(require(READ), _asked(), text("questions.title", current_locale()), ending)


@blueprint.get("/questions/<uuid:question_id>/table.<any(csv, xlsx):ending>")
def export(question_id: uuid.UUID, ending: str) -> Response:
    actor = require(READ)
    with reading(actor) as session:
        saved = queries.one(session, actor, question_id)
    return _export(actor, from_plain(saved.asked), saved.name, ending)


def _asked() -> Question:
    args = request.args
    raw = {name: args[name] for name in FILTER_WORDS if args.get(name)}
    return read_question(raw, args.getlist("group"), args.getlist("measure"), args.get("period", ""))


def _changing(actor: Actor) -> SavedQuestion | None:
    """The own question that is being changed, if any."""
    asked = _id(request.args.get("question", ""))
    if asked is None:
        return None
    with reading(actor) as session:
        found = queries.one(session, actor, asked)
    return found if found.owner_id == actor.id else None


def _builder(
    actor: Actor, question: Question, changing: SavedQuestion | None, refused: HazardFlowError | None = None
) -> str:
    locale = current_locale()
    with reading(actor) as session:
        found = answering.answer(session, actor, question, now())
        drawn = table.table(session, found, locale)
        return render_template(
            "questions/new.html",
            question=question,
            changing=changing,
            filter_fields=form.filter_fields(session, question, locale),
            group_fields=form.group_fields(question, locale),
            kept=form.kept(session, question, locale),
            pairs=question.pairs(),
            query=urlencode(question.pairs()),
            name=forms.value("name") or (changing.name if changing else ""),
            is_shared=changing.is_shared if changing else False,
            errors=_errors(refused),
            request_key=str(new_id()),
            **_drawn(drawn),
        )


def _show(actor: Actor, question_id: uuid.UUID, refused: HazardFlowError | None = None) -> str:
    locale = current_locale()
    with reading(actor) as session:
        saved = queries.one(session, actor, question_id)
        question = from_plain(saved.asked)
        found = answering.answer(session, actor, question, now())
        drawn = table.table(session, found, locale)
        is_own = saved.owner_id == actor.id
        errors = _errors(refused)
        return render_template(
            "questions/show.html",
            saved=saved,
            is_own=is_own,
            told=_told(session, saved),
            answer=found,
            query=urlencode(question.pairs()),
            owner=identity.names(session, [saved.owner_id]).get(saved.owner_id, ""),
            mails=queries.mails(session, actor, saved.id),
            mail_fields=form.mail_fields(
                session, actor, saved.path, locale, may_add=is_own and saved.is_shared, errors={e.field: e.text for e in errors}
            ),
            errors=errors,
            me=actor.id,
            often={rule: key for key, rule in operations.OFTEN.items()},
            **_drawn(drawn),
        )  # fmt: skip


def _drawn(found: table.Table) -> dict[str, Any]:
    bars = chart.chart(found)
    return {
        "table": found,
        "chart": bars,
        "label_width": chart.LABEL_WIDTH,
        "bar_width": chart.BAR_WIDTH,
        "row_height": chart.ROW_HEIGHT,
    }


def _save(question_id: uuid.UUID | None) -> Response:
    actor, key, at = require(READ), forms.request_key(), now()
    sent = request.form
    given = Given(
        name=forms.value("name"),
        filter={name: forms.value(name) for name in FILTER_WORDS if sent.get(name)},
        groups=tuple(one for one in sent.getlist("group") if one),
        measures=tuple(sent.getlist("measure")),
        period=forms.value("period"),
        is_shared=forms.value("is_shared") == "true",
    )

    def work(session: Session) -> uuid.UUID:
        if question_id is not None:
            return operations.change(session, actor=actor, question_id=question_id, given=given, now=at).id
        return operations.save(session, actor=actor, given=given, request_key=key, now=at).id

    try:
        saved = kernel().database.carry_out(actor.scope, work)
    except Refused as refused:
        return make_response(_again(actor, given, refused, question_id), refused.status)
    flash(text("questions.did.saved", current_locale()), "done")
    return make_response(redirect(f"/questions/{saved}", code=303))


def _again(actor: Actor, given: Given, refused: Refused, question_id: uuid.UUID | None) -> str:
    """The form once more with what was wrong; a question that cannot be read at all starts from the first one."""
    try:
        question = read_question(given.filter, given.groups, given.measures, given.period)
    except BadRequest:
        question = FIRST
    changing = None
    if question_id is not None:
        with reading(actor) as session:
            changing = queries.one(session, actor, question_id)
    return _builder(actor, question, changing, refused)


def _export(actor: Actor, question: Question, name: str, ending: str) -> Response:
    locale = current_locale()
    with reading(actor) as session:
        found = table.table(session, answering.answer(session, actor, question, now()), locale)
    is_workbook = ending == "xlsx"
    body = table.xlsx(found, name) if is_workbook else table.csv(found)
    response = Response(body, mimetype=XLSX if is_workbook else "text/csv")
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"table.{ending}\"; filename*=UTF-8''{quote(name, safe='')}.{ending}"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _told(session: Session, saved: SavedQuestion) -> list[str]:
    """What a question asks, in a few words each; one that holds words of another release says only its groups."""
    locale, stored = current_locale(), saved.asked
    groups = [text(f"questions.dimension.{key}", locale) for key in stored.get("groups", [])]
    try:
        question = from_plain(stored)
    except (BadRequest, NotAllowed):
        return groups
    period = [text(f"questions.period.{question.period}", locale)] if question.period else []
    by = [text("questions.by", locale, groups=text("questions.joint", locale).join(groups))] if groups else []
    return [*filtering.labels(session, question.filter, locale).values(), *period, *by]


def _errors(refused: HazardFlowError | None) -> list[FormError]:
    if refused is None:
        return []
    locale, zone = current_locale(), kernel().settings.zone
    return [FormError(one.field, field_sentence(one, locale, zone)) for one in refused.fields]


def _id(raw: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(raw) if raw else None
    except ValueError as error:
        raise BadRequest("bad id", fields=[FieldError("question", "not_an_id")]) from error
