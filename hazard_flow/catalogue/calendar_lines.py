"""Files of working days: a table of days (CSV, YAML, JSON), or years with spans as the shipped calendar writes them (YAML, JSON)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from hazard_flow.catalogue.calendars import NATIONAL, OFFICIAL, Calendars, YearOfDays
from hazard_flow.catalogue.cells import FIRST_DAY, LAST_DAY, Fault, Once, at, day_of, flag_of, source_faults
from hazard_flow.catalogue.models import STATUSES
from hazard_flow.catalogue.places import division_of
from hazard_flow.exchange.faults import RowFault
from hazard_flow.exchange.kinds import ImportOrder
from hazard_flow.exchange.records import Reading, Record, check_columns
from hazard_flow.workflow.calendar import FIXED_STATUTORY_DAYS, SATURDAY, Calendar

COLUMNS = ("date", "is_workday", "name", "status", "source", "division")
_NEEDED = ("date", "is_workday", "status", "source")
_YEAR_WORDS = frozenset({"status", "holidays", "workdays", "source", "names"})
NAME_LENGTH_MAX = 40
#: a notice speaks of some 40 days; a file with more than this lists ordinary days as well
LISTED_DAYS_MAX = 150
#: no notice ever moved so many days of a year
DAYS_MAX = 366


def read_years(
    reading: Reading, order: ImportOrder, *, calendars: Calendars, within: Sequence[str]
) -> tuple[list[tuple[int, YearOfDays]], list[RowFault]]:
    """The years of a file, each with the row it begins in, and everything wrong with them."""
    records: list[Record] = list(reading.records)
    faults: list[RowFault] = []
    if reading.document is not None:
        records, faults = _records(reading.document)
    faults = faults or check_columns(records, known=COLUMNS, needed=_NEEDED)
    if faults:
        return [], faults
    grouped: dict[tuple[str, int], list[tuple[Record, date, bool]]] = {}
    once: Once[tuple[str, date]] = Once({})
    for record in records:
        day, works, division, wrong = _day(record, order, within)
        if day is not None and not wrong:
            wrong += list(once.faults(record.row, (division, day), "date"))
            grouped.setdefault((division, day.year), []).append((record, day, works))
        faults += at(record.row, wrong)
    years = [] if faults else [_year(*place, rows) for place, rows in grouped.items()]
    for row, year in years:
        rows = grouped[year.division, year.year]
        faults += at(row, _of_one_mind(rows))
        faults += at(row, _implausible(year, calendars))
    return years, faults


def _day(
    record: Record, order: ImportOrder, within: Sequence[str]
) -> tuple[date | None, bool, str, list[Fault]]:
    text = record.text("date")
    day = day_of(text)
    faults: list[Fault] = [] if day else [("date", "not_a_date", {"value": text})]
    works, wrong = flag_of(record, "is_workday")
    faults += wrong
    if not record.text("is_workday"):
        faults.append(("is_workday", "needed", {}))
    if record.text("status") not in STATUSES:
        faults.append(("status", "not_one_of", {"value": record.text("status"), "choices": STATUSES}))
    faults += source_faults(record)
    if len(record.text("name")) > NAME_LENGTH_MAX:
        faults.append(("name", "too_long", {"limit": NAME_LENGTH_MAX}))
    division, wrong = division_of(record, "division", order, within, national=True)
    return day, works, division, faults + wrong


def _year(division: str, year: int, rows: Sequence[tuple[Record, date, bool]]) -> tuple[int, YearOfDays]:
    """The days of a year; of a list of all days those that differ from Monday to Friday or have a name."""
    is_whole = len(rows) > LISTED_DAYS_MAX
    kept = sorted(
        (day, works, record.text("name"))
        for record, day, works in rows
        if not is_whole or works != (day.weekday() < SATURDAY) or record.text("name")
    )
    first = rows[0][0]
    return first.row, YearOfDays(
        division=division,
        year=year,
        days={day: works for day, works, _ in kept},
        names={day: name for day, _, name in kept if name},
        status=first.text("status"),
        source=first.text("source"),
    )


def _of_one_mind(rows: Sequence[tuple[Record, date, bool]]) -> Iterator[Fault]:
    for column in ("status", "source"):
        if len({record.text(column) for record, _, _ in rows}) > 1:
            yield column, "differs_within_year", {"year": rows[0][1].year}


def _implausible(year: YearOfDays, calendars: Calendars) -> Iterator[Fault]:
    """What no notice would say: an official year without its statutory days, or one that is provisional again."""
    if all(works == (day.weekday() < SATURDAY) for day, works in year.days.items()):
        yield "date", "nothing_differs", {"year": year.year}
        return
    standing = calendars.at(year.division)
    if not year.is_official:
        if year.division == NATIONAL and year.year in standing.official_years:
            yield "status", "official_stays", {"year": year.year}
        return
    if year.division == NATIONAL:
        missing = [
            day for day in _statutory(standing, year.year) if year.days.get(day, day.weekday() < SATURDAY)
        ]
        if missing:
            yield "date", "statutory_day_works", {"days": [day.isoformat() for day in missing]}


def _statutory(standing: Calendar, year: int) -> list[date]:
    """Days that are off whatever the notice says: those on fixed dates, and those the shipped calendar knows of a year without a notice."""
    days = {date(year, month, day) for month, day in FIXED_STATUTORY_DAYS}
    if year not in standing.official_years:
        days |= {day for day, works in standing.exceptions.items() if day.year == year and not works}
    return sorted(days)


def _records(document: Any) -> tuple[list[Record], list[RowFault]]:
    """`years: {2027: {status, holidays, workdays}}` as records; faults stand at the year, counted from the first."""
    years = document.get("years") if isinstance(document, dict) else None
    if not isinstance(years, dict) or not years:
        return [], [RowFault(0, "years", "not_a_list")]
    shared = document.get("source")
    source = shared.get("zh") if isinstance(shared, dict) else shared
    division = document.get("division")
    records: list[Record] = []
    faults: list[RowFault] = []
    for row, (word, entry) in enumerate(years.items(), 1):
        if (
            not str(word).isdigit()
            or not FIRST_DAY.year <= int(word) <= LAST_DAY.year
            or not isinstance(entry, dict)
        ):
            faults.append(RowFault(row, "years", "not_a_year", {"value": word}))
            continue
        faults += [
            RowFault(row, name, "unknown_column", {"known": tuple(sorted(_YEAR_WORDS))})
            for name in sorted(entry.keys() - _YEAR_WORDS)
        ]
        common = {
            "status": entry.get("status"),
            "source": entry.get("source") or source,
            "division": division,
        }
        for column, works in (("holidays", False), ("workdays", True)):
            for span in _listed(entry.get(column)):
                days = _span(int(word), span)
                if not days:
                    faults.append(RowFault(row, column, "not_a_span_of_days", {"value": span}))
                records += [
                    Record(row, {"date": day.isoformat(), "is_workday": works, **common}) for day in days
                ]
    return records, faults


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _span(year: int, span: Any) -> list[date]:
    """The dates of `02-15..02-23` or `01-04`; none where it is neither."""
    first, _, last = str(span).partition("..")
    begin, end = day_of(f"{year}-{first}"), day_of(f"{year}-{last or first}")
    if begin is None or end is None or end < begin or (end - begin).days > DAYS_MAX:
        return []
    return [begin + timedelta(days=n) for n in range((end - begin).days + 1)]


def as_records(year: YearOfDays) -> list[Mapping[str, Any]]:
    """A year as rows `read_years` takes."""
    return [
        {
            "date": day.isoformat(),
            "is_workday": "yes" if works else "no",
            "name": year.names.get(day, ""),
            "status": year.status,
            "source": year.source,
            "division": year.division,
        }
        for day, works in year.days.items()
    ]


def shipped_years(calendar: Calendar, *, source: str) -> list[YearOfDays]:
    """The years of the shipped calendar."""
    return [
        YearOfDays(
            division=NATIONAL,
            year=year,
            days={day: works for day, works in sorted(calendar.exceptions.items()) if day.year == year},
            names={},
            status=OFFICIAL if year in calendar.official_years else "provisional",
            source=source,
        )
        for year in sorted(calendar.table_years)
    ]
