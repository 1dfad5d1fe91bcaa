"""Stored episodes of alerts: making a row, reading the newest, and the pure state of a row."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.storage.base import new_id
from hazard_flow.telemetry.alerts import AlertState, Transition
from hazard_flow.telemetry.models import Alert
from hazard_flow.telemetry.places import Place
from hazard_flow.telemetry.rules import Meaning, Rules


def new_alert(
    session: Session,
    name: str,
    step: Transition,
    place: Place,
    meaning: Meaning,
    rules: Rules,
    *,
    began: datetime,
    now: datetime,
) -> Alert:
    """A new episode that began at `began`, in the session and not yet of any hazard."""
    alert = Alert(
        id=new_id(),
        fingerprint=name,
        episode=step.episode,
        rule=meaning.rule,
        rules_version=rules.version,
        family=meaning.family,
        alert_class=meaning.alert_class,
        site_id=place.site.id,
        device_id=place.device.id if place.device else None,
        condition="firing",
        level=step.level,
        peak_level=step.level,
        started_at=began,
        last_high_at=step.at,
        seen_to_at=step.at,
        raised_at=now,
        blind=False,
        truncated=0,
        summary="",
    )
    session.add(alert)
    return alert


def latest_of(session: Session, names: set[str]) -> dict[str, Alert]:
    """The newest episode of each alert."""
    if not names:
        return {}
    newest = (
        sa.select(Alert.fingerprint, sa.func.max(Alert.started_at).label("started_at"))
        .where(Alert.fingerprint.in_(names))
        .group_by(Alert.fingerprint)
        .subquery()
    )
    joined = sa.and_(Alert.fingerprint == newest.c.fingerprint, Alert.started_at == newest.c.started_at)
    return {alert.fingerprint: alert for alert in session.scalars(sa.select(Alert).join(newest, joined))}


def state_of(alert: Alert | None) -> AlertState | None:
    """The pure state of a stored episode."""
    if alert is None:
        return None
    return AlertState(
        condition="firing" if alert.condition == "firing" else "normal",
        level=alert.level,
        peak_level=alert.peak_level,
        episode=alert.episode,
        started_at=alert.started_at,
        last_high_at=alert.last_high_at,
        seen_to_at=alert.seen_to_at,
    )
