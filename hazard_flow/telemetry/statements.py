"""What other systems and devices say of themselves, into episodes: firing and resolved, online and offline."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.models import Hazard
from hazard_flow.telemetry.alerts import Change, Transition, fold_statement
from hazard_flow.telemetry.episodes import latest_of, new_alert, said_of
from hazard_flow.telemetry.models import Alert
from hazard_flow.telemetry.notices import Notice
from hazard_flow.telemetry.placed import Placed
from hazard_flow.telemetry.rules import Meaning, Rules
from hazard_flow.telemetry.signals import Status, fingerprint

#: what `online` and `offline` mean
LINK = Meaning("link", "device_fault", "sensor_fault", 1)


def fold_statements(session: Session, said: Sequence[Placed], rules: Rules, *, now: datetime) -> list[Notice]:
    """Fold other systems' statements, each into the episode it names; the transitions in the order they were said."""
    named = {(fingerprint(str(p.source.id), p.signal.identity), p.signal.episode) for p in said}
    rows = session.scalars(
        sa.select(Alert).where(
            Alert.fingerprint.in_({n for n, _ in named}), Alert.episode.in_({e for _, e in named})
        )
    )
    alerts = {(alert.fingerprint, alert.episode): alert for alert in rows}
    notices: list[Notice] = []
    for p in said:
        if p.meaning is None:
            continue
        key = (fingerprint(str(p.source.id), p.signal.identity), p.signal.episode)
        notices += _fold_one(session, p, p.meaning, key, alerts, rules, now=now)
    return notices


def _fold_one(
    session: Session,
    p: Placed,
    meaning: Meaning,
    key: tuple[str, str],
    alerts: dict[tuple[str, str], Alert],
    rules: Rules,
    *,
    now: datetime,
) -> list[Notice]:
    alert, firing = alerts.get(key), p.signal.status is Status.FIRING
    state, step = fold_statement(
        said_of(alert), firing=firing, level=meaning.level, episode=key[1], at=p.signal.observed_at
    )
    cut = firing and p.signal.truncated > 0
    if alert is None:
        began = Transition(Change.RAISED, state.level, key[1], p.signal.observed_at)
        alert = alerts[key] = new_alert(
            session, key[0], began, p.place, meaning, rules, began=p.signal.observed_at, now=now
        )
        alert.summary = p.signal.summary
    elif step is None and cut and not alert.truncated:
        step = Transition(Change.CUT, state.level, key[1], p.signal.observed_at)
    alert.truncated = max(alert.truncated, p.signal.truncated if cut else 0)
    alert.condition, alert.level, alert.peak_level = state.condition, state.level, state.peak_level
    alert.seen_to_at = state.seen_to_at
    if state.condition == "normal" and alert.ended_at is None:
        alert.ended_at, alert.normal_at = now, p.signal.observed_at
    return [Notice(alert, step, p.place.site, p.place.device)] if step else []


def fold_links(session: Session, said: Sequence[Placed], rules: Rules, *, now: datetime) -> list[Notice]:
    """A device that goes offline in alarm, or while its gas hazard is open, is a sensor fault at once; another is only shown so."""
    devices = {p.place.device.id for p in said if p.place.device is not None}
    if not devices:
        return []
    session.flush()
    still, open_ = Alert.condition == "firing", sa.and_(Hazard.id.is_not(None), Hazard.closed_at.is_(None))
    in_alarm = set(
        session.scalars(
            sa.select(Alert.device_id)
            .outerjoin(Hazard, Hazard.id == Alert.hazard_id)
            .where(Alert.device_id.in_(devices), Alert.alert_class != "sensor_fault", sa.or_(still, open_))
        )
    )
    latest = latest_of(session, {fingerprint(LINK.rule, str(device)) for device in devices})
    notices: list[Notice] = []
    for p in said:
        device = p.place.device
        if device is None:
            continue
        name = fingerprint(LINK.rule, str(device.id))
        alert = latest.get(name)
        firing = alert is not None and alert.condition == "firing"
        offline = p.signal.status is Status.OFFLINE
        if offline and not firing and device.id in in_alarm:
            step = Transition(Change.RAISED, 1, p.signal.observed_at.isoformat(), p.signal.observed_at)
            alert = latest[name] = new_alert(
                session, name, step, p.place, LINK, rules, began=step.at, now=now
            )
            notices.append(Notice(alert, step, p.place.site, device))
        elif not offline and firing and alert is not None:
            step = Transition(Change.ENDED, 1, alert.episode, p.signal.observed_at)
            alert.condition, alert.ended_at, alert.normal_at = "normal", now, step.at
            notices.append(Notice(alert, step, p.place.site, device))
    return notices
