"""What accidents and near misses call for: a new rating of the risk points at the places that belong to them (domain 4.3(3))."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from hazard_flow.accidents.models import Accident, AccidentLink
from hazard_flow.assessment.models import FollowedHazard
from hazard_flow.assessment.places import PointBook
from hazard_flow.risk.models import RiskPoint, RiskReview
from hazard_flow.risk.reviews import Call, open_reviews
from hazard_flow.workflow.deadlines import Reckoning

TRIGGER = "accident"
#: links looked through in one transaction
BATCH_MAX = 200


def open_for_accidents(session: Session, now: datetime, days: Reckoning) -> int:
    """Open the reviews accidents call for; how many were. A point entered after the link was made has been rated with it in mind.

    A linked asset calls for every point at it, a linked hazard for the points it is about. The session must see everything.
    """
    calls = [*_at_assets(session, now), *_of_hazards(session, now)]
    return open_reviews(session, calls, days)


def _uncalled(number: InstrumentedAttribute[str]) -> sa.ColumnElement[bool]:
    """No review of the point names this accident."""
    return ~(
        sa.select(RiskReview.id)
        .where(RiskReview.point_id == RiskPoint.id, RiskReview.trigger == TRIGGER, RiskReview.cause == number)
        .exists()
    )


def _at_assets(session: Session, now: datetime) -> list[Call]:
    rows = session.execute(
        sa.select(RiskPoint.id, Accident.number)
        .join(AccidentLink, AccidentLink.target_id == RiskPoint.asset_id)
        .join(Accident, Accident.id == AccidentLink.accident_id)
        .where(
            AccidentLink.kind == "asset",
            RiskPoint.ended_at.is_(None),
            RiskPoint.created_at <= AccidentLink.linked_at,
            _uncalled(Accident.number),
        )
        .order_by(AccidentLink.linked_at, Accident.number, RiskPoint.id)
        .limit(BATCH_MAX)
    )
    return [Call(point_id, TRIGGER, number, now) for point_id, number in rows]


def _of_hazards(session: Session, now: datetime) -> list[Call]:
    """A hazard that belongs to an accident may name a point elsewhere than at the accident's asset."""
    rows = session.execute(
        sa.select(FollowedHazard, Accident.number)
        .join(AccidentLink, AccidentLink.target_id == FollowedHazard.hazard_id)
        .join(Accident, Accident.id == AccidentLink.accident_id)
        .where(
            AccidentLink.kind == "hazard",
            FollowedHazard.is_hidden.is_(False),
            sa.or_(FollowedHazard.risk_point != "", FollowedHazard.failed_measure != ""),
            Accident.closed_at.is_(None),
        )
        .order_by(AccidentLink.linked_at.desc(), Accident.number)
        .limit(BATCH_MAX)
    ).all()
    standings = [row.standing for row, _ in rows]
    book = PointBook.load(session, standings)
    return [
        Call(point_id, TRIGGER, number, now)
        for standing, (_, number) in zip(standings, rows, strict=True)
        for point_id in book.points_of(standing)
    ]
