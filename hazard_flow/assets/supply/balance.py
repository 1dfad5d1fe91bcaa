"""The arithmetic of supply: how long the storage lasts, and what a day's figures leave unexplained. Pure.

Days of storage = stored ÷ mean send-out of the last `MEAN_DAYS` days told. [D] Local rules count against the mean or the peak of a year;
seven days follow the season and need no year of data.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

MEAN_DAYS = 7


@dataclass(frozen=True)
class Day:
    """One day's balance, m³ at standard conditions."""

    day: date
    supplied_m3: float
    sent_out_m3: float
    stored_m3: float


@dataclass(frozen=True)
class Balanced:
    """A day with what follows from it and the days before."""

    told: Day
    #: None while nothing was sent out
    days_of_storage: float | None
    #: supplied − sent out − growth of the storage; None without the day before
    unexplained_m3: float | None


def balanced(days: Sequence[Day]) -> list[Balanced]:
    """The days in their order, oldest first, with what follows."""
    found = []
    for place, one in enumerate(days):
        recent = days[max(0, place + 1 - MEAN_DAYS) : place + 1]
        mean = sum(day.sent_out_m3 for day in recent) / len(recent)
        before = days[place - 1] if place and (one.day - days[place - 1].day).days == 1 else None
        grown = None if before is None else one.stored_m3 - before.stored_m3
        found.append(
            Balanced(
                one,
                days_of_storage=one.stored_m3 / mean if mean else None,
                unexplained_m3=None if grown is None else one.supplied_m3 - one.sent_out_m3 - grown,
            )
        )
    return found
