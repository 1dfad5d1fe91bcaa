"""Writes: saving a question, changing it, ending it; having its answers sent, and no longer."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hazard_flow.assessment.questions import queries
from hazard_flow.assessment.questions.asking import Question, read_question
from hazard_flow.assessment.questions.models import QuestionMail, SavedQuestion
from hazard_flow.errors import BadRequest, Conflict, FieldError, NotAllowed, NotFound, Refused
from hazard_flow.hazards.filtering import checked
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation
from hazard_flow.identity.queries import people_within
from hazard_flow.identity.rights import demand
from hazard_flow.inspections import recurrence
from hazard_flow.storage.base import new_id

READ = "hazards.read"
NAME_LENGTH_MAX = 80
RULE_LENGTH_MAX = 200
#: when in the morning answers are sent, in the organisation's zone
SENT_AT = time(7)
OFTEN: Mapping[str, str] = {
    "daily": "FREQ=DAILY",
    "weekly": "FREQ=WEEKLY;BYDAY=MO",
    "monthly": "FREQ=MONTHLY;BYMONTHDAY=1",
}


@dataclass(frozen=True)
class Given:
    """A question as somebody typed it."""

    name: str
    filter: Mapping[str, str]
    groups: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    period: str = ""
    is_shared: bool = False


def save(session: Session, *, actor: Actor, given: Given, request_key: str, now: datetime) -> SavedQuestion:
    """A new question; the same request again answers with what it made. Raises Refused with every wrong field."""
    demand(actor, READ)
    if (earlier := _answered(session, actor, request_key)) is not None:
        return earlier
    question = _read(given, actor)
    home = _home(session, actor)
    assert actor.id is not None
    made = SavedQuestion(
        id=new_id(),
        home_id=home.id,
        path=home.path,
        owner_id=actor.id,
        name=given.name.strip(),
        is_shared=given.is_shared,
        asked=question.plain(),
        created_at=now,
        changed_at=now,
        ended_at=None,
        request_key=request_key,
    )
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError as error:
        # the same request a moment ago
        if (earlier := _answered(session, actor, request_key)) is None:
            raise Conflict("saved a moment ago") from error
        return earlier
    return made


def change(
    session: Session, *, actor: Actor, question_id: uuid.UUID, given: Given, now: datetime
) -> SavedQuestion:
    """The owner's question asked differently, named differently, shared or no longer; whoever is sent it then is sent the new one."""
    found = _own(session, actor, question_id)
    question = _read(given, actor)
    found.name, found.is_shared = given.name.strip(), given.is_shared
    found.asked, found.changed_at = question.plain(), now
    session.flush()
    return found


def end(session: Session, *, actor: Actor, question_id: uuid.UUID, now: datetime) -> None:
    """The owner's question is no longer kept, and sent to nobody."""
    found = _own(session, actor, question_id)
    found.ended_at = now
    session.flush()


def have_sent(
    session: Session,
    *,
    actor: Actor,
    question_id: uuid.UUID,
    often: str,
    rule: str,
    person_id: uuid.UUID | None,
    now: datetime,
    zone: ZoneInfo,
) -> QuestionMail:
    """Its answers sent to oneself, or by its owner to a colleague of the same whole organisation; set up again it is changed.

    A colleague is sent what the colleague may see: the schedule widens nobody's sight.
    """
    demand(actor, READ)
    question = queries.one(session, actor, question_id)
    receiver = person_id or actor.id
    assert receiver is not None
    assert actor.id is not None
    wanted = OFTEN.get(often, rule.strip().upper() if often == "own" else "")
    today = now.astimezone(zone).date()
    problems = _problems(session, actor, question, receiver, often=often, rule=wanted, today=today)
    if problems:
        raise Refused("mail", fields=problems)
    due_at = next_at(wanted, today, now, zone)
    assert due_at is not None
    found = session.scalar(
        sa.select(QuestionMail).where(
            QuestionMail.question_id == question_id, QuestionMail.person_id == receiver
        )
    )
    if found is None:
        found = QuestionMail(
            id=new_id(), question_id=question_id, person_id=receiver, added_by_id=actor.id, sent_at=None
        )
    found.rule, found.starts_on, found.due_at, found.ended_at = wanted, today, due_at, None
    try:
        with session.begin_nested():
            session.add(found)
    except IntegrityError as error:
        raise Conflict("set up a moment ago") from error
    return found


def unsubscribe(session: Session, *, actor: Actor, mail_id: uuid.UUID, now: datetime) -> None:
    """No longer: said by whoever is sent it, or set it up."""
    found = session.get(QuestionMail, mail_id)
    if found is None or actor.id not in (found.person_id, found.added_by_id):
        raise NotFound(f"mail {mail_id}")
    found.ended_at = found.ended_at or now
    session.flush()


def next_at(rule: str, starts_on: date, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When it is sent next after `now`; None when the rule has come to its end. Days missed meanwhile are not made up for."""
    today = now.astimezone(zone).date()
    day = recurrence.next_day(rule, start=starts_on, after=today - timedelta(days=1))
    if day is not None and _morning(day, zone) <= now:
        day = recurrence.next_day(rule, start=starts_on, after=today)
    return _morning(day, zone) if day is not None else None


def _morning(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, SENT_AT, zone)


def _problems(
    session: Session,
    actor: Actor,
    question: SavedQuestion,
    receiver: uuid.UUID,
    *,
    often: str,
    rule: str,
    today: date,
) -> list[FieldError]:
    found = []
    if often not in (*OFTEN, "own"):
        found.append(FieldError("often", "unknown_choice", {"value": often[:40]}))
    elif not _is_rule(rule, today):
        found.append(FieldError("rule", "not_a_rule"))
    if receiver != actor.id:
        colleagues = {person.id for person, _ in people_within(session, question.path)}
        if question.owner_id != actor.id or not question.is_shared:
            found.append(FieldError("person", "only_shared_questions"))
        elif receiver not in colleagues:
            found.append(FieldError("person", "not_a_person"))
    return found


def _is_rule(rule: str, today: date) -> bool:
    try:
        return (
            len(rule) <= RULE_LENGTH_MAX and recurrence.next_day(rule, start=today, after=today) is not None
        )
    except (ValueError, OverflowError):
        return False


def _read(given: Given, actor: Actor) -> Question:
    problems: list[FieldError] = []
    name = given.name.strip()
    if not name:
        problems.append(FieldError("name", "required"))
    if len(name) > NAME_LENGTH_MAX:
        problems.append(FieldError("name", "too_long", {"at_most": NAME_LENGTH_MAX}))
    question = Question()
    try:
        question = read_question(given.filter, given.groups, given.measures, given.period)
    except BadRequest as wrong:
        problems += wrong.fields
    if problems:
        raise Refused("question", fields=problems)
    checked(question.filter, actor)
    return question


def _answered(session: Session, actor: Actor, request_key: str) -> SavedQuestion | None:
    """What an earlier request with this key made."""
    return session.scalar(
        sa.select(SavedQuestion).where(
            SavedQuestion.owner_id == actor.id, SavedQuestion.request_key == request_key
        )
    )


def _own(session: Session, actor: Actor, question_id: uuid.UUID) -> SavedQuestion:
    demand(actor, READ)
    found = queries.one(session, actor, question_id)
    if found.owner_id != actor.id:
        raise NotAllowed("questions.own", right="questions.own")
    return found


def _home(session: Session, actor: Actor) -> Organisation:
    """The whole organisation of the person's first post."""
    first: Any = next(one for one in actor.holdings)
    return session.get_one(Organisation, uuid.UUID(hex=first.path.split("/", 1)[0]))
