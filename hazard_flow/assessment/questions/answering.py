"""The answer to a question: one grouped count and one grouped median over what the reader may see, each cell with the way to its hazards.

*closed* counts whatever ended, however it ended, as the list by stage does; the closing share is closed of all (domain 6.2 I01 [V2]
counts by period and leaves out dismissed ones: an indicator, which this is not). The median counts days from report to end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assessment.questions import dimensions
from hazard_flow.assessment.questions.asking import MEASURES, Question, on_the_day
from hazard_flow.hazards.filtering import checked
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.narrowing import instant
from hazard_flow.hazards.queries import conditions
from hazard_flow.hazards.rules import rules_of
from hazard_flow.identity.actor import Actor
from hazard_flow.storage.unit import scope_of_session

LIST = "/hazards"
#: groups of one table; the sum counts the others as well
ROWS_MAX = 1_000
_DAY_SECONDS = 86_400
#: what leads to the hazards a measure counts; shares and medians lead to those that ended
_LEADS: Mapping[str, Mapping[str, str]] = {
    "count": {}, "open": {"open": "1"}, "overdue": {"overdue": "1"}, "closed": {"stage": "closed"},
    "closing_share": {"stage": "closed"}, "median_days": {"stage": "closed"},
}  # fmt: skip
_COUNTS = ("count", "open", "overdue", "closed")


@dataclass(frozen=True)
class Cell:
    """One figure; `value` None where there is nothing to measure, `href` empty where there is nothing behind it."""

    value: int | float | None
    href: str = ""


@dataclass(frozen=True)
class Row:
    """One group: its values, and its figures by measure."""

    values: tuple[str, ...]
    cells: Mapping[str, Cell]


@dataclass(frozen=True)
class Answer:
    """A whole answer, as of `at`."""

    question: Question
    at: datetime
    rows: tuple[Row, ...]
    total: Row
    #: there are more groups than a table shows
    is_cut: bool = False


def answer(session: Session, actor: Actor, question: Question, now: datetime) -> Answer:
    """Answer within the session's scope; raises NotAllowed for what this reader may not ask."""
    zone = rules_of(session).zone
    asked = on_the_day(question, now, zone)
    wanted = conditions(checked(asked.filter, actor), scope_of_session(session), now)
    spans = _spans(session, asked, wanted)
    grouped = _figures(session, asked.groups, spans, wanted, now)
    [whole] = _figures(session, (), spans, wanted, now)
    words = asked.words
    rows = [
        Row(values, _cells(asked, words, values, figures, spans))
        for values, figures in grouped[:ROWS_MAX]
        if asked.groups
    ]
    weights = _weights(rows)
    rows.sort(key=lambda row: _place(asked.groups, weights, row))
    total = Row((), _cells(asked, words, (), whole[1], spans))
    return Answer(asked, now, tuple(rows), total, is_cut=len(grouped) > ROWS_MAX)


def href(words: Mapping[str, str]) -> str:
    """The list of hazards with these words."""
    return f"{LIST}?{urlencode(words)}" if words else LIST


def _spans(
    session: Session, asked: Question, wanted: Sequence[sa.ColumnElement[bool]]
) -> list[dimensions.Month]:
    if "month" not in asked.groups:
        return []
    first, last = session.execute(
        sa.select(sa.func.min(Hazard.found_at), sa.func.max(Hazard.found_at)).where(*wanted)
    ).one()
    return dimensions.months(first, last, rules_of(session).zone)


