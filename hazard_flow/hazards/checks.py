"""What `/watchz` asks about hazards: none may be open and without a next deadline."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.models import Hazard
from hazard_flow.schedule.models import Timer

#: How many are named in the sentence; the count says how many there are.
NAMED_MAX = 5


def silent_hazards(session: Session, _now: datetime) -> str | None:
    """Whether an open hazard has no pending timer: nobody would ever hear of it again."""
    pending = sa.exists().where(
        Timer.subject_kind == "hazard", Timer.subject_id == Hazard.id, Timer.parked_at.is_(None)
    )
    silent = sa.and_(Hazard.closed_at.is_(None), ~pending)
    count = session.scalar(sa.select(sa.func.count()).select_from(Hazard).where(silent)) or 0
    if not count:
        return None
    named = session.scalars(
        sa.select(Hazard.number).where(silent).order_by(Hazard.reported_at).limit(NAMED_MAX)
    ).all()
    return f"{count} open hazards have no next deadline: {', '.join(named)}"
