"""What the files of all three kinds have in common: days, sources, marks, a row taken back, the same thing twice."""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from hazard_flow.exchange.faults import RowFault
from hazard_flow.exchange.records import Record

T = TypeVar("T", bound=Hashable)

SOURCE_LENGTH_MAX = 300
#: years a rule or a calendar may speak of
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
_YES = frozenset({"yes", "true", "1", "是"})
_NO = frozenset({"no", "false", "0", "否", ""})
Fault = tuple[str, str, dict[str, Any]]


@dataclass(frozen=True)
class Validity:
    """The days a row counts; without a first day it is a draft."""

    valid_from: date | None
    valid_to: date | None


def validity(record: Record) -> tuple[Validity, list[Fault]]:
    """The two dates of a row."""
    found: dict[str, date | None] = {}
    faults: list[Fault] = []
    for column in ("valid_from", "valid_to"):
        text = record.text(column)
        found[column] = day_of(text) if text else None
        if text and found[column] is None:
            faults.append((column, "not_a_date", {"value": text}))
    first, last = found["valid_from"], found["valid_to"]
    if first is not None and last is not None and last < first:
        faults.append(("valid_to", "dates_reversed", {}))
    return Validity(first, last), faults


def day_of(text: str) -> date | None:
    """A date such as 2027-01-31 (2027/1/31 as spreadsheets write it), or None."""
    parts = text.replace("/", "-").split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
        return None
    try:
        day = date(*map(int, parts))
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


def source_faults(record: Record) -> Iterator[Fault]:
    """A row must say where it comes from."""
    text = record.text("source")
    if not text:
        yield "source", "needed", {}
    elif len(text) > SOURCE_LENGTH_MAX:
        yield "source", "too_long", {"limit": SOURCE_LENGTH_MAX}


def flag_of(record: Record, column: str) -> tuple[bool, list[Fault]]:
    """A yes or no; empty is no."""
    text = record.text(column).lower()
    if text in _YES or text in _NO:
        return text in _YES, []
    return False, [(column, "not_yes_or_no", {"value": text})]


@dataclass
class Once(Generic[T]):
    """Notices the second row about the same thing."""

    seen: dict[T, int]

    def faults(self, row: int, identity: T, column: str) -> Iterator[Fault]:
        """A fault where the thing stood in an earlier row."""
        if identity in self.seen:
            yield column, "twice", {"first": self.seen[identity]}
        else:
            self.seen[identity] = row


def at(row: int, faults: Iterable[Fault]) -> list[RowFault]:
    """The faults with the row they are in."""
    return [RowFault(row, column, code, params) for column, code, params in faults]
