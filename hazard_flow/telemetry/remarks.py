"""What a site's own record says of the gas found there; a remark for whoever goes, never a reason to tell them less."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.telemetry.biogas import LOOK_BACK, Track, resembles_biogas
from hazard_flow.telemetry.models import Device, StoredSignal
from hazard_flow.telemetry.signals import FUTURE_SKEW

GAS, WARMTH = "ch4_lel", "temperature"
#: samples of a site that are read: its heads and its thermometer, every minute of two days, twice over
SAMPLES_MAX = 20_000


def looks_like_biogas(session: Session, site_id: uuid.UUID, at: datetime) -> bool:
    """Whether what the site's heads and thermometer said up to `at` resembles biogas; no where they said too little."""
    heads: dict[uuid.UUID, list[tuple[float, float]]] = {}
    warmth: list[tuple[float, float]] = []
    for device_id, quantity, observed_at, value in _samples(session, site_id, at):
        sample = (observed_at.timestamp(), value)
        if quantity == GAS:
            heads.setdefault(device_id, []).append(sample)
        else:
            warmth.append(sample)
    return resembles_biogas([_track(head) for head in heads.values()], _track(warmth))


def _samples(session: Session, site_id: uuid.UUID, at: datetime) -> Any:
    s, since = StoredSignal, at - LOOK_BACK
    newest = (
        sa.select(s.device_id, s.quantity, s.observed_at, s.value)
        .where(
            s.device_id.in_(sa.select(Device.id).where(Device.site_id == site_id)),
            s.quantity.in_((GAS, WARMTH)),
            s.observed_at.between(since, at),
            s.received_at >= since - FUTURE_SKEW,  # spares the partitions of the days before
            s.value.is_not(None),
        )
        .order_by(s.observed_at.desc())
        .limit(SAMPLES_MAX)
        .subquery()
    )
    return session.execute(sa.select(newest).order_by(newest.c.observed_at))


def _track(samples: list[tuple[float, float]]) -> Track:
    return Track([at for at, _ in samples], [value for _, value in samples])
