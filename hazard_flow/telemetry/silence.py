"""Devices that are not heard, on our own clock. One query finds those that came due; a message moves no due instant, only the look does.

Silence is a device's own only while we listen: what was silent together with our broker, or while no worker ran, is counted from when
we heard again.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.telemetry.alerts import Change, Transition
from hazard_flow.telemetry.episodes import latest_of, new_alert
from hazard_flow.telemetry.models import Alert, Device, Source, StoredSignal, Sweep
from hazard_flow.telemetry.notices import Held, Notice
from hazard_flow.telemetry.places import Place
from hazard_flow.telemetry.rules import Meaning, NoData, Rules
from hazard_flow.telemetry.signals import fingerprint

#: devices looked at in one sweep
DEVICES_MAX = 2_000
#: a silent device is looked at again so much later, in case it spoke without our noticing
LOOK_AGAIN = timedelta(days=1)
#: the broker brings our own heartbeat every ten seconds, and sweeps come every quarter of a minute
DEAF_AFTER = timedelta(minutes=2)
#: quantities sent within this span are those a device speaks of
QUANTITIES_OF = timedelta(days=3)
#: rows of `sweep`: since when we listen, and when we looked last
LISTENING, LOOKED = "listening", "silence"


def fold_silence(session: Session, rules: Rules, *, now: datetime) -> list[Notice]:
    """Look at the devices that came due; the alerts of those that are silent. One never heard is not waited for."""
    since = listening_since(session, now=now)
    if not rules.no_data or since is None:
        return []
    [rule, *_] = rules.no_data
    devices = session.scalars(
        sa.select(Device)
        .where(
            Device.last_seen_at.is_not(None),
            sa.or_(Device.silent_due_at.is_(None), Device.silent_due_at <= now),
        )
        .order_by(Device.silent_due_at, Device.id)
        .limit(DEVICES_MAX)
    ).all()
    every = intervals(session, devices, rules, now=now)
    silent: list[Device] = []
    for device in devices:
        if device.id not in every:
            device.silent_due_at = now + LOOK_AGAIN  # nobody knows how often it speaks
            continue
        assert device.last_seen_at is not None
        device.silent_due_at = max(device.last_seen_at, since) + rule.missed * every[device.id]
        if device.silent_due_at <= now:
            device.silent_due_at = now + LOOK_AGAIN
            silent.append(device)
    return _raised(session, silent, rule, rules, every, now=now)


def listening_since(session: Session, *, now: datetime) -> datetime | None:
    """Since when we have been listening without a break; None while the broker is silent as a whole."""
    heard = session.scalar(
        sa.select(sa.func.max(Source.last_message_at)).where(Source.kind == "mqtt", Source.active)
    )
    row = session.get(Sweep, LISTENING) or Sweep(name=LISTENING, done_to=now)
    looked = session.get(Sweep, LOOKED) or Sweep(name=LOOKED, done_to=now)
    session.add_all([row, looked])
    has_broker = session.scalar(sa.select(sa.exists().where(Source.kind == "mqtt", Source.active)))
    is_deaf = bool(has_broker) and (heard is None or heard < now - DEAF_AFTER)
    if is_deaf or now - looked.done_to > DEAF_AFTER:
        row.done_to = now
    looked.done_to = now
    return None if is_deaf else row.done_to


def intervals(
    session: Session, devices: Collection[Device], rules: Rules, *, now: datetime
) -> Mapping[uuid.UUID, timedelta]:
    """How often each device is expected: as is said of it, else as the most frequent quantity it sent of late."""
    found = {
        device.id: timedelta(seconds=device.expect_every_seconds)
        for device in devices
        if device.expect_every_seconds
    }
    rest = {device.id for device in devices} - found.keys()
    sent = session.execute(
        sa.select(StoredSignal.device_id, StoredSignal.quantity)
        .where(StoredSignal.device_id.in_(rest), StoredSignal.observed_at >= now - QUANTITIES_OF)
        .distinct()
    )
    for device_id, quantity in sent:
        every = rules.interval(quantity)
        if every is not None and device_id is not None:
            found[device_id] = min(every, found.get(device_id, every))
    return found


def heard_again(
    session: Session, device_ids: Collection[uuid.UUID], rules: Rules, *, now: datetime
) -> list[Notice]:
    """End the silence of devices that spoke."""
    ids = {rule.id for rule in rules.no_data}
    if not device_ids or not ids:
        return []
    rows = session.execute(
        sa.select(Alert, Device, Asset)
        .join(Device, Device.id == Alert.device_id)
        .join(Asset, Asset.id == Device.site_id)
        .where(Alert.device_id.in_(device_ids), Alert.rule.in_(ids), Alert.condition == "firing")
        .order_by(Alert.id)
    )
    notices = []
    for alert, device, site in rows:
        # a statement about a device is not the device speaking
        if device.last_seen_at is None or device.last_seen_at <= alert.started_at:
            continue
        alert.condition, alert.ended_at, alert.normal_at = "normal", now, device.last_seen_at
        device.silent_due_at = None
        step = Transition(Change.ENDED, 1, alert.episode, device.last_seen_at)
        notices.append(Notice(alert, step, site, device))
    return notices


def _raised(
    session: Session,
    silent: Collection[Device],
    rule: NoData,
    rules: Rules,
    every: Mapping[uuid.UUID, timedelta],
    *,
    now: datetime,
) -> list[Notice]:
    if not silent:
        return []
    session.flush()
    latest = latest_of(session, {fingerprint(rule.id, str(device.id)) for device in silent})
    sites = _assets(session, {device.site_id for device in silent})
    together = _together(session, silent, rule, rules, now=now)
    notices = []
    for device in silent:
        name = fingerprint(rule.id, str(device.id))
        if name in latest and latest[name].condition == "firing":
            continue
        assert device.last_seen_at is not None
        began = device.last_seen_at
        step = Transition(Change.RAISED, 1, began.isoformat(), began + rule.missed * every[device.id])
        place = Place(sites[device.site_id], device)
        meaning = Meaning(rule.id, rule.family, rule.alert_class, 1)
        alert = new_alert(session, name, step, place, meaning, rules, began=began, now=now)
        gateway = together.get(device.gateway_id) if device.gateway_id else None
        held = Held(gateway, rule.grouped_family) if gateway is not None else None
        notices.append(Notice(alert, step, place.site, device, held=held))
    return notices


def _together(
    session: Session, silent: Collection[Device], rule: NoData, rules: Rules, *, now: datetime
) -> Mapping[uuid.UUID, Asset]:
    """The gateways behind which so many devices are silent, or about to be, that it is one hazard of the gateway."""
    gateways = {device.gateway_id for device in silent if device.gateway_id is not None}
    if not gateways:
        return {}
    behind = session.scalars(
        sa.select(Device).where(Device.gateway_id.in_(gateways), Device.last_seen_at.is_not(None))
    ).all()
    every = intervals(session, behind, rules, now=now)
    # What fell silent with it has missed one interval less by now, and comes due within the next.
    count = Counter(
        device.gateway_id
        for device in behind
        if device.id in every
        and device.last_seen_at is not None
        and now - device.last_seen_at >= (rule.missed - 1) * every[device.id]
    )
    return _assets(session, {one for one in gateways if count[one] >= rule.group_min})


def _assets(session: Session, ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Asset]:
    if not ids:
        return {}
    return {asset.id: asset for asset in session.scalars(sa.select(Asset).where(Asset.id.in_(ids)))}
