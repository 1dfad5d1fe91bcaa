"""Working days, day by day against somebody else's calendar."""

from datetime import date, timedelta

import chinese_calendar
import pytest

from hazard_flow.workflow.calendar import Calendar, china, load_calendar


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
