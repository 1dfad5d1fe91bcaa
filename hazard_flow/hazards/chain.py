"""Events: their one shape, their canonical bytes, and the hazard's own hash chain."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from hazard_flow.hazards.standing import HazardLike
from hazard_flow.hazards.tags import EventTag
from hazard_flow.ledger.canonical import canonical, instant_text, leaf_hash

__all__ = ["EventRow", "Happening", "append", "instant_text"]

EVENT_VERSION = 1


@dataclass(frozen=True)
class Happening:
    """What goes into one event, before it has a place in the chain."""

    tag: EventTag
    action: str | None
    actor: str
    data: dict[str, Any]


class EventRow(NamedTuple):
    """An event about to be written; what each column means stands at `models.HazardEvent`."""

    home_id: uuid.UUID
    hazard_id: uuid.UUID
    seq: int
    type: str
    action: str | None
    actor: str
    at: datetime
    prev: bytes
    hash: bytes
    body: bytes


def append(hazard: HazardLike, happening: Happening, now: datetime) -> EventRow:
    """The next event of this hazard's chain; moves the hazard's head and sequence on.

    The hazard must be locked: its row is what keeps two writers from forking the chain.
    """
    seq = hazard.seq + 1
    body = canonical(
        {
            "v": EVENT_VERSION,
            "hazard": hazard.number,
            "seq": seq,
            "at": instant_text(now),
            "actor": happening.actor,
            "type": happening.tag.value,
            "data": {"action": happening.action, **happening.data},
            "prev": hazard.head.hex(),
        }
    )
    event = EventRow(
        home_id=hazard.home_id,
        hazard_id=hazard.id,
        seq=seq,
        type=happening.tag.value,
        action=happening.action,
        actor=happening.actor,
        at=now,
        prev=hazard.head,
        hash=leaf_hash(body),
        body=body,
    )
    hazard.seq = seq
    hazard.head = event.hash
    return event
