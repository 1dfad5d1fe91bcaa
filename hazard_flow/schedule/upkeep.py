"""The record of what keepers did to stuck timers and messages: who, when, and how it stood before."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.schedule.models import Outbox, Timer, Upkeep
from hazard_flow.storage.base import new_id

Act = Literal["timer.retried", "message.retried", "message.settled"]
RECENT = 10


def note(
    session: Session,
    act: Act,
    thing: Timer | Outbox,
    *,
    actor: str,
    now: datetime,
    data: Mapping[str, Any],
    said: str = "",
) -> None:
    """Write down what somebody did to a timer or message, before it is done; `actor` is `person:<id>` or `operator:<account>`."""
    session.add(
        Upkeep(
            id=new_id(),
            home_id=thing.home_id,
            at=now,
            actor=actor,
            act=act,
            thing_id=thing.id,
            subject_kind=thing.subject_kind,
            subject_id=thing.subject_id,
            data=dict(data),
            note=said,
        )
    )
    session.flush()


def recent(session: Session, acts: tuple[Act, ...], *, seen: sa.ColumnElement[bool]) -> list[Upkeep]:
    """The last acts of these kinds that a condition leaves, newest first."""
    statement = sa.select(Upkeep).where(Upkeep.act.in_(acts), seen)
    return list(session.scalars(statement.order_by(Upkeep.at.desc(), Upkeep.id.desc()).limit(RECENT)))
