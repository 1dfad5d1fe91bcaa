"""Working days: a table of official holidays and make-up days by year; years not in the table go by weekday and are provisional."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from hazard_flow.resources import resource_dir

SATURDAY = 5
#: (month, day) of statutory days on fixed dates, for years without any table (全国年节及纪念日放假办法)
FIXED_STATUTORY_DAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})


@dataclass(frozen=True, eq=False)
class Calendar:
    """Which dates are working days; exceptions to the weekday rule only. Known by its identity, so that answers can be remembered."""

    #: date → is it a working day, where it differs from Monday–Friday
    exceptions: Mapping[date, bool] = field(default_factory=dict)
    #: years whose exceptions are complete and official
    official_years: frozenset[int] = frozenset()
    #: years whose exceptions are in the table, official or not
    table_years: frozenset[int] = frozenset()

    def is_workday(self, day: date) -> bool:
        """Whether offices work on this date."""
        known = self.exceptions.get(day)
        if known is not None:
            return known
        if day.year not in self.table_years and (day.month, day.day) in FIXED_STATUTORY_DAYS:
            return False
        return day.weekday() < SATURDAY

    def is_provisional(self, day: date) -> bool:
        """Whether the answer for this date may still change."""
        return day.year not in self.official_years

    def workday_after(self, day: date, count: int) -> date:
        """The count-th working day after `day`, which itself is not counted; `day` for 0."""
        assert count >= 0
        while count:
            day += timedelta(days=1)
            count -= self.is_workday(day)
        return day

    def workday_before(self, day: date, count: int) -> date:
        """The count-th working day before `day`, which itself is not counted."""
        assert count >= 0
        while count:
            day -= timedelta(days=1)
            count -= self.is_workday(day)
        return day


#: Monday to Friday, nothing known of any year; for comparing spans, not for deadlines
WEEKDAYS_ONLY = Calendar()


@cache
def china() -> Calendar:
    """The installed calendar of mainland China."""
    return load_calendar(resource_dir("workflows") / "calendar.cn.yaml")


def load_calendar(path: Path) -> Calendar:
    """Read a calendar file. Raises ValueError naming the year and the wrong entry."""
    table: dict[str, Any] = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    exceptions: dict[date, bool] = {}
    official: set[int] = set()
    for year, entry in table["years"].items():
        if entry["status"] not in ("official", "provisional"):
            raise ValueError(
                f"{path.name}: {year}: status must be official or provisional, not {entry['status']!r}"
            )
        if entry["status"] == "official":
            official.add(int(year))
        for works, spans in ((False, entry["holidays"]), (True, entry["workdays"])):
            for day in _days(path.name, int(year), spans):
                if day in exceptions:
                    raise ValueError(f"{path.name}: {day} stands twice")
                exceptions[day] = works
    return Calendar(exceptions, frozenset(official), frozenset(int(year) for year in table["years"]))


def _days(file: str, year: int, spans: Iterable[str]) -> Iterable[date]:
    """Dates of `02-15..02-23` and `01-04`."""
    for span in spans:
        first, _, last = str(span).partition("..")
        try:
            day, end = date.fromisoformat(f"{year}-{first}"), date.fromisoformat(f"{year}-{last or first}")
        except ValueError as error:
            raise ValueError(
                f"{file}: {year}: {span!r} is not a day `MM-DD` or a span `MM-DD..MM-DD`"
            ) from error
        if end < day:
            raise ValueError(f"{file}: {year}: {span!r} ends before it starts")
        while day <= end:
            yield day
            day += timedelta(days=1)
