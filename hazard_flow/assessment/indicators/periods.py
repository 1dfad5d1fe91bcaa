"""Months, quarters and years by the zone of the organisation (domain 6.1)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import total_ordering
from zoneinfo import ZoneInfo

KINDS = ("month", "quarter", "year")
_KEY = re.compile(r"(\d{4})(?:-(?:(0[1-9]|1[0-2])|Q([1-4])))?")
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@total_ordering
@dataclass(frozen=True)
class Period:
    """A month `2026-11`, a quarter `2026-Q4` or a year `2026`; `last` is its last day."""

    key: str
    kind: str
    first: date
    last: date

    def __lt__(self, other: "Period") -> bool:
        return (self.first, self.last) < (other.first, other.last)

    def begins_at(self, zone: ZoneInfo) -> datetime:
        """Its first instant."""
        return datetime.combine(self.first, time(), zone)

    def ends_at(self, zone: ZoneInfo) -> datetime:
        """The first instant after it."""
        return datetime.combine(self.last + timedelta(days=1), time(), zone)

    @property
    def before(self) -> "Period":
        """The one before it, of its kind."""
        return period_of(self.first - timedelta(days=1), self.kind)

    @property
    def year_before(self) -> "Period":
        """The same a year earlier: what a season is compared with."""
        return period_of(self.first.replace(year=self.first.year - 1), self.kind)


def period_of(day: date, kind: str) -> Period:
    """The period of a kind a day lies in."""
    months = _MONTHS[kind]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    beyond = date(first.year + (first.month + months > 12), (first.month + months - 1) % 12 + 1, 1)
    key = {
        "month": f"{first:%Y-%m}",
        "quarter": f"{first.year:04}-Q{(first.month + 2) // 3}",
        "year": f"{first.year:04}",
    }[kind]
    return Period(key, kind, first, beyond - timedelta(days=1))


def read_period(key: str) -> Period:
    """A period by its key; raises ValueError for any other text."""
    found = _KEY.fullmatch(key)
    if found is None or int(found[1]) < 2000:
        raise ValueError(f"no period: {key[:20]!r}")
    year, month, quarter = int(found[1]), found[2], found[3]
    if month:
        return period_of(date(year, int(month), 1), "month")
    if quarter:
        return period_of(date(year, 3 * int(quarter), 1), "quarter")
    return period_of(date(year, 1, 1), "year")


def back(period: Period, count: int) -> Sequence[Period]:
    """A period and those before it, `count` in all, the oldest first."""
    found = [period]
    while len(found) < count:
        found.append(found[-1].before)
    return found[::-1]
