"""When a user is due, what class it is of, and which building it stands in. Pure."""

import calendar
import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from hazard_flow.catalogue.policy import Policy
from hazard_flow.workflow.definition import Duration

#: policy key of each class's longest interval, in months (domain 5.3)
INTERVALS = {
    "resident": "household_check_months_max",
    "bottled": "bottled_check_months_max",
    "business": "business_check_months_max",
}
#: where a house ends and a flat begins: 12 号楼, 3 幢, 7 栋, 5 座, and the bare number of a street
_BUILDING = re.compile(r"^(.*?\d+\s*(?:号楼|幢|栋|座))|^(.*?\d+\s*号)(?!\d)")
BUILDING_LENGTH_MAX = 120


def class_of(details: Mapping[str, Any]) -> str:
    """Residents with a pipe, residents with cylinders, everybody else; who says nothing counts as a resident."""
    if (details.get("user_type") or "resident") != "resident":
        return "business"
    return "bottled" if details.get("gas_type") == "lpg" and not details.get("meter_no") else "resident"


def months_of(policy: Policy, user_class: str) -> int:
    """The longest time between two checks of a class where this policy holds, in months."""
    return policy.count(INTERVALS[user_class])


def due_after(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where that one has no such day."""
    total = day.year * 12 + day.month - 1 + months
    year, month = divmod(total, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def building_of(address: str) -> str:
    """The part of an address that neighbours share, for batches: up to the building's number, else all of it."""
    plain = " ".join(address.split())
    found = _BUILDING.match(plain)
    return (found[0] if found else plain)[:BUILDING_LENGTH_MAX].strip()


def clock_span(span: Duration) -> timedelta:
    """A policy's span by the clock; a working day counts as a day, as it does for a notice given to a household."""
    units = {"min": timedelta(minutes=1), "h": timedelta(hours=1)}
    return span.amount * units.get(span.unit, timedelta(days=1))
