"""On which days somebody has to guard a site, and which of them were kept. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from hazard_flow.inspections.recurrence import DAYS_MAX, days

#: a guard stands at the site itself: so far away the day does not count [D]
AT_SITE_M = 200
#: the shortest presence that counts as guarding a day's works [D]
SHORTEST = timedelta(minutes=30)


@dataclass(frozen=True)
class Works:
    """When a site has to be guarded: its rule, from the day the works begin under an agreement to the day they end."""

    rule: str
    starts_on: date
    guard_from: date | None
    ends_on: date


def owed(works: Works, since: date, until: date) -> Sequence[date]:
    """The days of a span on which a guard is owed; none before the agreement, none after the works."""
    first, last = max(since, works.starts_on), min(until, works.ends_on)
    if works.guard_from is None or max(first, works.guard_from) > last:
        return []
    first = max(first, works.guard_from)
    found: list[date] = []
    while first <= last:
        reach = min(last, first + timedelta(days=DAYS_MAX - 1))
        found += days(works.rule, start=works.starts_on, since=first, until=reach)
        first = reach + timedelta(days=1)
    return found


def next_owed(works: Works, kept: Iterable[date], *, since: date) -> date | None:
    """The first day from `since` on that is owed and not kept; None when the works are guarded to their end."""
    done = set(kept)
    return next((day for day in owed(works, since, works.ends_on) if day not in done), None)


def invalid_because(*, distance_m: float | None, came_at: datetime, left_at: datetime | None) -> str:
    """Why a day does not count: `no_place`, `far_away`, `too_short`; empty where it does."""
    if distance_m is None:
        return "no_place"
    if distance_m > AT_SITE_M:
        return "far_away"
    if left_at is not None and left_at - came_at < SHORTEST:
        return "too_short"
    return ""
