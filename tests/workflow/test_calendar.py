"""Working days, day by day against somebody else's calendar."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest

from hazard_flow.workflow.calendar import Calendar, china, load_calendar
from hazard_flow.workflow.deadlines import add, is_provisional, last_day_before
from hazard_flow.workflow.definition import Duration

ZONE = ZoneInfo("Asia/Shanghai")
#: what their calendar knows
FIRST, LAST = date(2024, 1, 1), date(2026, 12, 31)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
#: hours of the day at which a span may begin: the first and the last minute, and in between
HOURS = (time(0, 0), time(9, 30), time(23, 59))


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_every_day_agrees_with_chinesecalendar(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    differing = [
        d for d in days if d.year == year and china().is_workday(d) != chinese_calendar.is_workday(d)
    ]
    assert differing == []
    assert not china().is_provisional(days[0])


def test_2026_has_248_working_days() -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert sum(map(china().is_workday, days)) == 248


def test_2027_and_unknown_years_are_provisional_and_keep_statutory_days() -> None:
    assert china().is_provisional(date(2027, 3, 1))
    assert china().is_provisional(date(2031, 3, 1))
    assert not china().is_workday(date(2027, 2, 8))  # third day of the lunar year, a Monday
    assert not china().is_workday(date(2031, 10, 1))
    assert china().is_workday(date(2031, 10, 7))


def test_counting_skips_holidays_and_uses_make_up_days() -> None:
    # 30 April 2026 is the Thursday before the holiday of 1–5 May; Saturday 9 May is a make-up day
    assert china().workday_after(date(2026, 4, 30), 1) == date(2026, 5, 6)
    assert china().workday_after(date(2026, 5, 8), 1) == date(2026, 5, 9)
    assert china().workday_before(date(2026, 5, 6), 1) == date(2026, 4, 30)
    assert Calendar().workday_after(date(2026, 4, 30), 0) == date(2026, 4, 30)


def test_a_wrong_calendar_names_the_entry(tmp_path: object) -> None:
    path = tmp_path / "c.yaml"  # type: ignore[operator]
    for entry in ('"02-30"', '"03-05..03-01"', '"soon"'):
        path.write_text(f"years:\n  2024: {{status: official, holidays: [{entry}], workdays: []}}\n", "utf-8")
        with pytest.raises(ValueError, match="2024"):
            load_calendar(path)


def their_working_day(start: date, count: int) -> date | None:
    """The count-th working day after `start` by their calendar; None where it lies beyond what they know."""
    day = start
    while count:
        day += timedelta(days=1)
        if day > LAST:
            return None
        count -= chinese_calendar.is_workday(day)
    return day


def midnight_after(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1) - timedelta(hours=8)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 10, 15, 20])
def test_working_days_from_every_day_of_three_years(count: int) -> None:
    """The first day is not counted, the last one belongs to the span until 24:00, whatever the hour it began."""
    wrong = []
    for day in DAYS:
        last = their_working_day(day, count)
        if last is None:
            continue
        for hour in HOURS:
            start = datetime.combine(day, hour, ZONE)
            ends = add(Duration(count, "workday"), start, zone=ZONE, calendar=china())
            if ends != midnight_after(last) or last_day_before(ends, ZONE) != last:
                wrong.append((start, ends))
    assert wrong == []


@pytest.mark.parametrize("count", [0, 1, 7, 30, 90, 365])
def test_natural_days_from_every_day_of_three_years(count: int) -> None:
    """24:00 of the last day, that day included; holidays and weekends count like any other day."""
    wrong = [
        day
        for day in DAYS
        for hour in HOURS
        if add(Duration(count, "day"), datetime.combine(day, hour, ZONE), zone=ZONE, calendar=china())
        != midnight_after(day + timedelta(days=count))
    ]
    assert wrong == []


def test_every_working_day_span_that_reaches_into_2027_is_marked() -> None:
    """From 2026 on, exactly those that end after what their calendar knows."""
    wrong = []
    for day in (d for d in DAYS if d.year == 2026):
        for count in (1, 5, 20):
            start = datetime.combine(day, time(9), ZONE)
            span = Duration(count, "workday")
            ends = add(span, start, zone=ZONE, calendar=china())
            marked = is_provisional(span, start, ends, zone=ZONE, calendar=china())
            if marked != (their_working_day(day, count) is None):
                wrong.append((day, count))
    assert wrong == []


def test_natural_days_into_2027_are_certain() -> None:
    span, start = Duration(30, "day"), datetime(2026, 12, 20, 9, tzinfo=ZONE)
    ends = add(span, start, zone=ZONE, calendar=china())

    assert not is_provisional(span, start, ends, zone=ZONE, calendar=china())
