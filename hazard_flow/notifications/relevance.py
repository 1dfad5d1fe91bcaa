"""Whether a message still makes sense when its turn comes: it may have waited a day for the mail server."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.telling import PRIVATE
from hazard_flow.ladders.models import TimeLimit
from hazard_flow.ladders.timing import SUBJECT as LIMIT
from hazard_flow.notifications.models import Errand
from hazard_flow.schedule.models import Outbox

SUBJECT = "hazard"
#: word to the desk that something is to be carried by hand; its subject is a group of errands
ERRAND_SUBJECT = "errand"
#: kinds of messages that lead to a hazard's page: what everybody with a view of it may know of, and what only its reader may
ABOUT_HAZARDS = (SUBJECT, PRIVATE)
#: asks somebody to take a step, which means nothing once the step is taken
ASKS_FOR_A_STEP = frozenset({"task", "returned", "failed", "reminder"})
#: a notice about a running hazard; what was told stays in the inbox
_ABOUT_OPEN = ASKS_FOR_A_STEP | {
    "escalation", "alarm", "extension", "counted", "recounted", "recounted_shorter", "recounted_rung",
}  # fmt: skip


def outdated(session: Session, rows: Sequence[Outbox]) -> dict[uuid.UUID, str]:
    """Why messages need not leave the house any more, by outbox row: `closed`, `moved_on`, `errand_ended` or `limit_ended`."""
    return _of_hazards(session, rows) | _of_errands(session, rows) | _of_limits(session, rows)


def _of_hazards(session: Session, rows: Sequence[Outbox]) -> dict[uuid.UUID, str]:
    ids = {row.subject_id for row in rows if row.subject_kind == SUBJECT}
    if not ids:
        return {}
    found = session.execute(
        sa.select(Hazard.id, Hazard.closed_at, Hazard.state_seq).where(Hazard.id.in_(ids))
    )
    now_at = {id_: (closed_at is not None, state_seq) for id_, closed_at, state_seq in found}
    reasons: dict[uuid.UUID, str] = {}
    for row in rows:
        closed, state_seq = now_at.get(row.subject_id, (False, 0))
        if closed and row.template in _ABOUT_OPEN:
            reasons[row.id] = "closed"
        elif state_seq > row.seq and row.template in ASKS_FOR_A_STEP:
            reasons[row.id] = "moved_on"
    return reasons


def _of_errands(session: Session, rows: Sequence[Outbox]) -> dict[uuid.UUID, str]:
    groups = {row.subject_id for row in rows if row.subject_kind == ERRAND_SUBJECT}
    if not groups:
        return {}
    standing = session.execute(
        sa.select(Errand.group_id, Errand.doers).where(Errand.group_id.in_(groups), Errand.state == "open")
    )
    asked = {(group, person) for group, doers in standing for person in doers.split(",")}
    return {
        row.id: "errand_ended"
        for row in rows
        if row.subject_kind == ERRAND_SUBJECT and (row.subject_id, row.person_id.hex) not in asked
    }


def _of_limits(session: Session, rows: Sequence[Outbox]) -> dict[uuid.UUID, str]:
    ids = {row.subject_id for row in rows if row.subject_kind == LIMIT}
    if not ids:
        return {}
    ended = set(
        session.scalars(sa.select(TimeLimit.id).where(TimeLimit.id.in_(ids), TimeLimit.ended_at.is_not(None)))
    )
    return {row.id: "limit_ended" for row in rows if row.subject_id in ended}
