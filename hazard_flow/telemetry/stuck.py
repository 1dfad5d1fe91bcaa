"""Readings that do not move, looked for on a fixed grid of instants, each judged `settle` later by what had arrived then."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.telemetry import flatness
from hazard_flow.telemetry.alerts import Change, Transition
from hazard_flow.telemetry.episodes import latest_of, new_alert
from hazard_flow.telemetry.models import Device, StoredSignal, Sweep
from hazard_flow.telemetry.notices import Notice
from hazard_flow.telemetry.places import Place
from hazard_flow.telemetry.recorded import evaluated
from hazard_flow.telemetry.rules import Meaning, Rules, Stuck
from hazard_flow.telemetry.signals import fingerprint

#: instants of the grid looked at in one sweep: after a long pause a sweep must not take for ever
INSTANTS_MAX = 6


@dataclass(frozen=True)
class _Line:
    """What a device's samples did over the window."""

    device_id: uuid.UUID
    count: int
    low: float
    high: float


def fold_stuck(session: Session, rules: Rules, *, now: datetime) -> list[Notice]:
    """Look at every instant of the grid that has settled since the last look; the transitions in order."""
    if not rules.stuck:
        return []
    until = (now - rules.settle).timestamp()
    row = session.get(Sweep, "stuck")
    if row is None:
        row = Sweep(name="stuck", done_to=datetime.fromtimestamp(until - flatness.GRID, UTC))
        session.add(row)
    notices: list[Notice] = []
    for number, at in enumerate(flatness.grid(row.done_to.timestamp(), until)):
        if number == INSTANTS_MAX:
            break
        for rule in rules.stuck:
            notices += _fold_instant(session, rule, rules, datetime.fromtimestamp(at, UTC), now=now)
        row.done_to = datetime.fromtimestamp(at, UTC)
    return notices


def _fold_instant(
    session: Session, rule: Stuck, rules: Rules, at: datetime, *, now: datetime
) -> list[Notice]:
    lines = list(_lines(session, rule, rules, at))
    session.flush()
    names = {line.device_id: fingerprint(rule.id, str(line.device_id)) for line in lines}
    latest = latest_of(session, set(names.values()))
    changed = []
    for line in lines:
        alert = latest.get(names[line.device_id])
        firing = alert is not None and alert.condition == "firing"
        if flatness.is_flat(rule, line.count, line.low, line.high) != firing:
            changed.append((line, alert))
    places = _places(session, [line.device_id for line, _ in changed])
    told_at, unit = at + rules.settle, rules.quantities[rule.quantity].unit
    notices = []
    for line, before in changed:
        place = places[line.device_id]
        if before is None or before.condition == "normal":
            step = Transition(Change.RAISED, 1, told_at.isoformat(), told_at, line.low)
            meaning = Meaning(rule.id, rule.family, rule.alert_class, 1)
            alert = new_alert(session, names[line.device_id], step, place, meaning, rules, began=at, now=now)
        else:
            step, alert = Transition(Change.ENDED, 1, before.episode, told_at, line.high), before
            alert.condition, alert.ended_at, alert.normal_at = "normal", now, told_at
        notices.append(Notice(alert, step, place.site, place.device, unit))
    return notices


def _lines(session: Session, rule: Stuck, rules: Rules, at: datetime) -> Iterator[_Line]:
    """What every device of the quantity did over its own window; one query for each interval there is."""
    usual = rules.interval(rule.quantity)
    own = session.scalars(
        sa.select(Device.expect_every_seconds).where(Device.expect_every_seconds.is_not(None)).distinct()
    )
    for seconds in [None, *own]:
        interval = timedelta(seconds=seconds) if seconds else usual
        if interval is None:
            continue
        span = timedelta(seconds=flatness.window(rule, interval.total_seconds()))
        rows = session.execute(
            sa.select(
                StoredSignal.device_id,
                sa.func.count(),
                sa.func.min(StoredSignal.value),
                sa.func.max(StoredSignal.value),
            )
            .join(Device, Device.id == StoredSignal.device_id)
            .where(
                Device.expect_every_seconds == seconds if seconds else Device.expect_every_seconds.is_(None),
                StoredSignal.quantity == rule.quantity,
                StoredSignal.observed_at > at - span,
                StoredSignal.observed_at <= at,
                # by what had arrived then, however late this look comes
                StoredSignal.received_at <= at + rules.settle,
                evaluated(),
            )
            .group_by(StoredSignal.device_id)
        )
        for device_id, count, low, high in rows:
            assert device_id is not None
            yield _Line(device_id, count, low or 0.0, high or 0.0)


def _places(session: Session, ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Place]:
    rows = session.execute(
        sa.select(Device, Asset).join(Asset, Asset.id == Device.site_id).where(Device.id.in_(ids))
    )
    return {device.id: Place(site, device) for device, site in rows}
