"""Alarms contradicted by closings.

Definition: a hazard closed as rectified at a place where a process alarm of its kind still stood at the closing, or fired again within so
many days after it. Alarms the desk judged false, parts of other episodes and detector faults do not count. The kind is the family of the
hazard, or for hazards people reported the family whose catalogue codes name its own. Why: the detector contradicts the signature (domain
5.4, 3.9 [D]). An honest enterprise trips it with a second, new leak at the same place, or with marsh gas nobody has told apart yet.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from hazard_flow.assessment.radar.asking import CASE, ROWS_MAX, Asked, case_of, seconds_between
from hazard_flow.assessment.radar.findings import HAZARD, Finding, score
from hazard_flow.hazards.models import Hazard
from hazard_flow.telemetry.desk.models import AlertDuty
from hazard_flow.telemetry.models import Alert
from hazard_flow.telemetry.rulefile import shipped_rules

KEY = "contradicted_closings"
STILL, AGAIN = "still", "again"
_HOUR = timedelta(hours=1)


def judge(
    closed_at: datetime, started_at: datetime, ended_at: datetime | None, days: int
) -> tuple[str, float] | None:
    """How the alarm contradicts the closing, and how strongly: standing at the closing counts double, coming back the more the sooner."""
    if started_at <= closed_at:
        return (STILL, 2.0) if ended_at is None or ended_at > closed_at else None
    after = started_at - closed_at
    within = timedelta(days=days)
    return (AGAIN, 2 - after / within) if after <= within else None


def look(session: Session, asked: Asked) -> Sequence[Finding]:
    """Every closing of the days that an alarm contradicts, by its strongest alarm."""
    limits = asked.rules.limits(KEY)
    best: dict[object, Finding] = {}
    for row in _pairs(session, asked, limits["days"]):
        judged = judge(row.closed_at, row.started_at, row.ended_at, limits["days"])
        if judged is None:
            continue
        variant, ratio = judged
        finding = Finding(
            KEY, row.home_id, HAZARD, row.id, score(limits["weight"], ratio * row.peak_level), row.started_at,
            {"days": limits["days"]},
            {
                "closed": row.closed_at, "started": row.started_at, "level": row.peak_level,
                "hours": int(max(row.started_at - row.closed_at, timedelta(0)) / _HOUR),
            },
            (case_of(row),), variant,
        )  # fmt: skip
        if row.id not in best or finding.score > best[row.id].score:
            best[row.id] = finding
    return list(best.values())


def _pairs(session: Session, asked: Asked, days: int) -> Sequence[Any]:
    closed_at: ColumnElement[datetime] = Hazard.closed_at  # type: ignore[assignment]
    still = sa.and_(
        Alert.started_at <= closed_at, sa.or_(Alert.ended_at.is_(None), Alert.ended_at > closed_at)
    )
    again = sa.and_(
        Alert.started_at > closed_at,
        seconds_between(Alert.started_at, closed_at) <= days * 86_400,
    )
    return session.execute(
        sa.select(*CASE, Alert.started_at, Alert.ended_at, Alert.peak_level)
        .join(Alert, Alert.site_id == Hazard.asset_id)
        .outerjoin(AlertDuty, AlertDuty.alert_id == Alert.id)
        .where(
            *asked.rectified(),
            Alert.alert_class == "process",
            Alert.merged_into_id.is_(None),
            Alert.suppressed_by == "",
            sa.or_(AlertDuty.verdict.is_(None), AlertDuty.verdict != "false_alarm"),
            sa.or_(still, again),
            _same_kind(),
        )
        .order_by(Alert.started_at.desc())
        .limit(ROWS_MAX)
    ).all()  # fmt: skip


def _same_kind() -> ColumnElement[bool]:
    coded = [
        sa.and_(
            Alert.family == family.key,
            Hazard.catalogue_code.in_({family.catalogue, *family.by_kind.values()}),
        )
        for family in shipped_rules().families.values()
    ]
    return sa.or_(
        Alert.hazard_id == Hazard.id,
        Alert.family == Hazard.family,
        sa.and_(Hazard.family.is_(None), sa.or_(*coded)),
    )
