"""The ways indicators count: over facts in one statement, over rows judged one by one, and from what a line of work says of itself."""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assessment.facts.models import HazardFact as Fact
from hazard_flow.assessment.indicators.definition import Case, CasesOf, Frame, Ratio, summed
from hazard_flow.inspections.work_lines import LineFigures

Condition = sa.ColumnElement[bool]
Conditions = Callable[[Frame], Condition]


def in_force(frame: Frame) -> Condition:
    """In a figure at all: not concealed, and not dismissed or merged by the end of the period (domain 6.1)."""
    ended_otherwise = sa.and_(
        Fact.resolution.in_(("dismissed", "merged")),
        Fact.closed_at.is_not(None),
        Fact.closed_at < frame.until_at,
    )
    return sa.and_(Fact.is_hidden.is_(False), ~ended_otherwise)


def operators(frame: Frame) -> Condition:
    """In force, and for the enterprise itself to mend: user-liable ones count in I09 and I10 only (domain 6.1)."""
    return sa.and_(in_force(frame), Fact.is_users.is_(False))


def users(frame: Frame) -> Condition:
    """In force, and the user is liable."""
    return sa.and_(in_force(frame), Fact.is_users.is_(True))


def found(frame: Frame) -> Condition:
    """Reported within the period: what a tablet carried for days counts when it was received, as the national table counts."""
    return sa.and_(Fact.reported_at >= frame.begins_at, Fact.reported_at < frame.until_at)


def closed(frame: Frame) -> Condition:
    """Cancelled as rectified by the end of the period."""
    return sa.and_(
        Fact.resolution == "rectified", Fact.closed_at.is_not(None), Fact.closed_at < frame.until_at
    )


def open_at_end(frame: Frame) -> Condition:
    """Not closed at the end of the period."""
    return sa.and_(
        Fact.reported_at < frame.until_at, sa.or_(Fact.closed_at.is_(None), Fact.closed_at >= frame.until_at)
    )


@dataclass(frozen=True)
class OverFacts:
    """Facts that satisfy `among` stand below the line, those of them that satisfy `hit` above it, each by its weight."""

    among: Conditions
    hit: Conditions
    weight: Callable[[Frame], sa.ColumnElement[float]] | None = None

    def count(self, session: Session, frame: Frame, homes: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Ratio]:
        """By enterprise, in one statement."""
        weight = self.weight(frame) if self.weight is not None else sa.literal(1.0)
        rows = session.execute(
            sa.select(
                Fact.home_id, sa.func.sum(sa.case((self.hit(frame), weight), else_=0.0)), sa.func.sum(weight)
            )
            .where(Fact.home_id.in_(list(homes)), self.among(frame))
            .group_by(Fact.home_id)
        )
        return {home: Ratio(float(above or 0), float(below or 0)) for home, above, below in rows}

    def cases(
        self, session: Session, frame: Frame, home: uuid.UUID, *, limit: int, after: uuid.UUID | None = None
    ) -> Sequence[Case]:
        """The hazards in the order of their ids, which is that of their receipt."""
        weight = self.weight(frame) if self.weight is not None else sa.literal(1.0)
        hit = sa.case((self.hit(frame), True), else_=False)
        wanted = (
            sa.select(Fact.home_id, Fact.hazard_id, Fact.number, hit, Fact.reported_at, weight)
            .where(Fact.home_id == home, self.among(frame))
            .order_by(Fact.hazard_id)
            .limit(limit)
        )
        if after is not None:
            wanted = wanted.where(Fact.hazard_id > after)
        return [
            Case(row[0], row[1], row[2], bool(row[3]), row[4], float(row[5]))
            for row in session.execute(wanted)
        ]

    def href(self, _frame: Frame, _home: uuid.UUID) -> str:
        """Its rows are its own."""
        return ""


@dataclass(frozen=True)
class OneByOne:
    """Rows that take more than a condition: `cases_of` reads and judges them; `value`, where the figure is no plain share."""

    cases_of: CasesOf
    #: the pure part of it, where rows are of another feature; for the example
    judge: Callable[..., Iterable[Case]] | None = None
    value: Callable[[Iterable[Case]], Ratio] | None = None

    def count(self, session: Session, frame: Frame, homes: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Ratio]:
        """By enterprise."""
        cases = list(self.cases_of(session, frame, homes))
        if self.value is None:
            return summed(cases)
        by_home: dict[uuid.UUID, list[Case]] = {}
        for case in cases:
            by_home.setdefault(case.home_id, []).append(case)
        return {home: self.value(mine) for home, mine in by_home.items()}

    def cases(
        self, session: Session, frame: Frame, home: uuid.UUID, *, limit: int, after: uuid.UUID | None = None
    ) -> Sequence[Case]:
        """Rows in the order of their ids."""
        known = sorted(
            (case for case in self.cases_of(session, frame, [home]) if case.hazard_id is not None),
            key=lambda case: str(case.hazard_id),
        )
        return [case for case in known if after is None or str(case.hazard_id) > str(after)][:limit]

    def href(self, _frame: Frame, _home: uuid.UUID) -> str:
        """Its rows are its own."""
        return ""


@dataclass(frozen=True)
class OfLines:
    """What lines of work say of themselves, added up; `of` picks (above, below) from the figures of one."""

    lines: tuple[str, ...]
    of: Callable[[LineFigures], tuple[float, float]]

    def count(self, session: Session, frame: Frame, homes: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Ratio]:
        """By enterprise; figures speak of whole days."""
        figures = frame.lines.figures(session, list(homes), frame.first_on, frame.until_on)
        sums: dict[uuid.UUID, Ratio] = {}
        for (home, line), said in figures.items():
            if line in self.lines:
                above, below = self.of(said)
                before = sums.get(home, Ratio(0, 0))
                sums[home] = Ratio(before.above + above, before.below + below)
        return sums

    def cases(self, *_: object, **__: object) -> Sequence[Case]:
        """The rows stand on the line's own page."""
        return []

    def href(self, frame: Frame, home: uuid.UUID) -> str:
        """The regulator's page of the line, which opens into the records."""
        return f"/supervision/enterprises/{home}?month={frame.until_on:%Y-%m}"


#: what a feature says of enterprises over days: (above, below) by enterprise
Sums = Callable[[Session, Sequence[uuid.UUID], Frame], Mapping[uuid.UUID, tuple[float, float]]]


@dataclass(frozen=True)
class OfFeature:
    """Sums a feature makes of its own records, and the page that lists them."""

    sums: Sums
    page: str
    #: what makes (above, below) of the feature's own words
    pure: Callable[[Any], tuple[float, float]]

    def count(self, session: Session, frame: Frame, homes: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Ratio]:
        """By enterprise."""
        return {home: Ratio(*both) for home, both in self.sums(session, list(homes), frame).items()}

    def cases(self, *_: object, **__: object) -> Sequence[Case]:
        """The rows stand on the feature's own page."""
        return []

    def href(self, _frame: Frame, home: uuid.UUID) -> str:
        """Where they are listed."""
        return f"{self.page}?organisation={home}"


def done_of_due(said: LineFigures) -> tuple[float, float]:
    """Done and valid, of what was due."""
    return min(said.done, said.due), said.due


def on_time_of_due(said: LineFigures) -> tuple[float, float]:
    """Done in time, of what was due."""
    return min(said.on_time, said.due), said.due
