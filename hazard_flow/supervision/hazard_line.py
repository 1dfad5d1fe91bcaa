"""The line *hazard governance*: rectifications that were due within the days, and what became of them."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import rules_of
from hazard_flow.inspections.work_lines import LineFigures
from hazard_flow.storage.unit import scope_of_session
from hazard_flow.supervision.lines import begin_of

LINE, UNIT = "hazards", "hazards"


def figures(
    session: Session, organisation_ids: Sequence[uuid.UUID], since: date, until: date
) -> Mapping[uuid.UUID, Sequence[LineFigures]]:
    """By enterprise: due by the original deadline within the days; done when the re-check passed; late, missed; hazards found in them."""
    zone = rules_of(session).zone
    begins, ends = begin_of(since, zone), begin_of(until + timedelta(days=1), zone)
    seen = scope_of_session(session).where(Hazard.path, Hazard.division, Hazard.parties)
    rectified = sa.or_(Hazard.resolution.is_(None), Hazard.resolution == "rectified")
    due = sa.and_(Hazard.original_due_at >= begins, Hazard.original_due_at < ends, rectified)
    done = sa.and_(due, Hazard.verified_at.is_not(None), Hazard.verified_at < ends)
    # what counts as in time is when the work was handed in, so that a slow re-check does not make it late
    in_time = sa.and_(
        done, sa.func.coalesce(Hazard.completed_at, Hazard.verified_at) <= Hazard.original_due_at
    )
    found = sa.and_(Hazard.reported_at >= begins, Hazard.reported_at < ends)
    rows = session.execute(
        sa.select(Hazard.home_id, _count(due), _count(done), _count(in_time), _count(found))
        .where(seen, Hazard.home_id.in_(list(organisation_ids)))
        .group_by(Hazard.home_id)
    )
    return {
        home: [
            LineFigures(
                line=LINE, unit=UNIT, due=owed, done=ended, on_time=early, missed=owed - ended, findings=new,
                href=f"/hazards?organisation={home}",
            )
        ]
        for home, owed, ended, early, new in rows
    }  # fmt: skip


def _count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)
