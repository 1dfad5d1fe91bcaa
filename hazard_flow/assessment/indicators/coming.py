"""What will cost points next: what falls due before the period ends, by today's open hazards."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assessment.facts.models import HazardFact as Fact
from hazard_flow.assessment.indicators.definition import Frame
from hazard_flow.assessment.indicators.models import IndicatorValue
from hazard_flow.assessment.indicators.shown import lost_if
from hazard_flow.storage.unit import scope_of_session

SOON = timedelta(days=7)
#: points below which nobody is told
LEAST = 0.05


@dataclass(frozen=True)
class Coming:
    """One thing that will cost points unless somebody moves."""

    #: listed_due, due_soon, overdue_now, report_due
    kind: str
    count: int
    #: points of the score; None where it caps the score instead
    costs: float | None
    at: datetime | None
    #: numbers of the first few
    numbers: Sequence[str]
    href: str


def coming(
    session: Session, frame: Frame, home: uuid.UUID, values: Mapping[str, IndicatorValue], now: datetime
) -> list[Coming]:
    """The worst first."""
    aims = frame.policy.aims
    ends = frame.period.ends_at(frame.zone)
    listed = _open(session, home, sa.and_(Fact.listed_at.is_not(None), Fact.due_at < now + SOON))
    soon = _open(
        session, home, sa.and_(Fact.original_due_at >= now, Fact.original_due_at < min(ends, now + SOON), Fact.submitted_at.is_(None))
    )  # fmt: skip
    late = _open(session, home, sa.and_(Fact.original_due_at < now, Fact.submitted_at.is_(None)))
    report = _open(session, home, sa.and_(Fact.report_due_at.is_not(None), Fact.regulator_told_at.is_(None)))
    found = []
    list_of = f"/hazards?organisation={home}"
    if listed[0]:
        found.append(Coming("listed_due", *_told(listed, None), f"{list_of}&level=major"))
    if report[0]:
        found.append(Coming("report_due", *_told(report, None), f"{list_of}&level=major"))
    on_time = values.get("I03")
    if soon[0] and on_time is not None:
        costs = lost_if(on_time.above, on_time.below, soon[0], aims["I03"], aims["I03"].weight)
        found.append(Coming("due_soon", *_told(soon, costs), list_of))
    stock = values.get("I04")
    if late[0] and stock is not None and stock.below:
        lost = 100 - aims["I04"].points(100 * stock.above / stock.below)
        found.append(
            Coming("overdue_now", *_told(late, lost * aims["I04"].weight / 100), f"{list_of}&overdue=1")
        )
    found = [one for one in found if one.costs is None or one.costs >= LEAST]
    return sorted(found, key=lambda one: (one.costs is not None, -(one.costs or 0)))


_Open = tuple[int, datetime | None, Sequence[str]]


def _told(found: _Open, costs: float | None) -> tuple[int, float | None, datetime | None, Sequence[str]]:
    count, at, numbers = found
    return count, costs, at, numbers


def _open(session: Session, home: uuid.UUID, condition: sa.ColumnElement[bool]) -> _Open:
    """How many open hazards of an enterprise, the earliest deadline, and the numbers of the first three."""
    where = (
        Fact.home_id == home,
        Fact.closed_at.is_(None),
        Fact.is_hidden.is_(False),
        Fact.is_users.is_(False),
        condition,
        scope_of_session(session).where(Fact.path, Fact.division, Fact.parties),
    )
    count, at = session.execute(sa.select(sa.func.count(), sa.func.min(Fact.due_at)).where(*where)).one()
    numbers = session.scalars(sa.select(Fact.number).where(*where).order_by(Fact.due_at).limit(3)).all()
    return count, at, numbers
