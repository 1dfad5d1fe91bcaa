"""The working days of every division: the shipped calendar, imported years over it, days single divisions have over both. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from hazard_flow.identity.roles import division_prefix
from hazard_flow.workflow.calendar import Calendar, china

NATIONAL = ""
OFFICIAL, PROVISIONAL = "official", "provisional"


@dataclass(frozen=True)
class YearOfDays:
    """One year as it was announced: the days that differ from Monday to Friday, with the names of the occasions."""

    division: str
    year: int
    #: date → is it a working day
    days: Mapping[date, bool]
    names: Mapping[date, str]
    status: str
    source: str
    edition: int = 0
    #: actor's key; empty for what is shipped
    entered_by: str = ""

    @property
    def is_official(self) -> bool:
        """Whether it follows a published notice."""
        return self.status == OFFICIAL

    def says_the_same(self, other: "YearOfDays") -> bool:
        """Whether nothing a person reads or a deadline is counted by differs."""
        return (self.days, self.names, self.status, self.source) == (
            other.days, other.names, other.status, other.source,
        )  # fmt: skip


@dataclass(frozen=True)
class Calendars:
    """The calendar of the country and of each division that has days of its own."""

    national: Calendar = field(default_factory=china)
    #: prefix of division codes → its calendar, complete
    local: Mapping[str, Calendar] = field(default_factory=dict)
    #: the newest imported edition of each (division, year)
    years: tuple[YearOfDays, ...] = ()

    def at(self, division: str = NATIONAL) -> Calendar:
        """The calendar a place goes by: of the most specific division that has one, else the country's."""
        if not self.local or not division:
            return self.national
        prefix = division_prefix(division)
        fitting = [known for known in self.local if prefix.startswith(known)]
        return self.local[max(fitting, key=len)] if fitting else self.national

    def year(self, division: str, year: int) -> YearOfDays | None:
        """The imported edition of a year, or None."""
        return next((one for one in self.years if (one.division, one.year) == (division, year)), None)

    def source_of(self, division: str, years: Iterable[int]) -> str:
        """Where the days of these years come from, for a record; empty for the shipped ones."""
        prefix = division_prefix(division) if division else NATIONAL
        wanted = set(years)
        found = [one.source for one in self.years if one.year in wanted and prefix.startswith(one.division)]
        return "；".join(dict.fromkeys(found))


def compose(years: Sequence[YearOfDays], *, base: Calendar | None = None) -> Calendars:
    """The calendars of all divisions from the newest edition of each year."""
    country = base or china()
    for one in years:
        if one.division == NATIONAL:
            country = _replaced(country, one)
    local: dict[str, Calendar] = {}
    for division in sorted({one.division for one in years} - {NATIONAL}, key=len):
        above = [known for known in local if division.startswith(known)]
        calendar = local[max(above, key=len)] if above else country
        for one in years:
            if one.division == division:
                calendar = _overlaid(calendar, one)
        local[division] = calendar
    return Calendars(country, local, tuple(sorted(years, key=lambda one: (one.division, one.year))))


def changed_days(before: Calendar, after: Calendar, year: int) -> list[date]:
    """The days of a year that became or ceased to be working days."""
    days = {day for day in (*before.exceptions, *after.exceptions) if day.year == year}
    days |= {date(year, month, day) for month, day in ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3))}
    return sorted(day for day in days if before.is_workday(day) != after.is_workday(day))


def _replaced(calendar: Calendar, one: YearOfDays) -> Calendar:
    """The same calendar with a whole year announced anew."""
    kept = {day: works for day, works in calendar.exceptions.items() if day.year != one.year}
    official = calendar.official_years - {one.year} | ({one.year} if one.is_official else set())
    return Calendar({**kept, **one.days}, frozenset(official), calendar.table_years | {one.year})


def _overlaid(calendar: Calendar, one: YearOfDays) -> Calendar:
    """The same calendar with further days of a division; its year is official only if both are."""
    official = calendar.official_years if one.is_official else calendar.official_years - {one.year}
    return Calendar(
        {**calendar.exceptions, **one.days}, frozenset(official), calendar.table_years | {one.year}
    )
