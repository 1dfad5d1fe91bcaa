"""What the guards of a re-check ask of telemetry: does a live sensor watch the place, and what does it say since the repair."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.models import Hazard
from hazard_flow.telemetry.models import Device, StoredSignal
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
    """By site: each detector's last sample and its last one that was not normal."""
    clear = rule.lowest.clear_below
    keeps = StoredSignal.value >= clear if rule.sign > 0 else StoredSignal.value <= clear
    high = sa.case((keeps, StoredSignal.observed_at))
    rows = session.execute(
        sa.select(Device.site_id, sa.func.max(StoredSignal.observed_at), sa.func.max(high))
        .join(StoredSignal, StoredSignal.device_id == Device.id)
        .where(
            Device.site_id.in_({h.asset_id for h in hazards}),
            StoredSignal.quantity == rule.quantity,
            StoredSignal.observed_at >= min(h.found_at for h in hazards) - BEFORE_FINDING,
        )
        .group_by(Device.id, Device.site_id)
    )
    said: dict[uuid.UUID, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    for site_id, last, last_high in rows:
        said[site_id].append((last, last_high))
    return said


def _facts(said: Sequence[tuple[datetime, datetime | None]], found_at: datetime) -> dict[str, Any]:
    if not said:
        return {"sensor_live": False, "sensor_normal_since": None, "sensor_fresh_at": None}
    normal = all(last_high is None or last_high < last for last, last_high in said)
    return {
        "sensor_live": True,
        "sensor_normal_since": max(last_high or found_at for _, last_high in said) if normal else None,
        "sensor_fresh_at": min(last for last, _ in said),
    }
