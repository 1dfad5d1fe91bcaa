"""The few figures above lists: what is open, late and soon due. Each opens into the hazards behind it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.queries import Filter, conditions
from hazard_flow.storage.unit import scope_of_session

WINDOW = timedelta(days=30)


@dataclass(frozen=True)
class Figures:
    """Counts of a scope, now; shares and means over the last 30 days, None where nothing was closed."""

    open: int
    unassigned: int
    overdue: int
    due_soon: int
    on_time_percent: float | None
    mean_days: float | None


def of_scope(session: Session, *, now: datetime) -> Figures:
    """The figures of what the session's scope reaches.

    On time means closed by the *original* deadline; the mean counts rectified hazards from report to closing.
    """
    scope = scope_of_session(session)
    is_open = Hazard.closed_at.is_(None)
    counts = session.execute(
        sa.select(
            sa.func.count(),
            sa.func.sum(sa.case((Hazard.stage == "reported", 1), else_=0)),
            sa.func.sum(sa.case((Hazard.due_at < now, 1), else_=0)),
            sa.func.sum(sa.case((Hazard.due_at.between(now, now + timedelta(hours=24)), 1), else_=0)),
        ).where(*conditions(Filter(), scope, now), is_open)
    ).one()
    closed = session.execute(
        sa.select(Hazard.reported_at, Hazard.closed_at, Hazard.original_due_at)
        .where(
            *conditions(Filter(), scope, now),
            Hazard.closed_at > now - WINDOW,
            Hazard.resolution == "rectified",
        )
        .limit(10_000)
    ).all()
    judged = [done <= due for _, done, due in closed if done is not None and due is not None]
    days = [(done - reported).total_seconds() / 86400 for reported, done, _ in closed if done is not None]
    return Figures(
        open=int(counts[0]),
        unassigned=int(counts[1] or 0),
        overdue=int(counts[2] or 0),
        due_soon=int(counts[3] or 0),
        on_time_percent=100 * sum(judged) / len(judged) if judged else None,
        mean_days=sum(days) / len(days) if days else None,
    )
