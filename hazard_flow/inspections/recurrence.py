"""How often something is due: rules in the notation of RFC 5545, on the organisation's own calendar days. The one importer of dateutil."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from dateutil.rrule import rruleset, rrulestr

#: days one question may reach over; a plan is looked at some months at a time
DAYS_MAX = 1_100


def days(rule: str, *, start: date, since: date, until: date) -> Sequence[date]:
    """The days a rule (`FREQ=WEEKLY;BYDAY=MO,TH`) falls on from `since` to `until`, both included, oldest first; none before `start`.

    Raises ValueError, with the reason, for what is no rule, falls more often than daily, or for a span of more than `DAYS_MAX` days.
    """
    if (until - since).days > DAYS_MAX:
        raise ValueError(f"more than {DAYS_MAX} days at once")
    first = datetime.combine(start, time())
    found = _parsed(rule, first).between(
        datetime.combine(since, time()), datetime.combine(until, time()) + timedelta(hours=23), inc=True
    )
    return sorted({one.date() for one in found})


def next_day(rule: str, *, start: date, after: date) -> date | None:
    """The first day of a rule after a day; None when it has come to its end."""
    found = _parsed(rule, datetime.combine(start, time())).after(datetime.combine(after, time(23)))
    return found.date() if found else None


def _parsed(rule: str, first: datetime) -> rruleset:
    if "\n" in rule or ":" in rule or "FREQ=" not in rule.upper():
        raise ValueError("a rule is one line such as FREQ=WEEKLY;BYDAY=MO")
    if any(f"FREQ={often}" in rule.upper() for often in ("HOURLY", "MINUTELY", "SECONDLY")):
        raise ValueError("nothing is planned more often than daily; shifts are parts of a day")
    parsed = rrulestr(rule, dtstart=first, forceset=True)
    assert isinstance(parsed, rruleset)
    return parsed
