"""Closed in the last day of a period.

Definition: of the hazards an enterprise closed as rectified in a month, more than a share were closed in the month's last 24 hours
(organisation's zone); the ends of quarters, half-years and years are ends of months too. Why: closing rates are counted at the end of
periods (domain 6.2 I01, 7.3), and batch closing just before is the known way to reach them (domain 5.4 [D]). An honest enterprise trips it
when its closing meeting is held on the last working day: the hazards behind it then have re-checks of other days.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assessment.radar.asking import CASE, ROWS_MAX, Asked, case_of
from hazard_flow.assessment.radar.findings import ENTERPRISE, Case, Finding, score
from hazard_flow.hazards.models import Hazard

KEY = "last_day_closing"
DAY = timedelta(hours=24)


@dataclass(frozen=True)
class Period:
    """A month by its instants; its last day begins 24 hours before its end."""

    name: str
    begins_at: datetime
    ends_at: datetime

    @property
    def last_day_at(self) -> datetime:
        """When the last day begins."""
        return self.ends_at - DAY

    @property
    def days(self) -> int:
        """Its length in days."""
        return round((self.ends_at - self.begins_at) / DAY)


def judge(closed: int, on_last_day: int, limits: Mapping[str, int]) -> float | None:
    """How many times the share lies beyond its threshold; None where it does not."""
    if on_last_day < limits["least"] or not closed:
        return None
    percent = 100 * on_last_day / closed
    return percent / limits["percent"] if percent >= limits["percent"] else None


def periods(since: datetime, now: datetime, zone: ZoneInfo) -> list[Period]:
    """The months whose last day lies in the span, or has begun in it."""
    first = since.astimezone(zone).date().replace(day=1)
    found = []
    while (begins_at := _midnight(first, zone)) <= now:
        following = (first + timedelta(days=32)).replace(day=1)
        one = Period(f"{first:%Y-%m}", begins_at, _midnight(following, zone))
        if one.last_day_at <= now and one.ends_at > since:
            found.append(one)
        first = following
    return found


def look(session: Session, asked: Asked) -> Sequence[Finding]:
    """Every enterprise and month with too many closings on the last day."""
    limits = asked.rules.limits(KEY)
    found = []
    months = periods(asked.since, asked.now, asked.zone)
    counts, cases = _counts(session, asked, months), _cases(session, asked, months)
    for (home, name), on_day in cases.items():
        month = next(one for one in months if one.name == name)
        closed = counts.get((home, name), 0)
        ratio = judge(closed, len(on_day), limits)
        if ratio is not None:
            share = round(100 * len(on_day) / closed)
            found.append(
                Finding(
                    KEY, home, ENTERPRISE, home, score(limits["weight"], ratio), month.ends_at,
                    {"percent": limits["percent"], "even": round(100 / month.days)},
                    {"month": name, "n": len(on_day), "closed": closed, "percent": share}, tuple(on_day),
                )
            )  # fmt: skip
    return found


def _counts(session: Session, asked: Asked, months: Sequence[Period]) -> dict[tuple[uuid.UUID, str], int]:
    """Closings of each enterprise in each month."""
    if not months:
        return {}
    sums = [sa.func.sum(sa.case((_within(one.begins_at, one.ends_at), 1), else_=0)) for one in months]
    rows = session.execute(
        sa.select(Hazard.home_id, *sums)
        .where(
            *asked.hazards(),
            Hazard.resolution == "rectified",
            _within(months[0].begins_at, months[-1].ends_at),
        )
        .group_by(Hazard.home_id)
    )
    return {
        (row[0], month.name): int(count) for row in rows for month, count in zip(months, row[1:], strict=True)
    }


def _cases(
    session: Session, asked: Asked, months: Sequence[Period]
) -> dict[tuple[uuid.UUID, str], list[Case]]:
    if not months:
        return {}
    rows = session.execute(
        sa.select(*CASE)
        .where(
            *asked.hazards(),
            Hazard.resolution == "rectified",
            sa.or_(*[_within(one.last_day_at, one.ends_at) for one in months]),
        )
        .order_by(Hazard.closed_at.desc())
        .limit(ROWS_MAX)
    )
    found: dict[tuple[uuid.UUID, str], list[Case]] = defaultdict(list)
    for row in rows:
        month = next(one for one in months if one.last_day_at <= row.closed_at < one.ends_at)
        found[row.home_id, month.name].append(case_of(row))
    return found


def _within(begins_at: datetime, ends_at: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(Hazard.closed_at >= begins_at, Hazard.closed_at < ends_at)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
