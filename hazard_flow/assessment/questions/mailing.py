"""Answers are sent when due: each to its person, in their language, of what they may see at that moment; each once.

1 *who is due*, from the index of due instants · 2 *answer* in the scope of the person who receives it, read anew · 3 in one transaction:
move the schedule on, if nobody has done so meanwhile, and put the message into the outbox. A worker that dies before 3 has sent nothing;
after 3 the outbox sends it. Days missed while nothing ran are not made up for: one answer says how it stands now.
Mail carries no files here: the table stands in the message, and its link leads to the page with CSV and XLSX.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import structlog

from hazard_flow.assessment.questions import answering, operations, queries, table
from hazard_flow.assessment.questions.asking import from_plain
from hazard_flow.assessment.questions.models import QuestionMail
from hazard_flow.clock import Clock
from hazard_flow.errors import BadRequest, NotAllowed, NotFound
from hazard_flow.identity import queries as identity
from hazard_flow.identity.models import Person
from hazard_flow.identity.rights import may
from hazard_flow.schedule.operations import enqueue
from hazard_flow.schedule.rows import MessageRow
from hazard_flow.storage.base import new_id
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database

log = structlog.get_logger(__name__)

JOB = "questions"
SEND_EVERY_SECONDS = 60.0
#: answers computed in one run of the job
BATCH_MAX = 50
#: kind of the message's subject, its channel and its wording
SUBJECT, CHANNEL, TEMPLATE = "question", "message", "question"


@dataclass(frozen=True)
class _Due:
    mail_id: uuid.UUID
    question_id: uuid.UUID
    person_id: uuid.UUID
    due_at: datetime
    next_at: datetime | None


@dataclass(frozen=True)
class _Words:
    title: str
    lines: list[str]
    home_id: uuid.UUID


def send_due(database: Database, clock: Clock, zone: ZoneInfo) -> int:
    """Send what is due; how many messages were written. Any number of workers may do so at once."""
    now, sent = clock.now(), 0
    for due in _due(database, now, zone):
        try:
            words = _answer(database, due, now)
        except (BadRequest, NotAllowed, NotFound) as reason:
            # the question is gone, no longer shared, or asks what this person may not ask any more
            log.info("questions.not_sent", mail=str(due.mail_id), reason=reason.code)
            words = None
        sent += _write(database, due, words, now)
    return sent


def _due(database: Database, now: datetime, zone: ZoneInfo) -> list[_Due]:
    with database.reading(SYSTEM) as session:
        rows = session.scalars(
            sa.select(QuestionMail)
            .where(QuestionMail.ended_at.is_(None), QuestionMail.due_at <= now)
            .order_by(QuestionMail.due_at, QuestionMail.id)
            .limit(BATCH_MAX)
        )
        return [
            _Due(
                one.id, one.question_id, one.person_id, one.due_at, operations.next_at(one.rule, one.starts_on, now, zone)
            )
            for one in rows
        ]  # fmt: skip


def _answer(database: Database, due: _Due, now: datetime) -> _Words:
    """The answer as this person would see it now on the page."""
    with database.reading(SYSTEM) as session:
        person = session.get(Person, due.person_id)
        if person is None or not person.active:
            raise NotFound("the person")
        actor = identity.actor_of_person(session, person)
    if not may(actor, operations.READ):
        raise NotAllowed(operations.READ, right=operations.READ)
    with database.reading(actor.scope) as session:
        saved = queries.one(session, actor, due.question_id)
        found = answering.answer(session, actor, from_plain(saved.asked), now)
        drawn = table.table(session, found, actor.locale)
        return _Words(saved.name, table.plain(drawn, actor.locale), saved.home_id)


def _write(database: Database, due: _Due, words: _Words | None, now: datetime) -> int:
    """Move the schedule on and write the message, both or neither; nothing where another worker was first."""
    values: dict[str, object] = {"due_at": due.next_at or due.due_at}
    if words is None or due.next_at is None:
        values["ended_at"] = now
    if words is not None:
        values["sent_at"] = now
    with database.transaction(SYSTEM) as session:
        moved = session.execute(
            sa.update(QuestionMail)
            .where(
                QuestionMail.id == due.mail_id,
                QuestionMail.due_at == due.due_at,
                QuestionMail.ended_at.is_(None),
            )
            .values(**values)
        )
        if getattr(moved, "rowcount", 0) != 1 or words is None:
            return 0
        enqueue(session, [_message(due, words, now)])
    return 1


def _message(due: _Due, words: _Words, now: datetime) -> MessageRow:
    return MessageRow(
        id=new_id(),
        home_id=words.home_id,
        subject_kind=SUBJECT,
        subject_id=due.mail_id,
        # one a minute at the most, and never two for the same due instant
        seq=int(due.due_at.timestamp()) // 60,
        person_id=due.person_id,
        channel=CHANNEL,
        template=TEMPLATE,
        params={"title": words.title, "table": words.lines, "href": f"/questions/{due.question_id}"},
        created_at=now,
        due_at=now,
    )
