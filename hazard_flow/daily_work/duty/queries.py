"""Reads of the duty: the shifts of a week, and who is on at an instant."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.daily_work.lines import WITHDRAWN
from hazard_flow.daily_work.models import WorkRecord
from hazard_flow.daily_work.queries import reach
from hazard_flow.identity.queries import names
from hazard_flow.storage.unit import scope_of_session

SHIFT, CALL_TEST = "shift", "call_test"
DAYS = 7
#: a shift may have begun the day before the week
LONGEST = timedelta(days=3)


@dataclass(frozen=True)
class Shift:
    """One person's time on duty."""

    id: uuid.UUID
    person_id: uuid.UUID | None
    person: str
    post: str
    begins_at: datetime
    ends_at: datetime

    def is_on(self, at: datetime) -> bool:
        """Whether it is under way."""
        return self.begins_at <= at < self.ends_at


def shifts(session: Session, monday: date, *, home_id: uuid.UUID | None = None) -> list[Shift]:
    """The shifts that touch a week, in time."""
    since, until = monday - LONGEST, monday + timedelta(days=DAYS)
    wanted = sa.select(WorkRecord).where(
        WorkRecord.kind == SHIFT,
        WorkRecord.state != WITHDRAWN,
        WorkRecord.happened_on.between(since, until),
        reach(scope_of_session(session)),
    )
    if home_id is not None:
        wanted = wanted.where(WorkRecord.home_id == home_id)
    rows = session.scalars(wanted.order_by(WorkRecord.happened_on)).all()
    return sorted(_drawn(session, rows), key=lambda one: (one.begins_at, one.post))


def on_duty(
    session: Session, at: datetime, *, zone: ZoneInfo, home_id: uuid.UUID | None = None
) -> list[Shift]:
    """Who is on now."""
    today = at.astimezone(zone).date()
    near = shifts(session, today, home_id=home_id)
    return [one for one in near if one.is_on(at)]


def gaps(found: Sequence[Shift], day: date, *, zone: ZoneInfo) -> bool:
    """Whether some minute of a day has nobody at the dispatcher's desk: the duty is kept for 24 hours."""
    begins = datetime(day.year, day.month, day.day, tzinfo=zone)
    ends, covered = begins + timedelta(days=1), begins
    for one in sorted((s for s in found if s.post == "dispatcher"), key=lambda s: s.begins_at):
        if one.begins_at <= covered < one.ends_at:
            covered = one.ends_at
    return covered < ends


def _drawn(session: Session, rows: Sequence[WorkRecord]) -> list[Shift]:
    who = names(session, {row.person_id for row in rows if row.person_id})
    return [
        Shift(
            row.id,
            row.person_id,
            who.get(row.person_id, "") if row.person_id else "",
            str(row.data["post"]),
            datetime.fromisoformat(row.data["begins_at"]),
            datetime.fromisoformat(row.data["ends_at"]),
        )
        for row in rows
    ]
