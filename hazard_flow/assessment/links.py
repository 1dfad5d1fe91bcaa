"""How well hazards are joined to risks (domain 4.3(1)): who could name a point and does not lacks data, nothing is guessed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assessment.models import FollowedHazard
from hazard_flow.hazards.models import Hazard
from hazard_flow.risk.models import RiskPoint
from hazard_flow.storage.unit import scope_of_session

LOOK_BACK = timedelta(days=365)


@dataclass(frozen=True)
class Linked:
    """Hazards at assets that have risk points, and how many of them name one, and a failed measure."""

    hazards: int
    named: int
    measures: int

    @property
    def named_percent(self) -> int:
        """Of those that could, how many name their point, in percent."""
        return round(100 * self.named / self.hazards) if self.hazards else 0

    @property
    def measure_percent(self) -> int:
        """Of those that could, how many name the measure that failed, in percent."""
        return round(100 * self.measures / self.hazards) if self.hazards else 0


def linked(session: Session, now: datetime) -> Linked:
    """The hazards in sight, reported within a year."""
    scope = scope_of_session(session)
    at_points = sa.select(RiskPoint.asset_id).where(
        RiskPoint.asset_id.is_not(None), RiskPoint.ended_at.is_(None)
    )

    def count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((condition, 1), else_=0))

    row = session.execute(
        sa.select(
            sa.func.count(),
            count(sa.or_(FollowedHazard.risk_point != "", FollowedHazard.failed_measure != "")),
            count(FollowedHazard.failed_measure != ""),
        )
        .select_from(FollowedHazard)
        .join(Hazard, Hazard.id == FollowedHazard.hazard_id)
        .where(
            FollowedHazard.reported_at > now - LOOK_BACK,
            FollowedHazard.asset_id.in_(at_points),
            scope.where(Hazard.path, Hazard.division, Hazard.parties),
        )
    ).one()
    return Linked(row[0], int(row[1] or 0), int(row[2] or 0))
