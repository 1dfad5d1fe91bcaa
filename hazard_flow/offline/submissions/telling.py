"""Who hears that a submission is contested: whoever sent it, and whoever can settle it. Rows for the outbox, in the same transaction."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.effects import CONCEALED_PATH
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import rules_of
from hazard_flow.hazards.telling import TASK_CHANNELS, holder_of, parts_of
from hazard_flow.identity.directory import Directory, Parts
from hazard_flow.offline.submissions.models import Submission
from hazard_flow.schedule import operations as schedule
from hazard_flow.schedule.rows import MessageRow
from hazard_flow.storage.base import new_id

SUBJECT, TEMPLATE = "submission", "submission_contested"
#: who settles it in the enterprise; what was reported past a manager stays with the regulator
_MANAGERS, _REGULATOR = ("dept_manager", "safety_director"), ("county_officer",)


def tell_contested(session: Session, submission: Submission, now: datetime) -> None:
    """One message for each person and channel; contested twice is told once."""
    hazard = (
        session.scalar(sa.select(Hazard).where(Hazard.id == submission.hazard_id))
        if submission.hazard_id
        else None
    )
    people = [submission.owner_id, *_settlers(session, submission, hazard)]
    params = {
        "number": hazard.number if hazard is not None else "",
        "title": hazard.title if hazard is not None else "",
        "submission": str(submission.id),
    }
    schedule.enqueue(
        session,
        [
            MessageRow(
                id=new_id(),
                home_id=submission.home_id,
                subject_kind=SUBJECT,
                subject_id=submission.id,
                seq=1,
                person_id=person,
                channel=channel,
                template=TEMPLATE,
                params=params,
                created_at=now,
                due_at=now,
            )
            for person in dict.fromkeys(people)
            for channel in TASK_CHANNELS
        ],
    )


def _settlers(session: Session, submission: Submission, hazard: Hazard | None) -> tuple[uuid.UUID, ...]:
    is_concealed = submission.path == CONCEALED_PATH
    directory = Directory.load(
        session,
        paths=[submission.path],
        people={submission.owner_id, *([hazard.responsible_id] if hazard and hazard.responsible_id else [])},
    )
    if hazard is None or is_concealed:
        parts = Parts(path=submission.path, division=submission.division)
        return directory.tell(_REGULATOR if is_concealed else _MANAGERS, parts).people
    workflow = rules_of(session).pinned(hazard.workflow, hazard.workflow_version)
    return directory.tell(_MANAGERS, parts_of(hazard, holder_of(hazard, workflow))).people
