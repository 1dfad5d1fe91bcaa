"""Reads: alarms and curves of hazards, the inbox's balance, the quarantine, how long ago sources were heard."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.i18n import Label, both
from hazard_flow.storage.paging import Page, keyset
from hazard_flow.telemetry.inbox import TOUCH_EVERY
from hazard_flow.telemetry.models import INBOX_STATES, Alert, Device, Inbox, Source
from hazard_flow.telemetry.rulefile import shipped_rules

#: our heartbeat passes every ten seconds; after this much silence the way through the broker is broken
BROKER_SILENCE_MAX = timedelta(seconds=60)
#: evaluation takes a second; a message older than this waits for somebody
PENDING_MAX = timedelta(minutes=1)
#: a sender that left alerts out is told about for so long
TRUNCATION_TOLD = timedelta(days=1)


@dataclass(frozen=True)
class Alarm:
    """One episode of an alarm of a hazard, as people read it."""

    device: str
    rule: str
    family: str
    alert_class: str
    condition: str
    level: int
    peak_level: int
    #: of samples, in the rule's unit; None for other systems' alarms
    peak_value: float | None
    started_at: datetime
    raised_at: datetime
    ended_at: datetime | None
    blind: bool
    truncated: int
    #: the sender's own words, without the device's name before them
    summary: str
    device_id: uuid.UUID | None
    #: a later episode of the same alert exists: whether this one ended was never said
    superseded: bool


def alarms_of(session: Session, hazard_id: uuid.UUID) -> list[Alarm]:
    """All alarm episodes of a hazard, the first-out first."""
    rows = session.execute(
        sa.select(Alert, Device.code)
        .outerjoin(Device, Device.id == Alert.device_id)
        .where(Alert.hazard_id == hazard_id, Alert.merged_into_id.is_(None))
        .order_by(Alert.started_at, Alert.id)
    ).all()
    latest = {alert.fingerprint: alert.id for alert, _ in rows}
    return [
        Alarm(
            device=code or "",
            rule=alert.rule,
            family=alert.family,
            alert_class=alert.alert_class,
            condition=alert.condition,
            level=alert.level,
            peak_level=alert.peak_level,
            peak_value=alert.peak_value,
            started_at=alert.started_at,
            raised_at=alert.raised_at,
            ended_at=alert.ended_at,
            blind=alert.blind,
            truncated=alert.truncated,
            summary=alert.summary.removeprefix(code or "").strip(),
            device_id=alert.device_id,
            superseded=latest[alert.fingerprint] != alert.id,
        )
        for alert, code in rows
    ]


def balance(session: Session) -> dict[str, int]:
    """Messages by state; together they are all that ever came in and was not yet aged out."""
    counts = session.execute(sa.select(Inbox.state, sa.func.count()).group_by(Inbox.state))
    counted = {row[0]: row[1] for row in counts}
    return {state: counted.get(state, 0) for state in INBOX_STATES}


def quarantine(session: Session, *, cursor: str | None = None, limit: int = 50) -> Page[Inbox]:
    """Messages that could not be used, wholly or in part, the newest first."""
    dead = sa.select(Inbox).where(Inbox.state == "dead")
    return keyset(session, dead, instant=Inbox.received_at, id_=Inbox.id, cursor=cursor, limit=limit)


def broker_silent(session: Session, now: datetime) -> Label | None:
    """A sentence when nothing, not even our own heartbeat, came through the broker for a minute; a check for `/watchz`."""
    silent = sa.select(Source.name, Source.last_message_at).where(
        Source.kind == "mqtt",
        Source.active,
        sa.or_(
            Source.last_message_at.is_(None), Source.last_message_at < now - BROKER_SILENCE_MAX - TOUCH_EVERY
        ),
    )
    for name, last in session.execute(silent.order_by(Source.name)):
        if last is None:
            return both("watch.broker_silent.never", name=name)
        return both("watch.broker_silent.found", name=name, at=f"{last:%Y-%m-%d %H:%M:%SZ}")
    return None


def pending_too_long(session: Session, now: datetime) -> Label | None:
    """A sentence when a stored message waits for evaluation longer than a minute; a check for `/watchz`."""
    oldest = session.scalar(sa.select(sa.func.min(Inbox.received_at)).where(Inbox.state == "pending"))
    if oldest is None or now - oldest <= PENDING_MAX:
        return None
    return both("watch.alarms_pending.found", at=f"{oldest:%Y-%m-%d %H:%M:%SZ}")


def truncating_sources(session: Session, now: datetime) -> Label | None:
    """A sentence when senders left alerts out of their messages within the last day; a check for `/watchz`."""
    cut = sa.select(Alert.rule).where(Alert.truncated > 0, Alert.raised_at > now - TRUNCATION_TOLD).distinct()
    rules = set(session.scalars(cut))
    if not rules:
        return None
    kinds = {kind for kind, (rule, _) in shipped_rules().external.items() if rule in rules}
    names = session.scalars(sa.select(Source.name).where(Source.kind.in_(kinds)).order_by(Source.name))
    return both("watch.alarms_cut.found", names=", ".join(names) or ", ".join(sorted(rules)))
