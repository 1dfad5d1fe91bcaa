"""Reads: re-checks, those of one record or place, and how often an enterprise's records were contradicted."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.errors import NotFound
from hazard_flow.storage.paging import Page, keyset
from hazard_flow.storage.unit import scope_of_session
from hazard_flow.supervision.spots.models import SpotCheck


@dataclass(frozen=True)
class Rate:
    """Of one enterprise and one line of work: records that were looked at again, and those that did not hold."""

    checked: int
    contradicted: int

    @property
    def percent(self) -> float:
        """Share that did not hold, 0 to 100."""
        return 100 * self.contradicted / self.checked if self.checked else 0.0


def seen(session: Session) -> sa.ColumnElement[bool]:
    """The re-checks a session's scope sees."""
    return scope_of_session(session).where(SpotCheck.path, SpotCheck.division)


def page(
    session: Session, *, cursor: str | None, limit: int, organisation: uuid.UUID | None = None, outcome: str = "",
    line: str = "",
) -> Page[SpotCheck]:  # fmt: skip
    """Re-checks, the newest first."""
    statement = sa.select(SpotCheck).where(seen(session))
    for column, value in (
        (SpotCheck.home_id, organisation),
        (SpotCheck.outcome, outcome),
        (SpotCheck.line, line),
    ):
        if value:
            statement = statement.where(column == value)
    return keyset(
        session, statement, instant=SpotCheck.checked_at, id_=SpotCheck.id, cursor=cursor, limit=limit
    )


def one(session: Session, spot_id: uuid.UUID) -> SpotCheck:
    """One re-check within the scope; raises NotFound."""
    found = session.scalar(sa.select(SpotCheck).where(SpotCheck.id == spot_id, seen(session)))
    if found is None:
        raise NotFound(f"spot check {spot_id}")
    return found


def of_record(session: Session, kind: str, record_id: uuid.UUID) -> Sequence[SpotCheck]:
    """The re-checks of one record, the newest first."""
    return _newest(session, SpotCheck.record_kind == kind, SpotCheck.record_id == record_id)


def of_asset(session: Session, asset_id: uuid.UUID) -> Sequence[SpotCheck]:
    """The re-checks at one place, the newest first."""
    return _newest(session, SpotCheck.asset_id == asset_id)


def opened_by(session: Session, hazard_id: uuid.UUID) -> Sequence[SpotCheck]:
    """The re-checks that opened a hazard."""
    return _newest(session, SpotCheck.hazard_id == hazard_id)


def rates(
    session: Session, organisation_ids: Sequence[uuid.UUID], since: datetime, until: datetime
) -> Mapping[tuple[uuid.UUID, str], Rate]:
    """(enterprise, line) → re-checks from `since` on, before `until`, and contradictions among them. Feeds indicator I23 (domain 6.2)."""
    rows = session.execute(
        sa.select(
            SpotCheck.home_id,
            SpotCheck.line,
            sa.func.count(),
            sa.func.sum(sa.case((SpotCheck.outcome == "contradicts", 1), else_=0)),
        )
        .where(
            seen(session),
            SpotCheck.home_id.in_(list(organisation_ids)),
            SpotCheck.checked_at >= since,
            SpotCheck.checked_at < until,
        )
        .group_by(SpotCheck.home_id, SpotCheck.line)
    )
    return {(home, line): Rate(int(checked), int(wrong)) for home, line, checked, wrong in rows}


def _newest(session: Session, *conditions: sa.ColumnElement[bool]) -> Sequence[SpotCheck]:
    return session.scalars(
        sa.select(SpotCheck)
        .where(seen(session), *conditions)
        .order_by(SpotCheck.checked_at.desc(), SpotCheck.id)
        .limit(50)
    ).all()
