"""The days that follow from a record or a plan: terms, watched days, when something is in force, how an item was done. Pure."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hazard_flow.daily_work.fields import day_of
from hazard_flow.daily_work.lines import RecordKind, Term, Watch
from hazard_flow.inspections import recurrence
from hazard_flow.workflow.calendar import Calendar

#: a record entered no later than this after the day it speaks of is credited with that day; later ones with the day they came in [D]
ENTERED_WITHIN_DAYS = 7
#: where a rule ends and no next item says how long there is
LAST_ITEM_DAYS = 365


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The end of a day in the organisation's zone: midnight, when the next one begins."""
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def term_ends(
    term: Term, values: Mapping[str, Any], *, calendar: Calendar, zone: ZoneInfo
) -> datetime | None:
    """By when an open record is ended; None while the day it counts from is not given.

    Working days begin with the one after (Civil Code art. 201), by the calendar of the record's division.
    """
    day = day_of(values, term.field, zone)
    if day is None:
        return None
    if term.is_the_day:
        return end_of(day, zone)
    if term.by:
        return end_of(calendar.workday_after(day, term.working_days[values[term.by]]), zone)
    return end_of(day + timedelta(days=term.days), zone)


def in_force_until(kind: RecordKind, values: Mapping[str, Any], zone: ZoneInfo) -> date | None:
    """The last day the record is in force: the earliest of the days that end it; None where none is given."""
    return min((day for key in kind.expires if (day := day_of(values, key, zone))), default=None)


def watched_until(watch: Watch, values: Mapping[str, Any], zone: ZoneInfo) -> date | None:
    """The last day on which a watched day can still be attended to in time."""
    day = day_of(values, watch.field, zone)
    return _months_before(day, watch.months_before) - timedelta(days=watch.days_before) if day else None


def is_attended(watch: Watch, values: Mapping[str, Any], zone: ZoneInfo) -> bool:
    """Whether somebody did what the watch asks for; what was done before the last time it began does not count."""
    done = day_of(values, watch.met_by, zone) if watch.met_by else None
    since = day_of(values, watch.since, zone) if watch.since else None
    return done is not None and (since is None or done > since)


def item_ends(rule: str, term_days: int, *, start: date, begins: date) -> date:
    """The last day of an item of a plan."""
    if term_days:
        return begins + timedelta(days=term_days - 1)
    following = recurrence.next_day(rule, start=start, after=begins)
    return following - timedelta(days=1) if following else begins + timedelta(days=LAST_ITEM_DAYS - 1)


def credited_on(happened: date, *, entered: date) -> date:
    """The day a record counts as done on: its own, if it was entered while people still knew; otherwise the day it came in."""
    return happened if (entered - happened).days <= ENTERED_WITHIN_DAYS else entered


def _months_before(day: date, months: int) -> date:
    """The same day so many months earlier; the last of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
