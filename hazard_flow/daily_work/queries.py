"""Reads: records, plans and items within a scope, what a record hangs on, and what files it has."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.daily_work.formulas import Rows
from hazard_flow.daily_work.lines import OPEN, WITHDRAWN
from hazard_flow.daily_work.models import WorkFile, WorkItem, WorkPlan, WorkRecord, WorkRecordStep
from hazard_flow.storage.paging import Page, keyset
from hazard_flow.storage.scope import Scope
from hazard_flow.storage.unit import scope_of_session

LISTED_MAX = 400
#: planned work stands at home this long before its last day
SOON_DAYS = 7


@dataclass(frozen=True)
class Wanted:
    """Which records of a kind."""

    q: str = ""
    #: open, done, withdrawn; empty for all but the withdrawn
    state: str = ""
    #: those whose validity ended before this day
    expired_on: date | None = None
    organisation_id: uuid.UUID | None = None


def reach(scope: Scope) -> sa.ColumnElement[bool]:
    """Records of one's own units, those one is named in, and what the whole enterprise shares."""
    anywhere = whole(scope).where(WorkRecord.path, WorkRecord.division)
    return sa.or_(
        scope.where(WorkRecord.path, WorkRecord.division, WorkRecord.parties),
        sa.and_(WorkRecord.is_shared, anywhere),
    )


def page(
    session: Session,
    kind: str,
    wanted: Wanted,
    *,
    cursor: str | None,
    limit: int,
    among: Rows | None = None,
) -> Page[WorkRecord]:
    """Records of a kind, the newest first; only those a figure counts where `among` is given."""
    statement = sa.select(WorkRecord).where(WorkRecord.kind == kind, reach(scope_of_session(session)))
    fits = WorkRecord.state == wanted.state if wanted.state else WorkRecord.state != WITHDRAWN
    statement = statement.where(fits)
    if wanted.q:
        statement = statement.where(WorkRecord.words.icontains(wanted.q, autoescape=True))
    if wanted.expired_on:
        statement = statement.where(WorkRecord.valid_until < wanted.expired_on)
    if wanted.organisation_id:
        statement = statement.where(WorkRecord.home_id == wanted.organisation_id)
    if among is not None:
        statement = statement.where(*among.where)
    return keyset(
        session, statement, instant=WorkRecord.created_at, id_=WorkRecord.id, cursor=cursor, limit=limit
    )


def all_of(session: Session, kind: str, *, home_path: str = "") -> Sequence[WorkRecord]:
    """Every record of a kind in reach that was not withdrawn, by its own key or day: for files."""
    statement = sa.select(WorkRecord).where(
        WorkRecord.kind == kind, WorkRecord.state != WITHDRAWN, reach(scope_of_session(session))
    )
    if home_path:
        statement = statement.where(WorkRecord.path.startswith(home_path, autoescape=True))
    return session.scalars(
        statement.order_by(WorkRecord.own_key, WorkRecord.happened_on, WorkRecord.id)
    ).all()


def one(session: Session, record_id: uuid.UUID) -> WorkRecord | None:
    """One record, if the scope reaches it."""
    return session.scalar(
        sa.select(WorkRecord).where(WorkRecord.id == record_id, reach(scope_of_session(session)))
    )


def by_own_key(session: Session, kind: str, own_key: str, *, home_id: uuid.UUID) -> WorkRecord | None:
    """One record by the enterprise's own key, if the scope reaches it."""
    return session.scalar(
        sa.select(WorkRecord).where(
            WorkRecord.kind == kind,
            WorkRecord.own_key == own_key,
            WorkRecord.home_id == home_id,
            reach(scope_of_session(session)),
        )
    )


def many(session: Session, ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, WorkRecord]:
    """Those of these records the scope reaches."""
    if not ids:
        return {}
    found = session.scalars(
        sa.select(WorkRecord).where(WorkRecord.id.in_(list(ids)), reach(scope_of_session(session)))
    )
    return {row.id: row for row in found}


def children(session: Session, record: WorkRecord) -> Sequence[WorkRecord]:
    """What hangs on a record, the newest first: the way of a cylinder, the improvements of a drill."""
    return session.scalars(
        sa.select(WorkRecord)
        .where(
            WorkRecord.parent_id == record.id,
            WorkRecord.state != WITHDRAWN,
            reach(scope_of_session(session)),
        )
        .order_by(WorkRecord.happened_on.desc(), WorkRecord.created_at.desc())
        .limit(LISTED_MAX)
    ).all()


