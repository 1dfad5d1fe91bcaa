"""Hazards whose deadline was moved most.

Definition: a hazard, open or closed within the days, that is due later than it was first due by so many days, or whose deadline was
prolonged by approval so many times. Why: a danger that is always due next month is a forgotten one, and the on-time rate by the present
deadline hides it (domain 6.3: the extension share is printed beside the on-time rate; 7.4 point 4 [D]). An honest enterprise trips it where
somebody else holds the key: a road permit, a court, a part that is made to order; the reasons then stand in the record.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assessment.radar.asking import CASE, ROWS_MAX, Asked, case_of, seconds_between
from hazard_flow.assessment.radar.findings import HAZARD, Finding, score
from hazard_flow.hazards.models import Hazard

KEY = "moved_deadlines"
_DAY = timedelta(days=1)


def judge(moved: timedelta, times: int, limits: Mapping[str, int]) -> float | None:
    """How many times the move lies beyond its thresholds; None where it does not."""
    ratio = max(moved / (limits["days"] * _DAY), times / limits["times"])
    return ratio if ratio >= 1 else None


def look(session: Session, asked: Asked) -> Sequence[Finding]:
    """Every hazard whose deadline was moved far or often."""
    limits = asked.rules.limits(KEY)
    times = sa.func.coalesce(Hazard.counters["extended"].as_integer(), 0)
    moved = seconds_between(Hazard.due_at, Hazard.original_due_at)
    rows = session.execute(
        sa.select(*CASE, Hazard.due_at, Hazard.original_due_at, times.label("times"))
        .where(
            *asked.hazards(),
            sa.or_(Hazard.closed_at.is_(None), Hazard.closed_at > asked.since),
            Hazard.due_at > Hazard.original_due_at,
            sa.or_(moved >= limits["days"] * 86_400, times >= limits["times"]),
        )
        .order_by(moved.desc())
        .limit(ROWS_MAX)
    )
    found = []
    for row in rows:
        later: timedelta = row.due_at - row.original_due_at
        ratio = judge(later, row.times, limits)
        if ratio is not None:
            at: datetime = row.closed_at or asked.now
            found.append(
                Finding(
                    KEY, row.home_id, HAZARD, row.id, score(limits["weight"], ratio), at,
                    {"first": row.original_due_at},
                    {"due": row.due_at, "days": later // _DAY, "times": row.times}, (case_of(row),),
                )
            )  # fmt: skip
    return found
