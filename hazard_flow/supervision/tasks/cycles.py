"""When a task is due: the end of a day of the organisation's calendar, once or again by a rule. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hazard_flow.inspections.recurrence import next_day

#: no rule may ask for more than a task a day, nor be longer than a person reads
RULE_MAX = 200


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The end of a day, 24:00, as an instant."""
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def last_day(due_at: datetime, zone: ZoneInfo) -> date:
    """The day a task is due, counted by its end."""
    return (due_at.astimezone(zone) - timedelta(microseconds=1)).date()


def first_due(rule: str, starts_on: date, zone: ZoneInfo) -> datetime | None:
    """The end of the first day a rule falls on; None for a rule that never does. Raises ValueError with the reason for a bad one."""
    day = next_day(rule, start=starts_on, after=starts_on - timedelta(days=1))
    return end_of(day, zone) if day else None


def next_due(rule: str, starts_on: date, due_at: datetime, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The following cycle's end after the present one; days that went by meanwhile are not asked for again. None at the rule's end."""
    after = max(last_day(due_at, zone), now.astimezone(zone).date() - timedelta(days=1))
    day = next_day(rule, start=starts_on, after=after)
    return end_of(day, zone) if day else None