def steps(session: Session, record: WorkRecord) -> Sequence[WorkRecordStep]:
    """Everything a record ever said, the newest first."""
    return session.scalars(
        sa.select(WorkRecordStep)
        .where(WorkRecordStep.record_id == record.id)
        .order_by(WorkRecordStep.version.desc())
    ).all()


def files(session: Session, record_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, list[WorkFile]]:
    """The files of these records, in the order they came."""
    found: dict[uuid.UUID, list[WorkFile]] = {}
    for row in session.scalars(
        sa.select(WorkFile)
        .where(WorkFile.record_id.in_(list(record_ids)))
        .order_by(WorkFile.received_at, WorkFile.id)
    ):
        found.setdefault(row.record_id, []).append(row)
    return found


def plans(session: Session, line: str, *, home_id: uuid.UUID | None = None) -> Sequence[WorkPlan]:
    """The standing plans of a line within reach."""
    wanted = sa.select(WorkPlan).where(
        WorkPlan.line == line,
        WorkPlan.ended_on.is_(None),
        whole(scope_of_session(session)).where(WorkPlan.path, WorkPlan.division),
    )
    if home_id is not None:
        wanted = wanted.where(WorkPlan.home_id == home_id)
    return session.scalars(wanted.order_by(WorkPlan.path, WorkPlan.created_at).limit(LISTED_MAX)).all()


def plan(session: Session, plan_id: uuid.UUID) -> WorkPlan | None:
    """One plan, if the scope reaches it."""
    return session.scalar(
        sa.select(WorkPlan).where(
            WorkPlan.id == plan_id, whole(scope_of_session(session)).where(WorkPlan.path, WorkPlan.division)
        )
    )


def items(
    session: Session,
    line: str,
    *,
    home_id: uuid.UUID | None = None,
    limit: int = 60,
    among: Rows | None = None,
) -> Sequence[WorkItem]:
    """What the plans of a line ask for: what is owed first, the soonest due before all, then what was done last."""
    wanted = sa.select(WorkItem).where(
        WorkItem.line == line, whole(scope_of_session(session)).where(WorkItem.path, WorkItem.division)
    )
    if home_id is not None:
        wanted = wanted.where(WorkItem.home_id == home_id)
    if among is not None:
        wanted = wanted.where(*among.where)
    owed_first = sa.case((WorkItem.outcome.is_(None), 0), else_=1)
    return session.scalars(wanted.order_by(owed_first, WorkItem.due_on, WorkItem.id).limit(limit)).all()


def owed_items(session: Session, kind: str, *, path: str) -> Sequence[WorkItem]:
    """Items of a kind a record of this unit could do: its own and those of the units above it, the oldest first."""
    rows = session.scalars(
        sa.select(WorkItem)
        .where(
            WorkItem.kind == kind,
            WorkItem.outcome.is_(None),
            WorkItem.home_id == uuid.UUID(hex=path.split("/", 1)[0]),
        )
        .order_by(WorkItem.begins_on, WorkItem.id)
    )
    return [row for row in rows if path.startswith(row.path)]


def open_children(session: Session, record_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, int]:
    """How many records that hang on each are still open."""
    rows = session.execute(
        sa.select(WorkRecord.parent_id, sa.func.count())
        .where(WorkRecord.parent_id.in_(list(record_ids)), WorkRecord.state == OPEN)
        .group_by(WorkRecord.parent_id)
    )
    return {row[0]: int(row[1]) for row in rows if row[0] is not None}


def whole(scope: Scope) -> Scope:
    """Whole organisations: plans and what is shared belong to everybody in the enterprise."""
    return Scope(paths=scope.homes or scope.paths, divisions=scope.divisions, everything=scope.everything)


def pressing(session: Session, today: date, *, limit: int) -> Sequence[WorkItem]:
    """Items of the units the reader answers for that are late or due within a week, the earliest first."""
    scope = scope_of_session(session)
    return session.scalars(
        sa.select(WorkItem)
        .where(
            WorkItem.outcome.is_(None),
            WorkItem.due_on <= today + timedelta(days=SOON_DAYS),
            scope.where(WorkItem.path, WorkItem.division),
        )
        .order_by(WorkItem.due_on, WorkItem.id)
        .limit(limit)
    ).all()


def expired(session: Session, today: date, *, home_id: uuid.UUID | None = None) -> int:
    """How many records in reach are in force no longer."""
    wanted = sa.select(sa.func.count()).where(
        WorkRecord.valid_until < today,
        WorkRecord.state != WITHDRAWN,
        reach(scope_of_session(session)),
    )
    if home_id is not None:
        wanted = wanted.where(WorkRecord.home_id == home_id)
    return int(session.scalar(wanted) or 0)
