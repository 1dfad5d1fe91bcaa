"""Alarms the people who keep the system running: a parked timer is a ladder that no longer climbs."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.identity.models import Membership, Organisation, Person
from hazard_flow.schedule.models import Outbox, Timer
from hazard_flow.schedule.operations import enqueue
from hazard_flow.storage.base import new_id

CHANNELS = ("inbox", "email")
#: whoever looks after the timer's organisation, else after any, else the regulators
_ROLES = (
    ("administrator", True),
    ("administrator", False),
    ("county_officer", False),
    ("city_officer", False),
)


def announce_parked(session: Session, timer: Timer, now: datetime) -> None:
    """Tell the administrators that a timer was parked; a second parking of the same timer is told again."""
    enqueue(
        session,
        [
            Outbox(
                id=new_id(), home_id=timer.home_id, subject_kind="timer", subject_id=timer.id, seq=_nth(session, timer.id),
                person_id=person, channel=channel, template="parked",
                params={"name": timer.name, "error": (timer.error or "")[:300]}, created_at=now, due_at=now,
            )
            for person in _keepers(session, timer.home_id)
            for channel in CHANNELS
        ],
    )  # fmt: skip


def _nth(session: Session, timer_id: uuid.UUID) -> int:
    return (session.scalar(sa.select(sa.func.max(Outbox.seq)).where(Outbox.subject_id == timer_id)) or 0) + 1


def _keepers(session: Session, home_id: uuid.UUID) -> list[uuid.UUID]:
    for role, own_home_only in _ROLES:
        statement = (
            sa.select(Membership.person_id)
            .join(Organisation, Organisation.id == Membership.organisation_id)
            .join(Person, Person.id == Membership.person_id)
            .where(Membership.role == role, Membership.ended_at.is_(None), Person.active)
        )
        if own_home_only:
            statement = statement.where(Organisation.path.startswith(home_id.hex + "/"))
        found = list(session.scalars(statement.distinct()))
        if found:
            return found
    return []
