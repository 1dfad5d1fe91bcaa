"""Reads: the questions a person may open, who is sent what."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from hazard_flow.assessment.questions.models import QuestionMail, SavedQuestion
from hazard_flow.errors import NotFound
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Person
from hazard_flow.storage.paging import Page, keyset


def opens(actor: Actor) -> ColumnElement[bool]:
    """One's own questions, and those shared within one's whole organisation."""
    homes = actor.scope.homes
    shared = sa.and_(SavedQuestion.is_shared, SavedQuestion.path.in_(homes)) if homes else sa.false()
    return sa.and_(SavedQuestion.ended_at.is_(None), sa.or_(SavedQuestion.owner_id == actor.id, shared))


def page(session: Session, actor: Actor, *, cursor: str | None, limit: int) -> Page[SavedQuestion]:
    """The questions this person may open, the newest first."""
    statement = sa.select(SavedQuestion).where(opens(actor))
    return keyset(
        session, statement, instant=SavedQuestion.created_at, id_=SavedQuestion.id, cursor=cursor, limit=limit
    )


def one(session: Session, actor: Actor, question_id: uuid.UUID) -> SavedQuestion:
    """One of them; `NotFound` for any other, never saying why."""
    found = session.scalar(sa.select(SavedQuestion).where(SavedQuestion.id == question_id, opens(actor)))
    if found is None:
        raise NotFound(f"question {question_id}")
    return found


def mails(session: Session, actor: Actor, question_id: uuid.UUID) -> Sequence[tuple[QuestionMail, str]]:
    """Who is sent its answers, with their names, as far as it is this person or was set up by them."""
    wanted = sa.select(QuestionMail, Person.name).join(Person, Person.id == QuestionMail.person_id)
    rows = session.execute(
        wanted.where(
            QuestionMail.question_id == question_id,
            QuestionMail.ended_at.is_(None),
            sa.or_(QuestionMail.person_id == actor.id, QuestionMail.added_by_id == actor.id),
        ).order_by(Person.name)
    )
    return [(mail, name) for mail, name in rows]


def mailed_to(session: Session, actor: Actor) -> set[uuid.UUID]:
    """The questions this person is sent."""
    return set(
        session.scalars(
            sa.select(QuestionMail.question_id).where(
                QuestionMail.person_id == actor.id, QuestionMail.ended_at.is_(None)
            )
        )
    )
