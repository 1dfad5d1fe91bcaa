"""Figures of the lines: what stands above and below each, by enterprise, and each line's summary for the regulator."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.daily_work import queries
from hazard_flow.daily_work.days import end_of
from hazard_flow.daily_work.formulas import FORMULAS, Ratio, Rows, Span
from hazard_flow.daily_work.lines import WITHDRAWN, Figure, WorkLine
from hazard_flow.daily_work.loading import line_book
from hazard_flow.daily_work.models import WorkItem, WorkRecord
from hazard_flow.daily_work.posts import figures as posts
from hazard_flow.hazards.rules import rules_of
from hazard_flow.inspections.work_lines import LineFigures
from hazard_flow.storage.unit import scope_of_session

#: enterprise → value
ByHome = dict[uuid.UUID, float]


@dataclass(frozen=True)
class Measured:
    """One figure as it came out."""

    figure: Figure
    above: float
    below: float | None

    @property
    def value(self) -> float | None:
        """Percent, or the plain number where nothing stands below; None where there is nothing to divide by."""
        if self.below is None:
            return self.above
        return 100 * self.above / self.below if self.below else None

    @property
    def is_met(self) -> bool | None:
        """Whether it reaches its target; None where it has none or no value."""
        if self.figure.target is None or self.value is None:
            return None
        better = self.figure.better
        return self.value >= self.figure.target if better == "more" else self.value <= self.figure.target


def span_of(since: date, until: date, *, now: datetime, today: date) -> Span:
    """The days a figure is made for."""
    return Span(since, until, now, today)


def ratio_of(figure: Figure, span: Span) -> Ratio:
    """What a figure counts."""
    return FORMULAS[figure.formula].function(figure.args, span)


def measure(
    session: Session, figures: Sequence[Figure], span: Span, *, home_id: uuid.UUID | None = None
) -> list[Measured]:
    """These figures over everything in reach, or over one enterprise."""
    homes = [home_id] if home_id else None
    found = []
    for figure in figures:
        ratio = ratio_of(figure, span)
        above = sum(by_home(session, ratio.above, homes).values())
        below = sum(by_home(session, ratio.below, homes).values()) if ratio.below else None
        found.append(Measured(figure, round(above, 2), round(below, 2) if below is not None else None))
    return found


def by_home(session: Session, rows: Rows, homes: Sequence[uuid.UUID] | None) -> ByHome:
    """Counts or sums by enterprise, within reach."""
    table = rows.table
    value = sa.func.count() if rows.value is None else sa.func.coalesce(sa.func.sum(rows.value), 0.0)
    wanted = sa.select(table.home_id, value).where(*rows.where).group_by(table.home_id)
    if table is WorkRecord:
        wanted = wanted.where(queries.reach(scope_of_session(session)))
    else:
        wanted = wanted.where(
            queries.whole(scope_of_session(session)).where(WorkItem.path, WorkItem.division)
        )
    if homes is not None:
        wanted = wanted.where(table.home_id.in_(homes))
    return {home: float(number or 0) for home, number in session.execute(wanted)}


def figures(
    session: Session, organisation_ids: Sequence[uuid.UUID], since: date, until: date
) -> Mapping[uuid.UUID, Sequence[LineFigures]]:
    """Every line of this feature, by enterprise; what came due up to `until` counts as due."""
    zone = rules_of(session).zone
    span = Span(since, until, end_of(until, zone), until + timedelta(days=1))
    homes = list(organisation_ids)
    found: dict[uuid.UUID, list[LineFigures]] = {one: [] for one in homes}
    for line in line_book().lines.values():
        if line.summary == "none":
            continue
        hazards = _findings(session, line, span, homes)
        for home, one in _summary(session, line, span, homes).items():
            found[home].append(_with(one, findings=int(hazards.get(home, 0))))
    for home, one in posts.figures(session, homes, until, now=end_of(until, zone)).items():
        found[home].append(one)
    return found


def _summary(
    session: Session, line: WorkLine, span: Span, homes: list[uuid.UUID]
) -> dict[uuid.UUID, LineFigures]:
    if line.summary == "due":
        return _due(session, line, span, homes)
    if line.summary == "terms":
        figure = next(one for one in line.figures.values() if one.formula == "closed_in_time")
        ratio = ratio_of(figure, span)
        assert ratio.below is not None
        due, on_time = by_home(session, ratio.below, homes), by_home(session, ratio.above, homes)
        ended = by_home(
            session, Rows(WorkRecord, (*ratio.below.where, WorkRecord.closed_at.is_not(None))), homes
        )
        return {
            home: _line(line, home, due.get(home, 0), ended.get(home, 0), on_time.get(home, 0))
            for home in homes
        }
    figure = line.figures[line.summary]
    ratio = ratio_of(figure, span)
    assert ratio.below is not None
    below, above = by_home(session, ratio.below, homes), by_home(session, ratio.above, homes)
    found = {}
    for home in homes:
        whole, counted = below.get(home, 0), above.get(home, 0)
        good = counted if figure.better == "more" else whole - counted
        found[home] = _line(line, home, whole, good, good)
    return found


def _due(
    session: Session, line: WorkLine, span: Span, homes: list[uuid.UUID]
) -> dict[uuid.UUID, LineFigures]:
    rows = session.execute(
        sa.select(
            WorkItem.home_id,
            sa.func.count(),
            sa.func.count(WorkItem.done_on),
            sa.func.sum(sa.case((WorkItem.outcome == "done", 1), else_=0)),
        )
        .where(
            WorkItem.line == line.key,
            WorkItem.home_id.in_(homes),
            WorkItem.due_on.between(span.since, span.until),
            sa.or_(WorkItem.outcome.is_(None), WorkItem.outcome != "dropped"),
        )
        .group_by(WorkItem.home_id)
    )
    known = {row[0]: (int(row[1]), int(row[2]), int(row[3] or 0)) for row in rows}
    return {home: _line(line, home, *known.get(home, (0, 0, 0))) for home in homes}


def _line(line: WorkLine, home: uuid.UUID, due: float, done: float, on_time: float) -> LineFigures:
    return LineFigures(
        line=line.key,
        unit=line.unit,
        due=due,
        done=done,
        on_time=on_time,
        missed=max(0.0, due - done),
        href=f"/work/{line.key}?organisation={home}",
    )


def _with(one: LineFigures, *, findings: int) -> LineFigures:
    return LineFigures(
        one.line, one.unit, one.due, one.done, one.on_time, one.invalid, one.missed, findings, one.href
    )


def _findings(session: Session, line: WorkLine, span: Span, homes: list[uuid.UUID]) -> ByHome:
    rows = session.execute(
        sa.select(WorkRecord.home_id, sa.func.count(WorkRecord.hazard_id.distinct()))
        .where(
            WorkRecord.line == line.key,
            WorkRecord.state != WITHDRAWN,
            WorkRecord.home_id.in_(homes),
            WorkRecord.happened_on.between(span.since, span.until),
        )
        .group_by(WorkRecord.home_id)
    )
    return {home: float(number) for home, number in rows}
