"""A hazard's events as values, read once out of their stored bytes; whoever draws or counts them need not parse again."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hazard_flow.hazards.models import HazardEvent

_PERSON = "person:"


@dataclass(frozen=True)
class Past:
    """One event."""

    seq: int
    at: datetime
    type: str
    action: str | None
    #: `person:<id>`, `system:<part>` or `protected`
    actor: str
    data: Mapping[str, Any]
    hash: str

    @property
    def person(self) -> uuid.UUID | None:
        """Who acted, where a person is named."""
        return person_of(self.actor)

    @property
    def fields(self) -> Mapping[str, Any]:
        """What the form said."""
        found: Mapping[str, Any] = self.data.get("fields") or {}
        return found

    @property
    def is_step(self) -> bool:
        """Whether it moved the hazard to another stage."""
        return bool(self.data.get("stage")) and self.data.get("from_stage") != self.data.get("stage")


def read_past(chain: Sequence[HazardEvent]) -> tuple[Past, ...]:
    """The chain, oldest first."""
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
    return uuid.UUID(key.removeprefix(_PERSON)) if key.startswith(_PERSON) else None


def people_told(event: Past) -> set[uuid.UUID]:
    """Everybody an event says was told, also by what it counted."""
    climbed = event.data.get("climbed") or {}
    keys = [*event.data.get("told", ()), *climbed.get("told", ())]
    return {person for key in keys if (person := person_of(str(key))) is not None}


def last(past: Sequence[Past], *actions: str) -> Past | None:
    """The newest of these acts."""
    return next((event for event in reversed(past) if event.action in actions), None)
