"""What is known of a hazard's past: its events opened, and the firings among them as values."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hazard_flow.hazards.models import HazardEvent
from hazard_flow.hazards.tags import EventTag

#: events that are firings
FIRINGS = (EventTag.ESCALATED, EventTag.REMINDED)


@dataclass(frozen=True)
class Past:
    """One recorded event, its body opened."""

    seq: int
    at: datetime
    type: str
    action: str | None
    #: `person:<id>`, `system:<part>` or `protected`
    actor: str
    data: Mapping[str, Any]
    #: its hash in hex; empty where only what happened is asked
    hash: str = ""

    @property
    def who(self) -> uuid.UUID | None:
        """The person who did it; None for the system and for whoever reported in confidence."""
        return person_of(self.actor)

    @property
    def fields(self) -> Mapping[str, Any]:
        """What the form said."""
        found: Mapping[str, Any] = self.data.get("fields") or {}
        return found

    @property
    def done_at(self) -> datetime | None:
        """Its own time, where it was done without a network and handed in later."""
        found = self.data.get("offline")
        return datetime.fromisoformat(str(found["at"])) if found else None

    @property
    def is_step(self) -> bool:
        """Whether it moved the hazard to another stage."""
        return bool(self.data.get("stage")) and self.data.get("from_stage") != self.data.get("stage")

    @classmethod
    def of(cls, *, seq: int, at: datetime, type: str, action: str | None, actor: str, body: bytes) -> "Past":
        """An event out of its stored columns."""
        return cls(seq, at, type, action, actor, json.loads(body)["data"])


@dataclass(frozen=True)
class Fired:
    """One firing: a reminder (level below 0) or a rung of a ladder, and whom it told."""

    at: datetime
    timer: str
    level: int
    cycle: int
    colour: str | None
    people: tuple[uuid.UUID, ...]
    unreachable: tuple[str, ...]
    #: when the span it measures began, which tells two runs of one timer apart; unknown of a recorded firing
    since: datetime | None = None

    @property
    def step(self) -> tuple[str, int, int]:
        """Timer, level and cycle."""
        return self.timer, self.level, self.cycle


def read_past(chain: Sequence[HazardEvent]) -> tuple[Past, ...]:
    """A hazard's events, oldest first."""
    return tuple(
        Past(
            seq=event.seq,
            at=event.at,
            type=event.type,
            action=event.action,
            actor=event.actor,
            data=json.loads(event.body)["data"],
            hash=event.hash.hex(),
        )
        for event in chain
    )


def person_of(key: str) -> uuid.UUID | None:
    """The id in `person:<id>`; None for the system and for a protected reporter."""
    return uuid.UUID(key.removeprefix("person:")) if key.startswith("person:") else None


def people_told(event: Past) -> set[uuid.UUID]:
    """Everybody an event names beside who did it: who was told, also by what it counted; who wrote what another carried over."""
    climbed = event.data.get("climbed") or {}
    author = (event.data.get("offline") or {}).get("author")
    keys = [*event.data.get("told", ()), *climbed.get("told", ()), *([author] if author else [])]
    return {person for key in keys if (person := person_of(str(key))) is not None}


def last(past: Sequence[Past], *actions: str) -> Past | None:
    """The newest of these acts."""
    return next((event for event in reversed(past) if event.action in actions), None)


def recorded(chain: Sequence[Past]) -> tuple[Fired, ...]:
    """What really fired."""
    return tuple(fired(past.at, past.data) for past in chain if past.type in FIRINGS)


def fired(at: datetime, data: Mapping[str, Any], *, since: datetime | None = None) -> Fired:
    """A firing out of the data of its event."""
    return Fired(
        at=at,
        timer=str(data["timer"]),
        level=int(data["level"]),
        cycle=int(data["cycle"]),
        colour=data.get("colour"),
        people=tuple(uuid.UUID(str(p).removeprefix("person:")) for p in data.get("told", ())),
        unreachable=tuple(data.get("unreachable", ())),
        since=since,
    )
