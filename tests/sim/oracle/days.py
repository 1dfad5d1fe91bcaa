"""Working days as they were known at an instant, and spans counted over them.

The national calendar is the shipped table, year by year replaced by the newest edition imported; a division's own days lie over it. The
year of a span is uncertain while no official notice is known for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from tests.sim.oracle.flows import Span

_ONE = timedelta(days=1)
_WALL = {"min": timedelta(minutes=1), "h": timedelta(hours=1)}
#: statutory days on fixed dates, all that is known of a year without any table
_FIXED = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}


def prefix(division: str) -> str:
    """What a division's code shares with all below it: 990100 → 9901."""
    while len(division) > 2 and division.endswith("00"):
        division = division[:-2]
    return division


@dataclass(eq=False)
class Days:
    """One calendar: the days that differ from Monday to Friday, the years a table speaks of, those that are official."""

    zone: ZoneInfo
    special: Mapping[date, bool]
    tabled: frozenset[int]
    official: frozenset[int]
    _after: dict[tuple[date, int], date] = field(default_factory=dict, repr=False)

    def works(self, day: date) -> bool:
        """Whether offices are open."""
        if day in self.special:
            return self.special[day]
        if day.year not in self.tabled and (day.month, day.day) in _FIXED:
            return False
        return day.weekday() < 5

    def end(self, span: Span, start: datetime) -> datetime:
        """When a span that begins at `start` is over; days to 24:00 of the last, the first not counted."""
        amount, unit = span
        if unit in _WALL:
            return start + amount * _WALL[unit]
        return self._midnight_after(self._last(span, start.astimezone(self.zone).date()))

    def beyond(self, span: Span, expiry: datetime) -> datetime:
        """When a span after an expiry is over; 24:00 of a day belongs to that day."""
        amount, unit = span
        if amount == 0:
            return expiry
        if unit in _WALL:
            return expiry + amount * _WALL[unit]
        return self._midnight_after(self._last(span, self.day_ended(expiry)))

    def ahead(self, span: Span, expiry: datetime) -> datetime:
        """The instant a span before an expiry, at the same hour."""
        amount, unit = span
        if unit in _WALL:
            return expiry - amount * _WALL[unit]
        local, day = expiry.astimezone(self.zone), self.day_ended(expiry)
        earlier = day
        for _ in range(amount):
            earlier -= _ONE
            while unit == "workday" and not self.works(earlier):
                earlier -= _ONE
        return (local - (day - earlier)).astimezone(UTC)

    def unsure(self, span: Span, start: datetime, end: datetime) -> bool:
        """Whether a span of working days crosses a year that is not official."""
        if span[1] != "workday" or span[0] == 0:
            return False
        years = range(start.astimezone(self.zone).year, self.day_ended(end).year + 1)
        return any(year not in self.official for year in years)

    def day_ended(self, instant: datetime) -> date:
        """The day an expiry belongs to."""
        local = instant.astimezone(self.zone)
        return local.date() - _ONE if local.time() == time.min else local.date()

    def _last(self, span: Span, day: date) -> date:
        amount, unit = span
        if unit == "day":
            return day + timedelta(days=amount)
        found = self._after.get((day, amount))
        if found is None:
            found, left = day, amount
            while left:
                found += _ONE
                left -= self.works(found)
            self._after[day, amount] = found
        return found

    def _midnight_after(self, day: date) -> datetime:
        return datetime.combine(day + _ONE, time.min, self.zone).astimezone(UTC)


@dataclass
class Calendars:
    """All calendars by instant and division."""

    zone: ZoneInfo
    shipped: str
    #: rows of imported days
    rows: Sequence[Mapping[str, Any]]
    _made: dict[tuple[int, str], Days] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        grouped: dict[tuple[str, str, int, int], list[Mapping[str, Any]]] = {}
        for row in self.rows:
            year = int(row["day"][:4])
            grouped.setdefault((row["entered_at"], row["division"], year, row["edition"]), []).append(row)
        #: (entered at, division, year, edition) in the order they were imported
        self.editions = sorted(grouped, key=lambda key: (key[0], key[3]))
        self._days = grouped
        self.imports = sorted({key[0] for key in self.editions})

    def at(self, instant: str, division: str) -> Days:
        """The calendar a division went by at an instant."""
        known = sum(key[0] <= instant for key in self.editions) if self.editions else 0
        wanted = prefix(division)
        made = self._made.get((known, wanted))
        if made is None:
            made = self._made[known, wanted] = self._make(known, wanted)
        return made

    def _make(self, known: int, wanted: str) -> Days:
        newest = {
            (division, year): (at, division, year, edition)
            for at, division, year, edition in self.editions[:known]
        }
        special, tabled, official = _shipped(self.shipped)
        for key in [newest[place] for place in sorted(newest) if place[0] == ""]:
            year, rows = key[2], self._days[key]
            special = {day: works for day, works in special.items() if day.year != year} | _special(rows)
            tabled = tabled | {year}
            official = official | {year} if rows[0]["status"] == "official" else official - {year}
        for division in sorted(
            {place[0] for place in newest if place[0] and wanted.startswith(place[0])}, key=len
        ):
            for key in [newest[place] for place in sorted(newest) if place[0] == division]:
                special, tabled = special | _special(self._days[key]), tabled | {key[2]}
                if self._days[key][0]["status"] != "official":
                    official = official - {key[2]}
        return Days(self.zone, special, tabled, official)


def _special(rows: Sequence[Mapping[str, Any]]) -> dict[date, bool]:
    return {date.fromisoformat(row["day"]): row["is_workday"] for row in rows}


@lru_cache(maxsize=4)
def _shipped(text: str) -> tuple[dict[date, bool], frozenset[int], frozenset[int]]:
    years = yaml.safe_load(text)["years"]
    special: dict[date, bool] = {}
    for year, entry in years.items():
        for works, key in ((False, "holidays"), (True, "workdays")):
            for said in entry[key]:
                first, _, last = said.partition("..")
                day, end = (date.fromisoformat(f"{year}-{one}") for one in (first, last or first))
                while day <= end:
                    special[day] = works
                    day += _ONE
    official = frozenset(year for year, entry in years.items() if entry["status"] == "official")
    return special, frozenset(years), official
