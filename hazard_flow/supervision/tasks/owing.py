"""The two limits of a task: whoever answers owes the answer, then whoever set it owes a judgement.

A limit belongs to whoever owes it, whom the other side's scope may not reach: they are kept beyond it.
"""

import uuid
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from hazard_flow.errors import FieldError, Refused
from hazard_flow.i18n import Label
from hazard_flow.identity.actor import Actor
from hazard_flow.identity.models import Organisation
from hazard_flow.identity.queries import people_within
from hazard_flow.ladders import operations as limits
from hazard_flow.storage.unit import beyond_scope
from hazard_flow.supervision.tasks.models import SupervisionTask

SUBJECT, LADDER = "supervision_task", "supervision_overdue"
ANSWERING, JUDGING = "supervision_task", "supervision_review"
#: an answer is judged within five days [D]
JUDGE_WITHIN = timedelta(days=5)


def owe_answer(session: Session, task: SupervisionTask, *, actor: Actor, now: datetime) -> None:
    """Whoever it was set owes the answer by the present deadline."""
    to = session.get_one(Organisation, task.organisation_id)
    _limit(session, task, to, ANSWERING, task.due_at, task.responsible_id, actor=actor, now=now)


def owe_judgement(session: Session, task: SupervisionTask, *, actor: Actor, now: datetime) -> None:
    """Whoever set it owes a judgement."""
    issuer = session.get_one(Organisation, task.issuer_id)
    _limit(session, task, issuer, JUDGING, now + JUDGE_WITHIN, task.issued_by, actor=actor, now=now)


def drop(session: Session, task: SupervisionTask, *, actor: Actor, now: datetime) -> None:
    """Nothing is owed any more."""
    session.flush()
    with beyond_scope(session):
        for name in (ANSWERING, JUDGING):
            limits.drop(session, SUBJECT, task.id, name, actor=actor, now=now, why="cancelled")
        session.flush()


def hand_over(
    session: Session, task: SupervisionTask, person: uuid.UUID, *, actor: Actor, now: datetime
) -> None:
    """Somebody of the organisation does it by name; raises Refused for anybody else."""
    if person not in {one.id for one, _ in people_within(session, task.path)}:
        raise Refused(fields=[FieldError("responsible", "unknown_choice", {"value": str(person)})])
    task.responsible_id = person
    if f",{person.hex}," not in task.parties:
        task.parties += f"{person.hex},"
    session.flush()
    with beyond_scope(session):
        limits.hand_over(session, SUBJECT, task.id, ANSWERING, to=person, actor=actor, now=now)
        session.flush()


def met(session: Session, task: SupervisionTask, name: str, *, actor: Actor, now: datetime) -> None:
    """What was owed is done."""
    session.flush()
    with beyond_scope(session):
        limits.meet(session, SUBJECT, task.id, name, actor=actor, now=now)
        session.flush()


def _limit(
    session: Session, task: SupervisionTask, owner: Organisation, name: str, due_at: datetime, who: uuid.UUID | None,
    *, actor: Actor, now: datetime,
) -> None:  # fmt: skip
    session.flush()
    words = f"{task.number} {task.title}"
    with beyond_scope(session):
        limits.open_limit(
            session,
            limits.LimitOf(
                kind=SUBJECT, subject_id=task.id, name=name, ladder=LADDER, due_at=due_at, title=Label(zh=words, en=words),
                href=f"/supervision/tasks/{task.id}", organisation=owner, responsible_id=who,
            ),
            actor=actor,
            now=now,
        )  # fmt: skip
        session.flush()
