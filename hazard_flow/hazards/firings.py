"""What fired before a pending timer was planned, and what was acknowledged since: read from the events, set-based."""

import json
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.hazards.models import HazardEvent
from hazard_flow.hazards.tags import EventTag
from hazard_flow.schedule.models import Timer
from hazard_flow.schedule.rows import TimerRow
from hazard_flow.workflow.plan import PlannedTimer

ACKNOWLEDGE = "acknowledge"


@dataclass(frozen=True)
class Fired:
    """One firing as its event tells it."""

    step: PlannedTimer
    at: datetime


@dataclass(frozen=True)
class Firings:
    """The firing each pending timer follows, and each hazard's last acknowledgement."""

    #: (hazard, timer name, instant the pending timer was planned) → the firing that planned it
    before: dict[tuple[uuid.UUID, str, datetime], Fired] = field(default_factory=dict)
    acknowledged_at: dict[uuid.UUID, datetime] = field(default_factory=dict)

    def fired_before(self, timer: TimerRow) -> Fired | None:
        """The firing a timer follows; None for the first of its ladder. A firing plans the next one in its own instant."""
        return self.before.get((timer.subject_id, timer.name, timer.created_at))

    def is_acknowledged(self, timer: TimerRow, fired: Fired) -> bool:
        """Whether somebody acknowledged since that firing."""
        at = self.acknowledged_at.get(timer.subject_id)
        return at is not None and at >= fired.at


def read_firings(session: Session, hazards: Collection[uuid.UUID]) -> Firings:
    """Two queries for any number of hazards; none for none."""
    if not hazards:
        return Firings()
    events = session.scalars(
        sa.select(HazardEvent)
        .join(
            Timer,
            sa.and_(Timer.subject_id == HazardEvent.hazard_id, Timer.created_at == HazardEvent.at),
        )
        .where(
            HazardEvent.hazard_id.in_(list(hazards)),
            HazardEvent.type.in_([EventTag.REMINDED.value, EventTag.ESCALATED.value]),
        )
    )
    before = {
        (event.hazard_id, fired.step.name, event.at): fired for event in events for fired in [_fired(event)]
    }
    seen = session.execute(
        sa.select(HazardEvent.hazard_id, sa.func.max(HazardEvent.at))
        .where(HazardEvent.hazard_id.in_(list(hazards)), HazardEvent.action == ACKNOWLEDGE)
        .group_by(HazardEvent.hazard_id)
    )
    return Firings(before, {row[0]: row[1] for row in seen})


def _fired(event: HazardEvent) -> Fired:
    data = json.loads(event.body)["data"]
    step = PlannedTimer(
        name=data["timer"],
        level=data["level"],
        cycle=data["cycle"],
        due_at=datetime.fromisoformat(data["due_at"]),
        expires_at=datetime.fromisoformat(data["expires_at"]),
    )
    return Fired(step, event.at)
