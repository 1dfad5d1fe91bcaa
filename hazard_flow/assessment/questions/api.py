"""`/api/v1/questions`: saved questions, their answers, and who is sent them."""

import uuid
from datetime import datetime
from typing import Any

from flask import Blueprint, Response
from pydantic import BaseModel, ConfigDict, Field

from hazard_flow.assessment.questions import answering, operations, queries
from hazard_flow.assessment.questions.answering import Answer, Row
from hazard_flow.assessment.questions.asking import DIMENSIONS, MEASURES, PERIODS, from_plain, read_question
from hazard_flow.assessment.questions.models import QuestionMail, SavedQuestion
from hazard_flow.assessment.questions.operations import READ, Given
from hazard_flow.web import api, paging
from hazard_flow.web.auth import require
from hazard_flow.web.context import kernel, now, reading
from hazard_flow.web.openapi import CURSOR, IDEMPOTENCY, Listed, operation

blueprint = Blueprint("questions_api", __name__, url_prefix=f"{api.PREFIX}/questions")

_TAGS = ["questions"]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AskedQuestionBody(_Closed):
    """What is asked: the words of the hazard list's filter, up to two groups, measures, a span that moves with the day."""

    filter: dict[str, str] = Field(default_factory=dict)
    groups: list[str] = Field(default_factory=list, description=f"of {', '.join(DIMENSIONS)}")
    measures: list[str] = Field(default_factory=list, description=f"of {', '.join(MEASURES)}; none: all")
    period: str = Field("", description=f"one of {', '.join(PERIODS)}, or empty")


class QuestionBody(AskedQuestionBody):
    """A question to be saved under a name."""

    name: str
    is_shared: bool = False


class QuestionMailBody(_Closed):
    """How often the answer is sent: `daily`, `weekly`, `monthly`, or `own` with an RFC 5545 `rule`; to oneself where no person is named."""

    often: str
    rule: str = ""
    person: uuid.UUID | None = None


class QuestionView(BaseModel):
    """A saved question."""

    id: str
    name: str
    owner: str
    is_shared: bool
    filter: dict[str, str]
    groups: list[str]
    measures: list[str]
    period: str
    changed_at: datetime


class QuestionAnswerCell(BaseModel):
    """One figure, and the list of hazards behind it."""

    value: float | int | None
    href: str


class QuestionAnswerRow(BaseModel):
    """One group by its values (`-` for none), with its figures by measure."""

    values: list[str]
    cells: dict[str, QuestionAnswerCell]


class QuestionAnswerView(BaseModel):
    """An answer within the caller's scope."""

    at: datetime
    groups: list[str]
    rows: list[QuestionAnswerRow]
    total: QuestionAnswerRow
    is_cut: bool


class QuestionMailView(BaseModel):
    """One person is sent the answers."""

    id: str
    question: str
    person: str
    rule: str
    due_at: datetime
    sent_at: datetime | None
    ended_at: datetime | None


@blueprint.get("")
@operation(
    summary="The questions one may open", responses={200: Listed(QuestionView)}, parameters=CURSOR, tags=_TAGS
)
def listing() -> Response:
    actor = require(READ)
    cursor, limit = paging.asked()
    with reading(actor) as session:
        return api.envelope(queries.page(session, actor, cursor=cursor, limit=limit), _view)


@blueprint.post("")
@operation(
    summary="Save a question", request=QuestionBody, responses={201: QuestionView}, parameters=(IDEMPOTENCY,), tags=_TAGS
)  # fmt: skip
def save() -> Response:
    actor, body, key, at = require(READ), api.read_model(QuestionBody), api.request_key(), now()
    saved = kernel().database.carry_out(
        actor.scope,
        lambda session: operations.save(session, actor=actor, given=_given(body), request_key=key, now=at),
    )
    return api.answer(_view(saved), status=201)


@blueprint.post("/answer")
@operation(
    summary="Answer a question nobody saved",
    request=AskedQuestionBody,
    responses={200: QuestionAnswerView},
    tags=_TAGS,
)
def ask() -> Response:
    actor, body = require(READ), api.read_model(AskedQuestionBody)
    question = read_question(body.filter, body.groups, body.measures, body.period)
    with reading(actor) as session:
        return api.answer(_answer(answering.answer(session, actor, question, now())))


