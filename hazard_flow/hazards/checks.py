"""What `/watchz` asks about hazards: none may be open and without a next deadline."""

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from sqlalchemy.orm import Session

from hazard_flow.hazards.models import Hazard
from hazard_flow.i18n import Label, both
from hazard_flow.schedule.models import Timer

#: How many are named on the command line; the count says how many there are.
NAMED_MAX = 20


def silent() -> sa.ColumnElement[bool]:
    """The condition of an open hazard of which nobody would ever hear again by itself.

    Parked timers do not count, nor those made for a state the hazard has left: they would fire as a recorded no-op. Costs one look into
    the timers' unique index for each *open* hazard (5 µs, PostgreSQL 15); the closed ones are never read (`ix_hazard_open_due`).
    """
    pending = sa.exists().where(
        Timer.subject_id == Hazard.id,
        Timer.subject_kind == "hazard",
        Timer.parked_at.is_(None),
        sa.or_(Timer.rule != "state", Timer.fence == Hazard.state_seq),
    )
    return sa.and_(Hazard.closed_at.is_(None), ~pending)


def silent_count(session: Session) -> int:
    """How many open hazards have no pending timer; must be 0, for ever."""
    return session.scalar(sa.select(sa.func.count()).select_from(Hazard).where(silent())) or 0


def silent_numbers(session: Session) -> list[str]:
    """The numbers of the longest open of them, for whoever may see every hazard."""
    order = (Hazard.reported_at, Hazard.id)
    return list(session.scalars(sa.select(Hazard.number).where(silent()).order_by(*order).limit(NAMED_MAX)))


def silent_hazards(session: Session, _now: datetime) -> Label | None:
    """Whether an open hazard has no pending timer. `/watchz` is public, so it counts and does not name."""
    count = silent_count(session)
    return both("watch.hazards_silent.found", n=count) if count else None


def hazard_figures(session: Session, _now: datetime) -> Iterator[Metric]:
    """How many are open, and how many of these are silent."""
    is_open = sa.select(sa.func.count()).select_from(Hazard).where(Hazard.closed_at.is_(None))
    yield GaugeMetricFamily("hazard_flow_hazards_open", "Open hazards", value=session.scalar(is_open) or 0)
    yield GaugeMetricFamily(
        "hazard_flow_hazards_without_timer",
        "Open hazards without a pending timer: nobody would ever hear of them again",
        value=silent_count(session),
    )
