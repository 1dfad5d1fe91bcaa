"""What a story sees of the city: hazards, events, firings, timers, messages, as the system reads them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from hazard_flow.evidence.models import Evidence
from hazard_flow.hazards.models import Hazard, HazardEvent
from hazard_flow.schedule.models import Outbox, Timer
from hazard_flow.storage.scope import SYSTEM


@dataclass(frozen=True)
class Event:
    """One event as a story reads it."""

    seq: int
    at: datetime
    type: str
    action: str | None
    who: str
    data: Mapping[str, Any]
    body: bytes

    @property
    def firing(self) -> tuple[str, int, int]:
        """Timer, level and cycle of a firing."""
        return self.data["timer"], self.data["level"], self.data["cycle"]


@dataclass(frozen=True)
class Firing:
    """One rung that fired: how long after the report, which, and who was told."""

    after: timedelta
    level: int
    cycle: int
    told: tuple[str, ...]


@dataclass(frozen=True)
class Message:
    """One message to one person."""

    at: datetime
    who: str
    channel: str
    template: str
    params: Mapping[str, Any]


class Sights:
    """The questions of the city."""

    def look(self, hazard: Hazard) -> Hazard:
        """The hazard as it stands now."""
        [now] = self.all(sa.select(Hazard).where(Hazard.id == hazard.id))
        return now

    def hazards(self) -> list[Hazard]:
        """All hazards, by number."""
        return self.all(sa.select(Hazard).order_by(Hazard.number))

    def events(self, hazard: Hazard, type_: str | None = None) -> list[Event]:
        """The hazard's events in order, of one type where given."""
        rows = self.all(
            sa.select(HazardEvent).where(HazardEvent.hazard_id == hazard.id).order_by(HazardEvent.seq)
        )
        return [self._event(row) for row in rows if type_ in (None, row.type)]

    def actions(self, hazard: Hazard) -> list[str]:
        """What people did, in order."""
        return [event.action for event in self.events(hazard) if event.action]

    def firings(self, hazard: Hazard, timer: str) -> list[Firing]:
        """The rungs of one timer that fired."""
        return [
            Firing(
                after=event.at - hazard.reported_at,
                level=event.data["level"],
                cycle=event.data["cycle"],
                told=tuple(sorted(self.name(p) for p in event.data["told"])),
            )
            for event in self.events(hazard, "timer.escalated")
            if event.data["timer"] == timer
        ]

    def timers(self, hazard: Hazard) -> dict[str, Timer]:
        """The pending timers by name."""
        return {t.name: t for t in self.all(sa.select(Timer).where(Timer.subject_id == hazard.id))}

    def evidence(self, hazard: Hazard) -> list[Evidence]:
        """What is attached, in order."""
        return self.all(
            sa.select(Evidence).where(Evidence.hazard_id == hazard.id).order_by(Evidence.event_seq)
        )

    def told(self, hazard: Hazard, *, template: str | None = None) -> list[Message]:
        """Every message about a hazard, in order."""
        return [m for m in self._messages(Outbox.subject_id == hazard.id) if template in (None, m.template)]

    def inbox(self, who: str) -> list[Message]:
        """What lies in somebody's inbox, oldest first."""
        return self._messages(sa.and_(Outbox.person_id == self.person(who), Outbox.channel == "inbox"))

    def all(self, statement: Any, *, by: str | None = None) -> list[Any]:
        """Rows as the system, or as a named person, reads them."""
        scope = self.actor(by).scope if by else SYSTEM
        with self.database.reading(scope) as session:
            rows = list(session.scalars(statement))
            session.expunge_all()  # the rollback at the end would empty them
            return rows

    def _event(self, row: HazardEvent) -> Event:
        who = self.name(row.actor) if row.actor.startswith("person:") else row.actor
        return Event(row.seq, row.at, row.type, row.action, who, json.loads(row.body)["data"], row.body)

    def _messages(self, condition: sa.ColumnElement[bool]) -> list[Message]:
        rows = self.all(sa.select(Outbox).where(condition).order_by(Outbox.created_at, Outbox.id))
        return [Message(r.created_at, self.name(r.person_id), r.channel, r.template, r.params) for r in rows]
