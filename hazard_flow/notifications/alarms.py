"""Alarms the people who keep the system running: a parked timer is a ladder that no longer climbs, a failed message a person not told."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.identity.models import Membership, Organisation, Person
from hazard_flow.schedule.models import Outbox, Timer
from hazard_flow.schedule.operations import enqueue
from hazard_flow.storage.base import new_id

CHANNELS = ("inbox", "message")
#: as long as something lies in a dead-letter list, its keepers hear of it once a day
REMIND_EVERY = timedelta(hours=24)
#: reminders written in one go
REMINDERS_MAX = 50
#: subject kinds of these alarms
TIMER, MESSAGE = "timer", "message"
#: whoever looks after the organisation, else after any, else the regulators, else those who answer for the enterprise
_ROLES = (
    ("administrator", True),
    ("administrator", False),
    ("county_officer", False),
    ("city_officer", False),
    ("provincial_officer", False),
    ("safety_director", True),
    ("enterprise_principal", True),
)


def announce_parked(session: Session, timer: Timer, now: datetime) -> None:
    """Tell the keepers that a timer was parked; a second parking of the same timer is told again."""
    params = {"name": timer.name, "error": (timer.error or "")[:300]}
    enqueue(
        session, _alarms(session, TIMER, timer.id, timer.home_id, template="parked", params=params, now=now)
    )


def announce_failed(session: Session, row: Outbox, now: datetime) -> None:
    """Tell the keepers that a message was given up: once a day for each person and channel, however many messages hang on one address.

    Alarms about alarms are not told: whoever should read them is the one who cannot be reached. `/watchz` counts them all the same.
    """
    if row.subject_kind in (TIMER, MESSAGE):
        return
    person_today = uuid.uuid5(row.person_id, f"{row.channel}:{now:%Y-%m-%d}")
    params: dict[str, Any] = {"reason": row.reason or ""}
    params |= {key: row.params[key] for key in ("number", "title") if key in row.params}
    alarms = _alarms(
        session, MESSAGE, person_today, row.home_id, template="undelivered", params=params, now=now
    )
    enqueue(session, [alarm for alarm in alarms if alarm.person_id != row.person_id])


def remind_keepers(session: Session, now: datetime) -> int:
    """Tell once more of timers still parked a day after anybody was last told, or of which nobody could be told; returns how many."""
    told_at = (
        sa.select(sa.func.max(Outbox.created_at))
        .where(Outbox.subject_kind == TIMER, Outbox.subject_id == Timer.id)
        .scalar_subquery()
    )
    waiting = session.scalars(
        sa.select(Timer)
        .where(Timer.parked_at.is_not(None), sa.or_(told_at.is_(None), told_at <= now - REMIND_EVERY))
        .order_by(Timer.due_at, Timer.id)
        .limit(REMINDERS_MAX)
    ).all()
    for timer in waiting:
        announce_parked(session, timer, now)
    return len(waiting)


def _alarms(
    session: Session,
    kind: str,
    subject_id: uuid.UUID,
    home_id: uuid.UUID,
    *,
    template: str,
    params: dict[str, Any],
    now: datetime,
) -> list[Outbox]:
    """One message to each keeper over each channel. A parked timer is told anew each time, a dead address once for its subject."""
    seq = _nth(session, subject_id) if kind == TIMER else 1
    return [
        Outbox(
            id=new_id(), home_id=home_id, subject_kind=kind, subject_id=subject_id, seq=seq, person_id=person,
            channel=channel, template=template, params=params, created_at=now, due_at=now,
        )
        for person in keepers(session, home_id)
        for channel in CHANNELS
    ]  # fmt: skip


def _nth(session: Session, subject_id: uuid.UUID) -> int:
    return (
        session.scalar(sa.select(sa.func.max(Outbox.seq)).where(Outbox.subject_id == subject_id)) or 0
    ) + 1


def keepers(session: Session, home_id: uuid.UUID) -> Sequence[uuid.UUID]:
    """Whom to tell that something of this organisation is stuck: the nearest kind of keeper of whom there is any."""
    for role, own_home_only in _ROLES:
        statement = (
            sa.select(Membership.person_id)
            .join(Organisation, Organisation.id == Membership.organisation_id)
            .join(Person, Person.id == Membership.person_id)
            .where(Membership.role == role, Membership.ended_at.is_(None), Person.active)
        )
        if own_home_only:
            statement = statement.where(Organisation.path.startswith(home_id.hex + "/"))
        found = list(session.scalars(statement.distinct().order_by(Membership.person_id)))
        if found:
            return found
    return []
