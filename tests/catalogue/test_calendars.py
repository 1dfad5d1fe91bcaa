"""Imported years over the shipped calendar, regional days over both."""

from datetime import date

from hazard_flow.catalogue.calendars import YearOfDays, changed_days, compose
from hazard_flow.workflow.calendar import china

MONDAY, SUNDAY, NEW_YEAR = date(2027, 1, 4), date(2027, 1, 10), date(2027, 1, 1)


def year(division: str = "", status: str = "official", number: int = 2027, **days: bool) -> YearOfDays:
    named = {date(number, int(word[1:3]), int(word[3:])): works for word, works in days.items()}
    return YearOfDays(division, number, named, {}, status, f"notice of {division or 'all'}")


def test_an_imported_year_replaces_the_whole_shipped_one():
    """What the new notice does not name is an ordinary day again: nothing of the guess remains."""
    calendars = compose([year(d0101=False, d0104=False, d0110=True)])

    assert not calendars.at().is_workday(MONDAY)
    assert calendars.at().is_workday(SUNDAY)
    assert calendars.at().is_workday(date(2027, 2, 8))  # a holiday of the shipped guess
    assert not calendars.at().is_provisional(MONDAY)
    assert calendars.at().is_provisional(date(2028, 1, 4))
    assert not china().is_workday(date(2027, 2, 8))


def test_a_region_adds_its_days_to_those_of_the_country():
    """Of province and city both count; a county elsewhere goes by the country."""
    calendars = compose([year(d0101=False), year("64", d0104=False), year("6401", d0105=False)])

    assert [calendars.at(d).is_workday(MONDAY) for d in ("640105", "640200", "110101", "")] == [
        False,
        False,
        True,
        True,
    ]
    assert not calendars.at("640105").is_workday(date(2027, 1, 5))
    assert not calendars.at("640105").is_workday(NEW_YEAR)
    assert calendars.source_of("640105", [2027]) == "notice of all；notice of 64；notice of 6401"


def test_a_year_is_official_where_all_of_it_is():
    calendars = compose([year(d0101=False), year("64", status="provisional", d0104=False)])

    assert calendars.at("640105").is_provisional(MONDAY)
    assert not calendars.at("110101").is_provisional(MONDAY)


def test_what_changed_is_told_day_by_day():
    before, after = (
        compose([year(d0101=False)]).at(),
        compose([year(d0101=False, d0104=False, d0110=True)]).at(),
    )

    assert changed_days(before, after, 2027) == [MONDAY, SUNDAY]
    assert changed_days(before, before, 2027) == []
