"""Stored episodes of alerts: making a row, reading those near an instant, and the pure values of a row."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.storage.base import new_id
from hazard_flow.telemetry.alerts import Said, Transition
from hazard_flow.telemetry.models import Alert
from hazard_flow.telemetry.places import Place
from hazard_flow.telemetry.rules import Meaning, Rules
from hazard_flow.telemetry.scanning import Episode


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
        fired_at=step.at,
        raised_at=now,
        blind=False,
        truncated=0,
        summary="",
        late=False,
        suppressed_by="",
    )
    session.add(alert)
    return alert


def latest_of(session: Session, names: set[str]) -> dict[str, Alert]:
    """The newest episode of each alert."""
    if not names:
        return {}
    newest = (
        sa.select(Alert.fingerprint, sa.func.max(Alert.started_at).label("started_at"))
        .where(Alert.fingerprint.in_(names), Alert.merged_into_id.is_(None))
        .group_by(Alert.fingerprint)
        .subquery()
    )
    joined = sa.and_(Alert.fingerprint == newest.c.fingerprint, Alert.started_at == newest.c.started_at)
    return {alert.fingerprint: alert for alert in session.scalars(sa.select(Alert).join(newest, joined))}


def near(session: Session, names: Collection[str], *, since: datetime) -> Mapping[str, list[Alert]]:
    """The episodes of each alert that fire or were not over at an instant, in the order they fired."""
    found: dict[str, list[Alert]] = {}
    if not names:
        return found
    rows = session.scalars(
        sa.select(Alert)
        .where(
            Alert.fingerprint.in_(names),
            Alert.merged_into_id.is_(None),
            sa.or_(Alert.condition == "firing", Alert.normal_at >= since),
        )
        .order_by(Alert.fired_at, Alert.id)
    )
    for alert in rows:
        found.setdefault(alert.fingerprint, []).append(alert)
    return found


def said_of(alert: Alert | None) -> Said | None:
    """The pure state of an outside system's episode."""
    if alert is None:
        return None
    return Said(
        condition="firing" if alert.condition == "firing" else "normal",
        level=alert.level,
        peak_level=alert.peak_level,
        episode=alert.episode,
        started_at=alert.started_at,
        seen_to_at=alert.seen_to_at,
    )


def episode_of(alert: Alert, sign: int) -> Episode:
    """The pure value of a stored episode."""
    return Episode(
        began_at=alert.started_at.timestamp(),
        fired_at=(alert.fired_at or alert.started_at).timestamp(),
        level=alert.level,
        peak_level=alert.peak_level,
        peak_value=alert.peak_value or 0.0,
        kept_at=alert.last_high_at.timestamp(),
        seen_to_at=alert.seen_to_at.timestamp(),
        normal_at=alert.normal_at.timestamp() if alert.normal_at and alert.condition == "normal" else None,
        sign=sign,
    )


def write(alert: Alert, episode: Episode, *, now: datetime) -> None:
    """Let a row say what its episode is."""
    alert.started_at, alert.fired_at = instant(episode.began_at), instant(episode.fired_at)
    alert.level, alert.peak_level, alert.peak_value = episode.level, episode.peak_level, episode.peak_value
    alert.last_high_at, alert.seen_to_at = instant(episode.kept_at), instant(episode.seen_to_at)
    if episode.normal_at is None:
        alert.condition, alert.normal_at, alert.ended_at = "firing", None, None
    else:
        alert.normal_at = instant(episode.normal_at)
        if alert.condition != "normal":
            alert.condition, alert.ended_at = "normal", now


def merge(into: Alert, rows: Sequence[Alert], *, now: datetime) -> None:
    """These episodes proved to be parts of one: they stay, and are counted no more."""
    for row in rows:
        row.merged_into_id, row.condition = into.id, "normal"
        row.ended_at = row.ended_at or now


def free_name(session: Session, name: str, began: datetime, fired: datetime) -> str:
    """What a new episode is called: by its beginning, and where one is called so already by its firing too."""
    wanted = began.isoformat()
    taken = set(
        session.scalars(
            sa.select(Alert.episode).where(
                Alert.fingerprint == name, Alert.episode.startswith(wanted, autoescape=True)
            )
        )
    )
    if wanted not in taken:
        return wanted
    longer = f"{wanted}+{fired.isoformat()}"
    return longer if longer not in taken else f"{longer}+{uuid.uuid4().hex[:8]}"


def instant(seconds: float) -> datetime:
    """Seconds since 1970 as an instant."""
    return datetime.fromtimestamp(seconds, UTC)