def _figures(
    session: Session,
    groups: Sequence[str],
    spans: Sequence[dimensions.Month],
    wanted: Sequence[sa.ColumnElement[bool]],
    now: datetime,
) -> list[tuple[tuple[str, ...], dict[str, int | float | None]]]:
    """The figures of each group, the largest first; without groups those of all."""
    is_open = Hazard.closed_at.is_(None)
    seconds = sa.extract("epoch", Hazard.closed_at) - sa.extract("epoch", Hazard.reported_at)
    # the groups stand in a query of their own: the same expression twice, with its values bound twice, is two to PostgreSQL
    inner = (
        sa.select(
            *[dimensions.column(key, spans).label(f"g{place}") for place, key in enumerate(groups)],
            sa.case((is_open, 1), else_=0).label("open"),
            sa.case((sa.and_(is_open, Hazard.due_at < now), 1), else_=0).label("overdue"),
            seconds.label("seconds"),
        )
        .where(*wanted)
        .subquery()
    )
    keys = [inner.c[f"g{place}"] for place in range(len(groups))]
    count = sa.func.count()
    rows = session.execute(
        sa.select(*keys, count, sa.func.sum(inner.c.open), sa.func.sum(inner.c.overdue))
        .select_from(inner)
        .group_by(*keys)
        .order_by(count.desc(), *keys)
        .limit(ROWS_MAX + 1)
    ).all()
    middles = _medians(session, inner, keys)
    found = []
    for row in rows:
        raw = tuple(row[: len(keys)])
        n, open_, overdue = (int(one or 0) for one in row[len(keys) :])
        closed = n - open_
        middle = middles.get(raw)
        figures: dict[str, int | float | None] = {
            "count": n,
            "open": open_,
            "overdue": overdue,
            "closed": closed,
            "closing_share": round(100 * closed / n, 1) if n else None,
            "median_days": round(middle / _DAY_SECONDS, 1) if middle is not None else None,
        }
        values = tuple(dimensions.value_of(key, one) for key, one in zip(groups, raw, strict=True))
        found.append((values, figures))
    return found


def _medians(session: Session, inner: sa.Subquery, keys: Sequence[Any]) -> dict[tuple[Any, ...], float]:
    """The middle of the spans of each group: of an even number the mean of the two in the middle."""
    over: dict[str, Any] = {"partition_by": keys} if keys else {}
    ranked = (
        sa.select(
            *keys,
            inner.c.seconds,
            sa.func.row_number().over(order_by=inner.c.seconds, **over).label("place"),
            sa.func.count().over(**over).label("n"),
        )
        .where(inner.c.seconds.is_not(None))
        .subquery()
    )
    own = [ranked.c[key.name] for key in keys]
    rows = session.execute(
        sa.select(*own, sa.func.avg(ranked.c.seconds))
        .where((ranked.c.place * 2).between(ranked.c.n, ranked.c.n + 2))
        .group_by(*own)
    )
    return {tuple(row[:-1]): float(row[-1]) for row in rows if row[-1] is not None}


def _cells(
    asked: Question,
    words: Mapping[str, str],
    values: Sequence[str],
    figures: Mapping[str, int | float | None],
    spans: Sequence[dimensions.Month],
) -> dict[str, Cell]:
    own = dict(words)
    for key, value in zip(asked.groups, values, strict=False):
        own = _narrowed(own, dimensions.words(key, value, spans))
    found = {}
    for measure in MEASURES:
        behind = figures["closed" if measure not in _COUNTS else measure]
        found[measure] = Cell(figures[measure], href({**own, **_LEADS[measure]}) if behind else "")
    return found


def _narrowed(words: Mapping[str, str], group: Mapping[str, str]) -> dict[str, str]:
    """The filter's words with a group's: the filter may be narrower already, where it names a unit or a span inside the group."""
    found = {**group, **words}
    for name, pick in (("found_since", max), ("found_before", min)):
        given = [one for one in (instant(words.get(name, "")), instant(group.get(name, ""))) if one]
        if given:
            found[name] = pick(given).isoformat()
    return found


def _weights(rows: Sequence[Row]) -> dict[tuple[int, str], int]:
    """How many hazards each value of each group has, over all rows."""
    found: dict[tuple[int, str], int] = {}
    for row in rows:
        for place, value in enumerate(row.values):
            found[place, value] = found.get((place, value), 0) + int(row.cells["count"].value or 0)
    return found


def _place(groups: Sequence[str], weights: Mapping[tuple[int, str], int], row: Row) -> tuple[Any, ...]:
    """Groups with an order of their own stand in it, months from the oldest, others by how many there are; the first group first."""
    found: list[tuple[int, str]] = []
    for place, (key, value) in enumerate(zip(groups, row.values, strict=True)):
        order = dimensions.ORDERS.get(key)
        if order is not None:
            found.append((order.index(value) if value in order else len(order), value))
        elif key == "month":
            found.append((0, value))
        else:
            found.append((-weights[place, value], value))
    return tuple(found)
