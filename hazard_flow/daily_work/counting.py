"""How many there are, by line and kind: the numbers beside the lines. Reads only."""

import uuid
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.daily_work import queries
from hazard_flow.daily_work.formulas import Span
from hazard_flow.daily_work.lines import OPEN, WITHDRAWN
from hazard_flow.daily_work.models import WorkItem, WorkRecord
from hazard_flow.storage.unit import scope_of_session


def item_counts(session: Session, span: Span, part: str, ask: Mapping[str, str]) -> dict[str, int]:
    """Items by line: due within the span, done of those, or late today."""
    where = [
        WorkItem.due_on.between(span.since, span.until),
        sa.or_(WorkItem.outcome.is_(None), WorkItem.outcome != "dropped"),
        queries.whole(scope_of_session(session)).where(WorkItem.path, WorkItem.division),
    ]
    if part == "done":
        where.append(WorkItem.done_on.is_not(None))
    if part == "late":
        where += [WorkItem.outcome.is_(None), WorkItem.due_on < span.today]
    if ask.get("organisation"):
        where.append(WorkItem.home_id == uuid.UUID(ask["organisation"]))
    rows = session.execute(sa.select(WorkItem.line, sa.func.count()).where(*where).group_by(WorkItem.line))
    return {line: int(n) for line, n in rows}


def late_records(session: Session, span: Span, ask: Mapping[str, str]) -> dict[str, int]:
    """Open records whose term is over, by line."""
    return _record_counts(
        session, ask, WorkRecord.line, WorkRecord.state == OPEN, WorkRecord.due_at < span.now
    )


def kind_counts(session: Session, ask: Mapping[str, str]) -> dict[str, int]:
    """Records by kind."""
    return _record_counts(session, ask, WorkRecord.kind, WorkRecord.state != WITHDRAWN)


def _record_counts(
    session: Session,
    ask: Mapping[str, str],
    by: sa.orm.InstrumentedAttribute[str],
    *where: sa.ColumnElement[bool],
) -> dict[str, int]:
    wanted = (
        sa.select(by, sa.func.count()).where(*where, queries.reach(scope_of_session(session))).group_by(by)
    )
    if ask.get("organisation"):
        wanted = wanted.where(WorkRecord.home_id == uuid.UUID(ask["organisation"]))
    return {key: int(n) for key, n in session.execute(wanted)}
