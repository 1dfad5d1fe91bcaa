"""Evidence windows: the samples half an hour around each alarm are copied to its hazard, where no retention reaches them.

Three times: at once (what led to the alarm), when the second half has passed, and when nothing late can come any more. Each copy takes
what is there and was not copied yet.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from hazard_flow.storage.engine import is_sqlite
from hazard_flow.telemetry.alerts import Sample
from hazard_flow.telemetry.curve import AROUND
from hazard_flow.telemetry.models import Alert, CurveSample, Device, StoredSignal
from hazard_flow.telemetry.rulefile import shipped_rules
from hazard_flow.telemetry.signals import FUTURE_SKEW

#: how long the newest samples may be on their way before they count as late
TRANSIT = timedelta(minutes=5)
#: alarms looked after in one transaction
ALARMS_MAX = 200
#: samples read of one device at most
SAMPLES_MAX = 2_000


def steps() -> tuple[timedelta, timedelta, timedelta]:
    """How long after an alarm was raised its window is copied."""
    return timedelta(0), AROUND + TRANSIT, shipped_rules().late_window + AROUND + TRANSIT


def copy_due(session: Session, now: datetime) -> int:
    """Copy the windows whose time has come; of how many alarms. Call again until it answers 0."""
    due = _due(session, now)
    for alert in due:
        if alert.hazard_id is not None:
            _copy(session, alert)
        alert.curve_steps = sum(alert.raised_at + step <= now for step in steps())
    session.flush()
    return len(due)


def samples_of(
    session: Session,
    hazard_id: uuid.UUID | None,
    device_ids: Iterable[uuid.UUID],
    quantity: str,
    *,
    since: datetime,
    until: datetime,
    known_by: datetime | None = None,
) -> Mapping[uuid.UUID, Sequence[Sample]]:
    """The samples of some devices in a span of a hazard's windows, in observed order: those kept, and those not yet copied.

    `hazard_id`: None for what led to no hazard, of which nothing is kept. `known_by`: only what had been received by then.
    """
    found: dict[uuid.UUID, list[Sample]] = {}
    for device_id in device_ids:
        kept = _between(CurveSample, device_id, quantity, since, until, known_by).where(
            CurveSample.hazard_id == hazard_id
        )
        fresh = _between(StoredSignal, device_id, quantity, since, until, known_by).where(
            StoredSignal.received_at >= since - FUTURE_SKEW
        )
        rows = {row[1]: row for wanted in (kept, fresh) for row in session.execute(wanted)}
        samples = (Sample(at, id_.hex, value) for at, id_, value in rows.values())
        found[device_id] = sorted(samples, key=lambda sample: (sample.observed_at, sample.key))
    return found


def _due(session: Session, now: datetime) -> Sequence[Alert]:
    first, second, last = steps()
    # An alarm that led to no hazard within its time has no window; it is looked at once more, at the end.
    joined = Alert.hazard_id.is_not(None)
    wanted = sa.or_(
        sa.and_(Alert.curve_steps == 0, joined, Alert.raised_at <= now - first),
        sa.and_(Alert.curve_steps == 1, joined, Alert.raised_at <= now - second),
        sa.and_(Alert.curve_steps < len(steps()), Alert.raised_at <= now - last),
    )
    return session.scalars(
        sa.select(Alert)
        .where(Alert.curve_steps < len(steps()), wanted)
        .order_by(Alert.raised_at, Alert.id)
        .limit(ALARMS_MAX)
        .with_for_update(skip_locked=True)
    ).all()


def _copy(session: Session, alert: Alert) -> None:
    """All detectors of the site: what the neighbours said belongs to the picture."""
    since, until = alert.started_at - AROUND, alert.started_at + AROUND
    s = StoredSignal
    columns = (s.device_id, s.quantity, s.observed_at, s.id, s.value, s.quality, s.received_at)
    rows = sa.select(sa.literal(alert.hazard_id, sa.Uuid()), *columns).where(
        s.device_id.in_(sa.select(Device.id).where(Device.site_id == alert.site_id)),
        s.observed_at.between(since, until),
        s.received_at >= since - FUTURE_SKEW,
        s.value.is_not(None),
    )
    names = [
        "hazard_id",
        "device_id",
        "quantity",
        "observed_at",
        "signal_id",
        "value",
        "quality",
        "received_at",
    ]
    dialect: Any = sqlite if is_sqlite(session.connection()) else postgresql
    session.execute(dialect.insert(CurveSample).from_select(names, rows).on_conflict_do_nothing())


def _between(
    table: Any,
    device_id: uuid.UUID,
    quantity: str,
    since: datetime,
    until: datetime,
    known_by: datetime | None,
) -> sa.Select[Any]:
    name = table.signal_id if table is CurveSample else table.id
    wanted = sa.select(table.observed_at, name, table.value).where(
        table.device_id == device_id,
        table.quantity == quantity,
        table.observed_at.between(since, until),
        table.value.is_not(None),
    )
    if known_by is not None:
        wanted = wanted.where(table.received_at <= known_by)
    return wanted.order_by(table.observed_at).limit(SAMPLES_MAX)
