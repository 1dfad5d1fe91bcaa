"""Questions as somebody of the city asks and saves them."""

import uuid
from typing import Any

from hazard_flow.assessment.questions import answering, operations, table
from hazard_flow.assessment.questions.answering import Answer
from hazard_flow.assessment.questions.asking import read_question
from hazard_flow.assessment.questions.models import QuestionMail, SavedQuestion
from hazard_flow.assessment.questions.operations import Given
from tests.harness.city import City
from tests.harness.founding import ZONE


def ask(
    city: City,
    *groups: str,
    by: str = "何安全",
    measures: tuple[str, ...] = (),
    period: str = "",
    **words: str,
) -> Answer:
    actor = city.actor(by)
    with city.database.reading(actor.scope) as session:
        question = read_question(words, groups, measures, period)
        return answering.answer(session, actor, question, city.now)


def drawn(city: City, *groups: str, by: str = "何安全", locale: str = "zh", **words: Any) -> table.Table:
    found = ask(city, *groups, by=by, **words)
    with city.database.reading(city.actor(by).scope) as session:
        return table.table(session, found, locale)


def figures(found: Answer, measure: str = "count") -> dict[tuple[str, ...], int | float | None]:
    return {row.values: row.cells[measure].value for row in found.rows}


def save(
    city: City,
    name: str = "各班组逾期",
    *,
    by: str = "何安全",
    groups: tuple[str, ...] = ("stage",),
    key: str = "",
    shared: bool = False,
    period: str = "",
    **words: str,
) -> SavedQuestion:
    actor = city.actor(by)
    given = Given(name, words, groups, (), period, is_shared=shared)
    with city.database.transaction(actor.scope) as session:
        return operations.save(
            session, actor=actor, given=given, request_key=key or uuid.uuid4().hex, now=city.now
        )


def have_sent(
    city: City,
    question: SavedQuestion,
    often: str = "daily",
    *,
    by: str = "何安全",
    to: str | None = None,
    rule: str = "",
) -> QuestionMail:
    actor = city.actor(by)
    with city.database.transaction(actor.scope) as session:
        return operations.have_sent(
            session, actor=actor, question_id=question.id, often=often, rule=rule,
            person_id=city.person(to) if to else None, now=city.now, zone=ZONE,
        )  # fmt: skip
