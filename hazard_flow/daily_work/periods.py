"""The spans figures are looked at over, in the organisation's calendar. Pure."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

PERIODS = ("month", "quarter", "year", "last_year")
USUAL = "year"


def days_of(period: str, today: date) -> tuple[date, date]:
    """First and last day of a period, both included. Raises KeyError for a period nobody knows."""
    return _SPANS[period](today)


def _month(today: date) -> tuple[date, date]:
    return today.replace(day=1), _end(today.year, today.month)


def _quarter(today: date) -> tuple[date, date]:
    first = 3 * ((today.month - 1) // 3) + 1
    return date(today.year, first, 1), _end(today.year, first + 2)


def _year(today: date) -> tuple[date, date]:
    return date(today.year, 1, 1), date(today.year, 12, 31)


def _last_year(today: date) -> tuple[date, date]:
    return date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)


def _end(year: int, month: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return following - timedelta(days=1)


_SPANS: Mapping[str, Callable[[date], tuple[date, date]]] = {
    "month": _month,
    "quarter": _quarter,
    "year": _year,
    "last_year": _last_year,
}
