"""One rung of a drill as a value: what was planned, what happened, and what is amiss about it. Pure."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from hazard_flow.drills.sealed import Place
from hazard_flow.workflow.definition import Rung, TimerRule, Workflow

Result = Literal["fired", "resolved", "nobody"]
#: more than this between planned and fired is a fault of the engine
ON_TIME = timedelta(seconds=1)
#: relations of a hazard that nobody has been given when a rung is only looked up
RELATIONS = ("reporter", "responsible", "verifiers", "closer")


@dataclass(frozen=True)
class Told:
    """One person a rung reached, and how: the ladder's word → `inbox`, `email`, `desk` (by hand), `no_address`, `no_channel`, a failure."""

    person: uuid.UUID
    ways: Mapping[str, str]


@dataclass(frozen=True)
class Climbed:
    """One rung of one timer at one place."""

    place: Place
    workflow: Workflow
    state: str | None
    rule: TimerRule
    level: int
    after: str
    unacknowledged: bool = False
    planned_at: datetime | None = None
    planned_people: frozenset[uuid.UUID] = frozenset()
    fired_at: datetime | None = None
    expired_at: datetime | None = None
    told: Sequence[Told] = ()
    unreachable: Sequence[str] = ()
    #: the state could not be staged: the step nobody could take, and why
    stuck: str = ""
    parked: bool = False
    findings: Sequence[str] = field(default=())

    @property
    def rung(self) -> Rung:
        """The rung as the file has it."""
        return self.workflow.ladders[self.rule.ladder][self.level]

    @property
    def people(self) -> frozenset[uuid.UUID]:
        """Whom it told."""
        return frozenset(one.person for one in self.told)

    @property
    def result(self) -> Result:
        """Whether it fired, was only looked up, or would reach nobody."""
        if not self.told:
            return "nobody"
        return "fired" if self.fired_at is not None else "resolved"


def judged(ladder: Sequence[Climbed]) -> list[Climbed]:
    """The rungs of one timer at one place, lowest first, each with what is amiss about it."""
    found: list[Climbed] = []
    heard: frozenset[uuid.UUID] = frozenset()
    for climbed in sorted(ladder, key=lambda one: one.level):
        found.append(replace(climbed, findings=tuple(_findings(climbed, heard))))
        heard |= climbed.people
    return found


def _findings(climbed: Climbed, heard: Collection[uuid.UUID]) -> list[str]:
    codes: list[str] = []
    if not climbed.told:
        return ["nobody", *(["parked"] if climbed.parked else [])]
    if climbed.parked:
        codes.append("parked")
    if climbed.stuck:
        codes.append("not_staged")
    elif climbed.fired_at is None and not climbed.parked:
        codes.append("not_fired")
    if climbed.fired_at is not None and climbed.planned_at is not None:
        if abs(climbed.fired_at - climbed.planned_at) > ON_TIME:
            codes.append("not_on_time")
        if climbed.planned_people and climbed.planned_people != climbed.people:
            codes.append("others_told")
    if [role for role in climbed.unreachable if not (climbed.stuck and role in RELATIONS)]:
        codes.append("vacant")
    if climbed.level > 0 and climbed.people <= frozenset(heard):
        codes.append("nobody_new")
    if any(way.startswith("failed") for one in climbed.told for way in one.ways.values()):
        codes.append("failed")
    # a channel nobody has set up is one finding about the installation, not one about each rung
    if any("no_address" in one.ways.values() for one in climbed.told):
        codes.append("no_address")
    return codes
