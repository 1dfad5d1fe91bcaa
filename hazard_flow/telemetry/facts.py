"""What the guards of a re-check ask of telemetry: does a live sensor watch the place, and what does it say since the repair."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.models import Hazard
from hazard_flow.telemetry.models import CurveSample, Device, StoredSignal
from hazard_flow.telemetry.rulefile import shipped_rules
from hazard_flow.telemetry.rules import Threshold

#: samples this long before the finding belong to it: they are what raised the alarm
BEFORE_FINDING = timedelta(minutes=30)
FACTS = ("sensor_live", "sensor_normal_since", "sensor_fresh_at")


def sensor_facts(session: Session, hazards: Sequence[Hazard]) -> Mapping[uuid.UUID, Mapping[str, Any]]:
    """Facts of the hazards an alarm rule watches over; others have none.

    `sensor_live`: a detector at the site has sent samples since the finding. `sensor_normal_since`: since when all of them read under
    the lowest `clear_below`; None while one does not. `sensor_fresh_at`: since when all of them have reported. Outside systems'
    statements are no samples and prove nothing.
    """
    rules = shipped_rules()
    watched = {rule.family: rule for rule in reversed(rules.thresholds) if rule.move is None}
    asked = [h for h in hazards if h.asset_id is not None and h.family in watched]
    found: dict[uuid.UUID, dict[str, Any]] = {}
    for family, rule in watched.items():
        mine = [h for h in asked if h.family == family]
        if not mine:
            continue
        said = _said(session, mine, rule)
        for hazard in mine:
            assert hazard.asset_id is not None
            since = hazard.found_at - BEFORE_FINDING
            found[hazard.id] = _facts(
                [entry for entry in said[hazard.asset_id] if entry[0] >= since], hazard.found_at
            )
    return found


def _said(
    session: Session, hazards: Sequence[Hazard], rule: Threshold
) -> Mapping[uuid.UUID, list[tuple[datetime, datetime | None]]]:
    """By site: each detector's last sample and its last one that was not normal.

    From the samples there still are, those kept with the hazards, and what each device said last: one that fell silent before the
    oldest sample still watches the place, and its silence is not normal.
    """
    sites = {h.asset_id for h in hazards}
    since = min(h.found_at for h in hazards) - BEFORE_FINDING
    last: dict[uuid.UUID, datetime] = {}
    last_high: dict[uuid.UUID, datetime] = {}
    at_sites = sa.select(Device.id).where(Device.site_id.in_(sites))
    for wanted in (
        _latest(StoredSignal, rule, since).where(StoredSignal.device_id.in_(at_sites)),
        _latest(CurveSample, rule, since).where(
            CurveSample.hazard_id.in_([h.id for h in hazards]), CurveSample.device_id.in_(at_sites)
        ),
        sa.select(
            Device.id,
            Device.last_observed_at,
            sa.case((_keeps(Device.last_value, rule), Device.last_observed_at)),
        ).where(Device.site_id.in_(sites), Device.last_quantity == rule.quantity),
    ):
        for device_id, seen_at, high_at in session.execute(wanted):
            if seen_at is not None and seen_at >= since:
                last[device_id] = max(seen_at, last.get(device_id, seen_at))
                if high_at is not None:
                    last_high[device_id] = max(high_at, last_high.get(device_id, high_at))
    places = session.execute(sa.select(Device.id, Device.site_id).where(Device.id.in_(last)))
    said: dict[uuid.UUID, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    for device_id, site_id in places:
        said[site_id].append((last[device_id], last_high.get(device_id)))
    return said


def _latest(table: Any, rule: Threshold, since: datetime) -> sa.Select[Any]:
    high = sa.case((_keeps(table.value, rule), table.observed_at))
    latest = sa.select(table.device_id, sa.func.max(table.observed_at), sa.func.max(high))
    return latest.where(table.quantity == rule.quantity, table.observed_at >= since).group_by(table.device_id)


def _keeps(value: Any, rule: Threshold) -> sa.ColumnElement[bool]:
    """Whether a value keeps an alert of the rule from ending."""
    clear = rule.lowest.clear_below
    kept: sa.ColumnElement[bool] = value >= clear if rule.sign > 0 else value <= clear
    return kept


def _facts(said: Sequence[tuple[datetime, datetime | None]], found_at: datetime) -> dict[str, Any]:
    if not said:
        return {"sensor_live": False, "sensor_normal_since": None, "sensor_fresh_at": None}
    normal = all(last_high is None or last_high < last for last, last_high in said)
    return {
        "sensor_live": True,
        "sensor_normal_since": max(last_high or found_at for _, last_high in said) if normal else None,
        "sensor_fresh_at": min(last for last, _ in said),
    }
