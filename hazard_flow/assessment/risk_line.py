"""The work line `risk` (domain 5.1): ratings called for within a span, done, done in time, missed."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.inspections.work_lines import LineFigures, LineProvider
from hazard_flow.risk.models import RiskPoint, RiskReview

LINE, UNIT = "risk", "reviews"


def risk_line(zone: ZoneInfo) -> LineProvider:
    """The provider; days are counted in the organisation's zone."""

    def figures(
        session: Session, organisation_ids: Sequence[uuid.UUID], since: date, until: date
    ) -> Mapping[uuid.UUID, Sequence[LineFigures]]:
        return _figures(session, organisation_ids, since, until, zone)

    return figures


def _figures(
    session: Session, organisation_ids: Sequence[uuid.UUID], since: date, until: date, zone: ZoneInfo
) -> Mapping[uuid.UUID, Sequence[LineFigures]]:
    rows = session.execute(
        sa.select(RiskPoint.home_id, RiskReview.due_on, RiskReview.due_at, RiskReview.done_at)
        .join(RiskPoint, RiskPoint.id == RiskReview.point_id)
        .where(
            RiskPoint.home_id.in_(organisation_ids),
            RiskReview.due_on >= since,
            RiskReview.due_on <= until,
        )
    )
    found: dict[uuid.UUID, list[tuple[date, datetime, datetime | None]]] = {}
    for home_id, due_on, due_at, done_at in rows:
        found.setdefault(home_id, []).append((due_on, due_at, done_at))
    return {home_id: [_line(found.get(home_id, ()), until, zone)] for home_id in organisation_ids}


def _line(
    reviews: Sequence[tuple[date, datetime, datetime | None]], until: date, zone: ZoneInfo
) -> LineFigures:
    done = [
        (due_at, at) for _, due_at, at in reviews if at is not None and at.astimezone(zone).date() <= until
    ]
    return LineFigures(
        LINE,
        UNIT,
        due=len(reviews),
        done=len(done),
        on_time=sum(at <= due_at for due_at, at in done),
        missed=len(reviews) - len(done),
        href="/risk/tasks",
    )
