"""Closed too fast.

Definition: a hazard closed as rectified in fewer minutes from its finding than work, hand-in, re-check and closing together can take: by
urgency where it was assigned; where it was mended on the spot, by the least minutes of its catalogue code from the finding to the stated
completion. Why: nobody mends a leak, looks again and signs within a cup of tea; faked rectification is scored by large operators (domain
5.4 [V2]), the minutes are ours [D]. An honest enterprise trips it when the work was done before anybody typed: the report was entered
afterwards, with a finding time of then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assessment.radar.asking import CASE, ROWS_MAX, Asked, case_of, seconds_between
from hazard_flow.assessment.radar.findings import HAZARD, Finding, score
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.originality.rules import shipped_rules

KEY = "closed_too_fast"
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Pace:
    """How long it took and how long it takes at the least, in minutes."""

    minutes: int
    least: int
    variant: str

    @property
    def ratio(self) -> float:
        """How many times faster than can be."""
        return self.least / max(self.minutes, 1)


def judge(
    *,
    urgency: str | None,
    code: str,
    found_at: datetime,
    completed_at: datetime | None,
    closed_at: datetime,
    is_assigned: bool,
    limits: Mapping[str, int],
) -> Pace | None:
    """The pace, where it is too fast to be true; None where it is not."""
    if is_assigned:
        least = limits[f"minutes_{(urgency or 'c').lower()}"]
        took, variant = closed_at - found_at, "seen"
    else:
        known = shipped_rules().minutes(code)
        if known is None or completed_at is None:
            return None
        least, took, variant = known.value, completed_at - found_at, "on_spot"
    if took >= least * _MINUTE:
        return None
    return Pace(max(0, int(took / _MINUTE)), least, variant)


def look(session: Session, asked: Asked) -> Sequence[Finding]:
    """Every hazard of the days that was closed too fast."""
    limits = asked.rules.limits(KEY)
    longest = max(value for name, value in limits.items() if name.startswith("minutes_"))
    quick = seconds_between(Hazard.closed_at, Hazard.found_at) < longest * 60
    on_spot = Hazard.original_due_at.is_(None)
    rows = session.execute(
        sa.select(*CASE, Hazard.catalogue_code, Hazard.found_at, Hazard.completed_at, Hazard.original_due_at)
        .where(*asked.rectified(), sa.or_(quick, on_spot))
        .order_by(Hazard.closed_at.desc())
        .limit(ROWS_MAX)
    )
    found = []
    for row in rows:
        pace = judge(
            urgency=row.urgency,
            code=row.catalogue_code or "",
            found_at=row.found_at,
            completed_at=row.completed_at,
            closed_at=row.closed_at,
            is_assigned=row.original_due_at is not None,
            limits=limits,
        )
        if pace is not None:
            found.append(
                Finding(
                    KEY, row.home_id, HAZARD, row.id, score(limits["weight"], pace.ratio), row.closed_at,
                    {"least": pace.least}, {"minutes": pace.minutes}, (case_of(row),), pace.variant,
                )
            )  # fmt: skip
    return found
