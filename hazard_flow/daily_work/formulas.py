"""The formulas figures are made of: which rows stand above the line and which below it. Each is one named function and has its test.

A formula answers with conditions, not with numbers: the same conditions count the rows and list them, so a figure always opens onto
exactly what it was made of.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from hazard_flow.daily_work.lines import DONE, OPEN, WITHDRAWN, RecordKind
from hazard_flow.daily_work.models import WorkItem, WorkRecord

Condition = sa.ColumnElement[bool]
Table = type[WorkRecord] | type[WorkItem]


@dataclass(frozen=True)
class Span:
    """The days a figure is made for, both included, and the instant it is made at."""

    since: date
    until: date
    now: datetime
    #: the day of `now`; nothing later counts as missed or expired
    today: date

    @property
    def end(self) -> date:
        """The last day that is over or under way."""
        return min(self.until, self.today)


@dataclass(frozen=True)
class Rows:
    """Some rows of one table, counted, or summed over a value."""

    table: Table
    where: tuple[Condition, ...]
    value: Any = None


@dataclass(frozen=True)
class Ratio:
    """What stands above the line and what below it; without a lower part it is a plain count or sum."""

    above: Rows
    below: Rows | None


@dataclass(frozen=True)
class Formula:
    """A function that says which rows, and the arguments it takes from the file."""

    function: Callable[[Mapping[str, str], Span], Ratio]
    takes: tuple[str, ...]
    #: arguments that name a kind → arguments that name a field of it
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def problems(self, args: Mapping[str, str], kinds: Mapping[str, RecordKind]) -> list[str]:
        """What is wrong with the arguments, one sentence each."""
        found = [f"the argument {name!r} is missing." for name in self.takes if name not in args]
        found += [f"the argument {name!r} is not known." for name in args if name not in self.takes]
        for kind_arg, field_args in self.names.items():
            kind = kinds.get(args.get(kind_arg, ""))
            if kind is None:
                found.append(f"{kind_arg} names no kind of this line.")
                continue
            found += [
                f"{name} names no field of {kind.key!r}."
                for name in field_args
                if name in args and kind.field(args[name]) is None
            ]
        return found


def done_of_due(args: Mapping[str, str], span: Span) -> Ratio:
    """Items of plans due within the span, and those of them that were done."""
    due = _items(args["kind"], span)
    return Ratio(Rows(WorkItem, (*due, WorkItem.done_on.is_not(None))), Rows(WorkItem, due))


def on_time_of_due(args: Mapping[str, str], span: Span) -> Ratio:
    """Items due within the span, and those done by their own last day."""
    due = _items(args["kind"], span)
    return Ratio(Rows(WorkItem, (*due, WorkItem.outcome == "done")), Rows(WorkItem, due))


def valid(args: Mapping[str, str], span: Span) -> Ratio:
    """Standing records, and those whose validity has not run out on the span's last day."""
    standing = _standing(args["kind"], span)
    return Ratio(
        Rows(WorkRecord, (*standing, WorkRecord.valid_until >= span.end)), Rows(WorkRecord, standing)
    )


def expired(args: Mapping[str, str], span: Span) -> Ratio:
    """Standing records whose validity has run out; of those in a given state of use where `field` and `equals` name one."""
    standing = _standing(args["kind"], span)
    standing += (_text(args["field"]) == args["equals"],)
    return Ratio(Rows(WorkRecord, (*standing, WorkRecord.valid_until < span.end)), Rows(WorkRecord, standing))


def share_equal(args: Mapping[str, str], span: Span) -> Ratio:
    """Records of the span in which a field has a value, of those in which it is filled."""
    filled = (*_happened(args["kind"], span), _text(args["field"]).is_not(None))
    return Ratio(
        Rows(WorkRecord, (*filled, _text(args["field"]) == args["equals"])), Rows(WorkRecord, filled)
    )


def share_at_most(args: Mapping[str, str], span: Span) -> Ratio:
    """Records of the span in which a number is no more than a limit, of those in which it is filled."""
    filled = (*_happened(args["kind"], span), _text(args["field"]).is_not(None))
    number = _number(args["field"])
    return Ratio(Rows(WorkRecord, (*filled, number <= float(args["limit"]))), Rows(WorkRecord, filled))


def share_at_least(args: Mapping[str, str], span: Span) -> Ratio:
    """Records of the span in which a number is no less than a limit, of those in which it is filled."""
    filled = (*_happened(args["kind"], span), _text(args["field"]).is_not(None))
    number = _number(args["field"])
    return Ratio(Rows(WorkRecord, (*filled, number >= float(args["limit"]))), Rows(WorkRecord, filled))


def answered_within(args: Mapping[str, str], span: Span) -> Ratio:
    """Calls of the span, and those answered within so many seconds; one nobody answered is a call."""
    calls = _happened(args["kind"], span)
    answered = (_text(args["answered"]) == "yes", _number(args["seconds"]) <= float(args["limit"]))
    return Ratio(Rows(WorkRecord, (*calls, *answered)), Rows(WorkRecord, calls))


