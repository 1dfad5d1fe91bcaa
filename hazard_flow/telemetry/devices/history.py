"""Reads of the past: the samples of a device in even steps of time, made small in the database, never in memory."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.schedule.bulk import among
from hazard_flow.telemetry.models import StoredSignal

#: points of one answer at most
POINTS_MAX = 1_000
#: a small line of a list: a day in half hours
SPARK_SPAN = timedelta(hours=24)
SPARK_STEP = timedelta(minutes=30)
#: steps are one of these, so that two looks at the same day show the same points
_STEPS_SECONDS = (1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)


@dataclass(frozen=True)
class Point:
    """The samples of one step of time: how many, their lowest, highest and mean. A single sample says the same three times."""

    at: datetime
    low: float
    high: float
    mean: float
    samples: int


@dataclass(frozen=True)
class Series:
    """Points in order, and how long a step is."""

    points: Sequence[Point]
    step: timedelta


def history(
    session: Session, device_id: uuid.UUID, quantity: str, *, since: datetime, until: datetime, points: int
) -> Series:
    """The samples from `since` to `until`, by observed time, in at most so many points. A peak is never averaged away."""
    step = step_for(until - since, points)
    found = _by_step(
        session, [device_id], StoredSignal.quantity == quantity, since=since, until=until, step=step
    )
    return Series([point for _, _, point in found], step)


def sparks(
    session: Session, quantities: Mapping[uuid.UUID, str], *, now: datetime
) -> Mapping[uuid.UUID, list[Point]]:
    """The last day of one quantity of each device, in one query."""
    found: dict[uuid.UUID, list[Point]] = {}
    if not quantities:
        return found
    since = _floor(now - SPARK_SPAN, SPARK_STEP)
    asked = StoredSignal.quantity.in_(sorted(set(quantities.values())))
    for device_id, quantity, point in _by_step(
        session, quantities, asked, since=since, until=now, step=SPARK_STEP
    ):
        if quantities[device_id] == quantity:
            found.setdefault(device_id, []).append(point)
    return found


def step_for(span: timedelta, points: int) -> timedelta:
    """The smallest even step in which the span has at most so many points."""
    wanted = span.total_seconds() / max(1, points)
    last = _STEPS_SECONDS[-1]
    for seconds in _STEPS_SECONDS:
        # one more than the span holds: it need not begin on a step
        if span.total_seconds() / seconds + 1 <= points:
            return timedelta(seconds=seconds)
    return timedelta(seconds=last * (int(wanted // last) + 1))


def _by_step(
    session: Session,
    device_ids: Collection[uuid.UUID],
    which: sa.ColumnElement[bool],
    *,
    since: datetime,
    until: datetime,
    step: timedelta,
) -> list[tuple[uuid.UUID, str, Point]]:
    seconds = sa.extract("epoch", StoredSignal.observed_at)
    # the remainder taken off rather than a quotient: the two databases divide differently
    began = (seconds - seconds % int(step.total_seconds())).label("began")
    value = StoredSignal.value
    rows = session.execute(
        sa.select(
            StoredSignal.device_id, StoredSignal.quantity, began,
            sa.func.min(value), sa.func.max(value), sa.func.avg(value), sa.func.count(),
        )
        .where(
            among(session, StoredSignal.device_id, device_ids),
            which,
            StoredSignal.observed_at >= since,
            StoredSignal.observed_at <= until,
            value.is_not(None),
        )
        .group_by(StoredSignal.device_id, StoredSignal.quantity, sa.literal_column("began"))
        .order_by(StoredSignal.device_id, StoredSignal.quantity, sa.literal_column("began"))
    ).all()  # fmt: skip
    return [(row[0], row[1], _point(row)) for row in rows]


def _point(row: Any) -> Point:
    return Point(
        datetime.fromtimestamp(int(row[2]), UTC), float(row[3]), float(row[4]), float(row[5]), row[6]
    )


def _floor(at: datetime, step: timedelta) -> datetime:
    whole = int(at.timestamp() // step.total_seconds() * step.total_seconds())
    return datetime.fromtimestamp(whole, UTC)
