"""From a span to an instant, as the law counts (domain 3.4.2).

Minutes and hours are wall time. Days are natural and end at 24:00 of the last day, which is the next midnight; the day of the start is not
counted (Civil Code art. 201, 203). Working days skip what the calendar calls no working day.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from hazard_flow.workflow.calendar import Calendar
from hazard_flow.workflow.definition import Duration

#: Limits counted in days run out together at midnight: after an outage thousands of timers ask the same question.
REMEMBERED = 4096

_WALL = {"min": timedelta(minutes=1), "h": timedelta(hours=1)}


@dataclass(frozen=True)
class Reckoning:
    """In which zone and by which calendar days are counted."""

    zone: ZoneInfo
    calendar: Calendar


def add(duration: Duration, start: datetime, *, zone: ZoneInfo, calendar: Calendar) -> datetime:
    """The instant a span from `start` runs out, aware UTC."""
    if duration.unit in _WALL:
        return start.astimezone(UTC) + duration.amount * _WALL[duration.unit]
    return _end_of_last_day(duration, start.astimezone(zone).date(), zone, calendar)


def after_expiry(duration: Duration, expires_at: datetime, *, zone: ZoneInfo, calendar: Calendar) -> datetime:
    """The instant a span after an expiry runs out.

    An expiry at local midnight is 24:00 of the day before: one working day after "Monday, that day included" is Tuesday 24:00.
    No time after an expiry is the expiry itself, whatever the unit.
    """
    if duration.amount == 0:
        return expires_at.astimezone(UTC)
    if duration.unit in _WALL:
        return add(duration, expires_at, zone=zone, calendar=calendar)
    return _end_of_last_day(duration, last_day_before(expires_at, zone), zone, calendar)


def before(duration: Duration, instant: datetime, *, zone: ZoneInfo, calendar: Calendar) -> datetime:
    """The instant a span before a deadline; whole days keep the deadline's hour."""
    if duration.unit in _WALL:
        return instant.astimezone(UTC) - duration.amount * _WALL[duration.unit]
    if duration.unit == "day":
        return (instant.astimezone(zone) - timedelta(days=duration.amount)).astimezone(UTC)
    local = instant.astimezone(zone)
    day = last_day_before(instant, zone)
    shifted = local - (day - calendar.workday_before(day, duration.amount))
    return shifted.astimezone(UTC)


def is_provisional(
    span: Duration, start: datetime, end: datetime, *, zone: ZoneInfo, calendar: Calendar
) -> bool:
    """Whether the counting crossed a year whose working days are not official yet; only spans of working days depend on it."""
    if span.unit != "workday" or span.amount == 0:
        return False
    years = range(start.astimezone(zone).year, last_day_before(end, zone).year + 1)
    return any(calendar.is_provisional(date(year, 1, 1)) for year in years)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """24:00 of a date, that day included: the next local midnight, aware UTC."""
    return datetime.combine(day + timedelta(days=1), time.min, zone).astimezone(UTC)


def last_day_before(instant: datetime, zone: ZoneInfo) -> date:
    """The date an instant belongs to as a deadline: midnight is 24:00 of the day before."""
    local = instant.astimezone(zone)
    return local.date() - timedelta(days=1) if local.time() == time.min else local.date()


@lru_cache(maxsize=REMEMBERED)
def _end_of_last_day(duration: Duration, day: date, zone: ZoneInfo, calendar: Calendar) -> datetime:
    return end_of_day(_last_day(duration, day, calendar), zone)


def _last_day(duration: Duration, day: date, calendar: Calendar) -> date:
    if duration.unit == "day":
        return day + timedelta(days=duration.amount)
    return calendar.workday_after(day, duration.amount)