def closed_in_time(args: Mapping[str, str], span: Span) -> Ratio:
    """Records whose term ended within the span and is over, or which were closed before it; and those closed by their term."""
    owed = (
        WorkRecord.kind == args["kind"],
        WorkRecord.state != WITHDRAWN,
        WorkRecord.due_at.is_not(None),
        WorkRecord.happened_on.between(span.since, span.until),
        sa.or_(WorkRecord.closed_at.is_not(None), WorkRecord.due_at < span.now),
    )
    return Ratio(Rows(WorkRecord, (*owed, WorkRecord.closed_at <= WorkRecord.due_at)), Rows(WorkRecord, owed))


def closed(args: Mapping[str, str], span: Span) -> Ratio:
    """Records of the span that stay open until somebody ends them, and those that were ended."""
    opened = _happened(args["kind"], span)
    opened += (sa.or_(WorkRecord.state == OPEN, WorkRecord.closed_at.is_not(None)),)
    return Ratio(Rows(WorkRecord, (*opened, WorkRecord.state == DONE)), Rows(WorkRecord, opened))


def delivery_checked(args: Mapping[str, str], span: Span) -> Ratio:
    """Movements of one step within the span, and those that say they were checked; saying nothing is not a check."""
    moved = (*_happened(args["kind"], span), _text(args["field"]) == args["equals"])
    return Ratio(Rows(WorkRecord, (*moved, _text(args["checked"]) == "yes")), Rows(WorkRecord, moved))


def followed(args: Mapping[str, str], span: Span) -> Ratio:
    """Records of the span with a named value, and those after which a sibling of another value came: a fill that was delivered or sold."""
    later = aliased(WorkRecord)
    first = (*_happened(args["kind"], span), _text(args["field"]) == args["equals"])
    next_ones = (
        sa.select(later.id)
        .where(
            later.parent_id == WorkRecord.parent_id,
            later.kind == args["kind"],
            later.state != WITHDRAWN,
            later.happened_on >= WorkRecord.happened_on,
            later.data[args["field"]].as_string().in_(args["by"].split(" ")),
        )
        .exists()
    )
    return Ratio(Rows(WorkRecord, (*first, next_ones)), Rows(WorkRecord, first))


def used_of_planned(args: Mapping[str, str], span: Span) -> Ratio:
    """What was spent within the span, and what the budgets of its years allow."""
    spent = _happened(args["spent"], span)
    planned = _standing(args["planned"], span)
    year = _number(args["year"])
    planned += (year >= span.since.year, year <= span.until.year)
    return Ratio(
        Rows(WorkRecord, spent, _number(args["spent_field"])),
        Rows(WorkRecord, planned, _number(args["planned_field"])),
    )


def count(args: Mapping[str, str], span: Span) -> Ratio:
    """How many records of the span there are."""
    return Ratio(Rows(WorkRecord, _happened(args["kind"], span)), None)


FORMULAS: Mapping[str, Formula] = {
    "done_of_due": Formula(done_of_due, ("kind",), {"kind": ()}),
    "on_time_of_due": Formula(on_time_of_due, ("kind",), {"kind": ()}),
    "valid": Formula(valid, ("kind",), {"kind": ()}),
    "expired": Formula(expired, ("kind", "field", "equals"), {"kind": ("field",)}),
    "share_equal": Formula(share_equal, ("kind", "field", "equals"), {"kind": ("field",)}),
    "share_at_most": Formula(share_at_most, ("kind", "field", "limit"), {"kind": ("field",)}),
    "share_at_least": Formula(share_at_least, ("kind", "field", "limit"), {"kind": ("field",)}),
    "answered_within": Formula(
        answered_within, ("kind", "answered", "seconds", "limit"), {"kind": ("answered", "seconds")}
    ),
    "closed_in_time": Formula(closed_in_time, ("kind",), {"kind": ()}),
    "closed": Formula(closed, ("kind",), {"kind": ()}),
    "delivery_checked": Formula(
        delivery_checked, ("kind", "field", "equals", "checked"), {"kind": ("field", "checked")}
    ),
    "followed": Formula(followed, ("kind", "field", "equals", "by"), {"kind": ("field",)}),
    "used_of_planned": Formula(
        used_of_planned,
        ("spent", "spent_field", "planned", "planned_field", "year"),
        {"spent": ("spent_field",), "planned": ("planned_field", "year")},
    ),
    "count": Formula(count, ("kind",), {"kind": ()}),
}


def _items(kind: str, span: Span) -> tuple[Condition, ...]:
    """Items that came due within the span; one whose last day still lies ahead counts once it is done."""
    return (
        WorkItem.kind == kind,
        WorkItem.due_on.between(span.since, span.until),
        sa.or_(WorkItem.outcome.is_(None), WorkItem.outcome != "dropped"),
        sa.or_(WorkItem.due_on < span.today, WorkItem.done_on.is_not(None)),
    )


def _happened(kind: str, span: Span) -> tuple[Condition, ...]:
    return (
        WorkRecord.kind == kind,
        WorkRecord.state != WITHDRAWN,
        WorkRecord.happened_on.between(span.since, span.until),
    )


def _standing(kind: str, span: Span) -> tuple[Condition, ...]:
    """Records of registers: all that were there by the span's end, however old."""
    return (WorkRecord.kind == kind, WorkRecord.state != WITHDRAWN, WorkRecord.happened_on <= span.until)


def _text(key: str) -> Any:
    return WorkRecord.data[key].as_string()


def _number(key: str) -> Any:
    return WorkRecord.data[key].as_float()
