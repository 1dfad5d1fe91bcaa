"""What the watchdog asks of limits."""

from datetime import datetime

from sqlalchemy.orm import Session

from hazard_flow.i18n import Label, both
from hazard_flow.ladders import queries


def silent_limits(session: Session, _now: datetime) -> Label | None:
    """An open limit without a pending timer is told to nobody, ever; None when there is none."""
    count = queries.silent(session)
    return both("watch.limits_silent.found", n=count) if count else None
