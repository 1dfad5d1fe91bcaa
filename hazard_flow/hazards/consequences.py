"""What an act brings beside its step: a count that climbs, a merge, a penalty. Told in the act's event, carried out in its transaction."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from hazard_flow.hazards import linking, penalties
from hazard_flow.hazards.batch import Batch
from hazard_flow.hazards.changes import Act
from hazard_flow.hazards.effects import raise_colour
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.telling import Telling, messages, parts_of
from hazard_flow.identity.actor import person_key
from hazard_flow.workflow.definition import Action


@dataclass
class Consequences:
    """What the act's event says of them, and who hears of it once the event stands."""

    data: dict[str, Any] = field(default_factory=dict)
    tellings: list[Telling] = field(default_factory=list)
    #: timers that lose their meaning by it
    ended: tuple[str, ...] = ()

    def add(self, other: "Consequences") -> None:
        """Those of another kind, too."""
        self.data |= other.data
        self.tellings += other.tellings
        self.ended += other.ended

    def tell(self, batch: Batch, hazard: Hazard) -> None:
        """Write the messages; the hazard's newest event is the act's."""
        for telling in self.tellings:
            batch.outbox += messages(
                hazard,
                people=telling.people,
                channels=telling.channels,
                template=telling.template,
                now=batch.now,
                **telling.params,
            )


def consequences(
    batch: Batch,
    change: Act,
    hazard: Hazard,
    action: Action,
    clean: dict[str, Any],
    *,
    applicant: uuid.UUID | None,
) -> Consequences:
    """What follows from an accepted act. What it does to another hazard is done here, before this one's event is appended."""
    found = Consequences()
    _climb(batch, hazard, action, found, applicant)
    if action.resolution == "merged":
        found.data["merged_into"] = linking.merge(batch, change, hazard, clean)
    counted = penalties.record(batch, hazard, action, clean)
    if counted is not None:
        found.data["penalties"] = counted.data
        found.tellings += counted.tellings
    return found


def _climb(
    batch: Batch, hazard: Hazard, action: Action, found: Consequences, applicant: uuid.UUID | None
) -> None:
    count = int(hazard.counters.get(action.counts, 0)) if action.counts else 0
    # past the highest count named the highest goes on to speak: the fourth failure is no better than the third
    reached = max((n for n in action.climbs if n <= count), default=None)
    if reached is None or (reached < count and reached < max(action.climbs)):
        return
    climb = action.climbs[reached]
    told = batch.directory.tell(climb.tell, parts_of(hazard, None, applicant=applicant))
    raise_colour(hazard, climb.colour)
    found.data["climbed"] = {
        "count": count,
        "colour": climb.colour,
        "told": [person_key(p) for p in told.people],
        "unreachable": list(told.unreachable),
    }
    found.tellings.append(
        Telling(
            told.people,
            climb.by,
            "counted",
            {"addressees": list(climb.tell), "action": action.key, "count": count, "colour": climb.colour},
        )
    )