@blueprint.get("/<uuid:question_id>")
@operation(summary="One question", responses={200: QuestionView}, tags=_TAGS)
def one(question_id: uuid.UUID) -> Response:
    actor = require(READ)
    with reading(actor) as session:
        return api.answer(_view(queries.one(session, actor, question_id)))


@blueprint.post("/<uuid:question_id>")
@operation(
    summary="Change one's own question", request=QuestionBody, responses={200: QuestionView}, tags=_TAGS
)
def change(question_id: uuid.UUID) -> Response:
    actor, body, at = require(READ), api.read_model(QuestionBody), now()
    saved = kernel().database.carry_out(
        actor.scope,
        lambda session: operations.change(
            session, actor=actor, question_id=question_id, given=_given(body), now=at
        ),
    )
    return api.answer(_view(saved))


@blueprint.get("/<uuid:question_id>/answer")
@operation(
    summary="The answer now, within the caller's scope", responses={200: QuestionAnswerView}, tags=_TAGS
)
def answer(question_id: uuid.UUID) -> Response:
    actor = require(READ)
    with reading(actor) as session:
        saved = queries.one(session, actor, question_id)
        return api.answer(_answer(answering.answer(session, actor, from_plain(saved.asked), now())))


@blueprint.post("/<uuid:question_id>/mails")
@operation(
    summary="Have the answers sent", request=QuestionMailBody, responses={201: QuestionMailView}, tags=_TAGS
)
def have_sent(question_id: uuid.UUID) -> Response:
    actor, body, at, zone = require(READ), api.read_model(QuestionMailBody), now(), kernel().settings.zone
    mail = kernel().database.carry_out(
        actor.scope,
        lambda session: operations.have_sent(
            session, actor=actor, question_id=question_id, often=body.often, rule=body.rule, person_id=body.person, now=at, zone=zone,
        ),
    )  # fmt: skip
    return api.answer(_mail(mail), status=201)


@blueprint.delete("/mails/<uuid:mail_id>")
@operation(summary="Be sent it no longer", responses={204: None}, tags=_TAGS)
def unsubscribe(mail_id: uuid.UUID) -> Response:
    actor, at = require(READ), now()
    kernel().database.carry_out(
        actor.scope, lambda session: operations.unsubscribe(session, actor=actor, mail_id=mail_id, now=at)
    )
    return Response(status=204)


def _given(body: QuestionBody) -> Given:
    return Given(
        name=body.name,
        filter=body.filter,
        groups=tuple(body.groups),
        measures=tuple(body.measures),
        period=body.period,
        is_shared=body.is_shared,
    )


def _view(saved: SavedQuestion) -> QuestionView:
    asked: dict[str, Any] = saved.asked
    return QuestionView(
        id=str(saved.id), name=saved.name, owner=str(saved.owner_id), is_shared=saved.is_shared, changed_at=saved.changed_at,
        filter=asked["filter"], groups=asked["groups"], measures=asked["measures"], period=asked["period"],
    )  # fmt: skip


def _mail(mail: QuestionMail) -> QuestionMailView:
    return QuestionMailView(
        id=str(mail.id), question=str(mail.question_id), person=str(mail.person_id), rule=mail.rule, due_at=mail.due_at,
        sent_at=mail.sent_at, ended_at=mail.ended_at,
    )  # fmt: skip


def _answer(found: Answer) -> QuestionAnswerView:
    measures = found.question.measures

    def row(one: Row) -> QuestionAnswerRow:
        cells = {
            key: QuestionAnswerCell(value=one.cells[key].value, href=one.cells[key].href) for key in measures
        }
        return QuestionAnswerRow(values=list(one.values), cells=cells)

    return QuestionAnswerView(
        at=found.at,
        groups=list(found.question.groups),
        rows=[row(one) for one in found.rows],
        total=row(found.total),
        is_cut=found.is_cut,
    )
