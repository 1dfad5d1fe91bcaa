"""Reads of what waits for people: ratings called for, measures proposed, similar places to look at."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.risk.models import MeasureProposal, RiskPoint, RiskReview, SimilarCheck
from hazard_flow.risk.queries import within

#: how many of a kind a page shows
SHOWN_MAX = 200


def reviews(
    session: Session, *, point_id: uuid.UUID | None = None, open_only: bool = False, limit: int = SHOWN_MAX
) -> Sequence[tuple[RiskReview, RiskPoint]]:
    """Ratings called for, those open first, the soonest due first."""
    wanted = (
        sa.select(RiskReview, RiskPoint)
        .join(RiskPoint, RiskPoint.id == RiskReview.point_id)
        .where(within(session))
        .order_by(RiskReview.done_at.is_not(None), RiskReview.due_on, RiskReview.id)
        .limit(limit)
    )
    if point_id is not None:
        wanted = wanted.where(RiskReview.point_id == point_id)
    if open_only:
        wanted = wanted.where(RiskReview.done_at.is_(None), RiskPoint.ended_at.is_(None))
    return [(row[0], row[1]) for row in session.execute(wanted)]


def proposals(
    session: Session, *, point_id: uuid.UUID | None = None, open_only: bool = False
) -> Sequence[tuple[MeasureProposal, RiskPoint]]:
    """Measures proposed, those open first, the newest first."""
    wanted = (
        sa.select(MeasureProposal, RiskPoint)
        .join(RiskPoint, RiskPoint.id == MeasureProposal.point_id)
        .where(within(session))
        .order_by(MeasureProposal.state != "open", MeasureProposal.proposed_at.desc())
        .limit(SHOWN_MAX)
    )
    if point_id is not None:
        wanted = wanted.where(MeasureProposal.point_id == point_id)
    if open_only:
        wanted = wanted.where(MeasureProposal.state == "open")
    return [(row[0], row[1]) for row in session.execute(wanted)]


def similar_checks(
    session: Session, *, proposal_id: uuid.UUID | None = None
) -> Sequence[tuple[SimilarCheck, Asset]]:
    """Looks at similar places, those open first."""
    wanted = (
        sa.select(SimilarCheck, Asset)
        .join(Asset, Asset.id == SimilarCheck.asset_id)
        .join(RiskPoint, RiskPoint.id == SimilarCheck.point_id)
        .where(within(session))
        .order_by(SimilarCheck.done_at.is_not(None), SimilarCheck.due_on, Asset.code)
        .limit(SHOWN_MAX)
    )
    if proposal_id is not None:
        wanted = wanted.where(SimilarCheck.proposal_id == proposal_id)
    return [(row[0], row[1]) for row in session.execute(wanted)]


@dataclass(frozen=True)
class Due:
    """What waits for people."""

    reviews: int
    overdue: int
    proposals: int
    checks: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.reviews + self.proposals + self.checks


def due(session: Session, now: datetime) -> Due:
    """Open reviews (and those past their day), proposals to decide, looks at similar places to be had."""
    alive = sa.and_(within(session), RiskPoint.ended_at.is_(None))

    def count(model: Any, *conditions: Any) -> int:
        wanted = sa.select(sa.func.count()).select_from(model).join(RiskPoint, RiskPoint.id == model.point_id)
        return session.scalar(wanted.where(alive, *conditions)) or 0

    return Due(
        reviews=count(RiskReview, RiskReview.done_at.is_(None)),
        overdue=count(RiskReview, RiskReview.done_at.is_(None), RiskReview.due_at <= now),
        proposals=count(MeasureProposal, MeasureProposal.state == "open"),
        checks=count(SimilarCheck, SimilarCheck.done_at.is_(None)),
    )
