"""Timers laid to be fired in the middle of a fault, and what became of each of them."""

import json
import time
import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from hazard_flow.bench.timers import town
from hazard_flow.hazards.models import Hazard, HazardEvent
from hazard_flow.schedule.models import Timer
from hazard_flow.storage.scope import SYSTEM
from tests.chaos.place import Place

LOOK_SECONDS = 0.2
#: acts that end the limit to classify
CLASSIFYING = ("assign", "dismiss", "merge")


@dataclass(frozen=True)
class Laid:
    """Hazards each of which has one first rung to fire, and when that is due."""

    hazards: frozenset[uuid.UUID]
    due_at: datetime

    def __or__(self, more: "Laid") -> "Laid":
        return Laid(self.hazards | more.hazards, max(self.due_at, more.due_at))


def lay(place: Place, count: int) -> Laid:
    """So many hazards whose limit to classify ran out last midnight."""
    there = _hazards(place)
    due_at = town.fill_overdue(place.application, count)
    found = _hazards(place) - there
    assert len(found) == count
    return Laid(found, due_at)


def _hazards(place: Place) -> frozenset[uuid.UUID]:
    with place.database.reading(SYSTEM) as session:
        return frozenset(session.scalars(sa.select(Hazard.id)))


def left(place: Place, laid: Laid) -> int:
    """How many timers are still due."""
    with place.database.reading(SYSTEM) as session:
        due = (
            sa.select(sa.func.count())
            .select_from(Timer)
            .where(Timer.due_at <= laid.due_at, Timer.parked_at.is_(None))
        )
        return session.scalar(due) or 0


def all_fired(place: Place, laid: Laid, *, within_seconds: float) -> bool:
    """Whether nothing of it is due any more, before the time is over; asked seldom, since it costs the workers' machine."""
    until = time.monotonic() + within_seconds
    due = sa.exists().where(Timer.due_at <= laid.due_at, Timer.parked_at.is_(None))
    while time.monotonic() < until:
        with place.database.reading(SYSTEM) as session:
            if not session.scalar(sa.select(due)):
                return True
        time.sleep(LOOK_SECONDS)
    return False


def fates(place: Place, laid: Laid) -> Counter[str]:
    """`fired` and `classified` of what was laid; anything else is a breach: `lost`, `doubled`, `fired though classified`."""
    fired: Counter[uuid.UUID] = Counter()
    classified: set[uuid.UUID] = set()
    late: set[uuid.UUID] = set()
    with place.database.reading(SYSTEM) as session:
        rows = session.execute(
            sa.select(HazardEvent.hazard_id, HazardEvent.type, HazardEvent.action, HazardEvent.body)
            .where(HazardEvent.type.in_(["timer.escalated", "hazard.acted"]))
            .order_by(HazardEvent.hazard_id, HazardEvent.seq)
        )
        for hazard, type_, action, body in rows:
            if type_ == "hazard.acted":
                classified |= {hazard} if action in CLASSIFYING else set()
                continue
            data = json.loads(body)["data"]
            if (data["timer"], data["level"]) == ("classify", 0):
                fired[hazard] += 1
                late |= {hazard} & classified
    return Counter(_fate(fired[id_], id_ in classified, id_ in late) for id_ in laid.hazards)


def _fate(fired: int, is_classified: bool, is_late: bool) -> str:
    if is_late:
        return "fired though classified"
    if fired > 1:
        return "doubled"
    return "fired" if fired else "classified" if is_classified else "lost"
