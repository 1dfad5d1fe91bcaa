"""Whether a message still makes sense when its turn comes: it may have waited a day for the mail server."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.models import Hazard
from hazard_flow.schedule.models import Outbox

SUBJECT = "hazard"
#: asks somebody to take a step, which means nothing once the step is taken
_ASKS_FOR_A_STEP = frozenset({"task", "returned", "failed", "reminder"})
#: a notice about a running hazard; what was told stays in the inbox
_ABOUT_OPEN = _ASKS_FOR_A_STEP | {"escalation", "alarm", "extension", "counted"}


def outdated(session: Session, rows: Sequence[Outbox]) -> dict[uuid.UUID, str]:
    """Why messages need not leave the house any more, by outbox row: `closed` or `moved_on`. Only ever about hazards."""
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
        elif state_seq > row.seq and row.template in _ASKS_FOR_A_STEP:
            reasons[row.id] = "moved_on"
    return reasons
