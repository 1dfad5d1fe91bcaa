"""Samples of devices into episodes of the threshold rules: only where something is high or already in alarm is anything read."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.telemetry.alerts import Change, Sample, fold_samples
from hazard_flow.telemetry.episodes import latest_of, new_alert, state_of
from hazard_flow.telemetry.models import Alert, Device, StoredSignal
from hazard_flow.telemetry.notices import Notice
from hazard_flow.telemetry.placed import Placed
from hazard_flow.telemetry.rules import Meaning, Rules, Threshold
from hazard_flow.telemetry.signals import fingerprint


def fold_series(
    session: Session, series: Mapping[tuple[uuid.UUID, str], Sequence[Placed]], rules: Rules, *, now: datetime
) -> list[Notice]:
    """Fold the new samples of each (device, quantity) that has a rule; the transitions, device by device."""
    ruled = {key: rule for key in series if (rule := rules.threshold_for(key[1])) is not None}
    prints = {key: fingerprint(rule.id, str(key[0])) for key, rule in ruled.items()}
    latest = latest_of(session, set(prints.values()))
    notices: list[Notice] = []
    for key, rule in ruled.items():
        alert = latest.get(prints[key])
        high = any(p.value is not None and p.value >= rule.lowest.above for p in series[key])
        if high or (alert is not None and alert.condition == "firing"):
            notices += _fold_device(session, series[key], rule, alert, prints[key], rules, now=now)
    return notices


def _fold_device(
    session: Session,
    new: Sequence[Placed],
    rule: Threshold,
    alert: Alert | None,
    name: str,
    rules: Rules,
    *,
    now: datetime,
) -> list[Notice]:
    place = new[0].place
    assert place.device is not None
    samples = _around(session, place.device, rule, since=min(p.signal.observed_at for p in new))
    state, steps = fold_samples(
        rule,
        state_of(alert),
        samples,
        new={p.id.hex for p in new},
        off_delay=rules.off_delay,
        window=rules.window,
    )
    notices = []
    for step in steps:
        if step.change is Change.RAISED:
            began = datetime.fromisoformat(step.episode)
            meaning = Meaning(rule.id, rule.family, "process", step.level)
            alert = new_alert(session, name, step, place, meaning, rules, began=began, now=now)
        assert alert is not None
        alert.level, alert.peak_level = step.level, max(alert.peak_level, step.level)
        if step.change is Change.ENDED:
            alert.condition, alert.ended_at = "normal", now
        unit = rules.quantities[rule.quantity].unit
        notices.append(Notice(alert, step, place.site, place.device, unit))
    if alert is not None and state is not None:
        alert.last_high_at, alert.seen_to_at = state.last_high_at, state.seen_to_at
        inside = [s.value for s in samples if s.observed_at >= alert.started_at]
        alert.peak_value = max([*inside, alert.peak_value or 0.0])
    return notices


def _around(session: Session, device: Device, rule: Threshold, *, since: datetime) -> list[Sample]:
    """The stored samples from an instant on, and the few before it that k of n looks back on."""
    columns = (StoredSignal.observed_at, StoredSignal.id, StoredSignal.value)
    mine = sa.and_(
        StoredSignal.device_id == device.id,
        StoredSignal.quantity == rule.quantity,
        StoredSignal.value.is_not(None),
    )
    before = (
        sa.select(*columns)
        .where(mine, StoredSignal.observed_at < since)
        .order_by(StoredSignal.observed_at.desc(), StoredSignal.id.desc())
        .limit(rule.window - 1)
    )
    after = sa.select(*columns).where(mine, StoredSignal.observed_at >= since)
    rows = [*session.execute(before), *session.execute(after)]
    return sorted(Sample(at, id_.hex, value or 0.0) for at, id_, value in rows)
