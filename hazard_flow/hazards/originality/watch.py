"""What `/watchz` asks about originality: nothing handed in may stay unexamined for long."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.originality.models import OriginalityOrder
from hazard_flow.i18n import Label, both

#: Looking at a photograph takes a fraction of a second; one that waits longer is something people must hear of.
LATE_AFTER = timedelta(minutes=15)


def late(session: Session, now: datetime) -> Label | None:
    """Whether evidence has waited too long to be examined; one sentence that counts and does not name."""
    statement = sa.select(sa.func.count()).where(OriginalityOrder.ordered_at < now - LATE_AFTER)
    count = session.scalar(statement.select_from(OriginalityOrder)) or 0
    return both("watch.originality_late.found", n=count) if count else None
