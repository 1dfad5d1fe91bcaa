"""A hazard on a random walk as it stands, and what an accepted act makes of it: fields, marks, requests, counts, parts. No timers."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from hazard_flow.workflow.definition import COLOURS, Action, Workflow
from hazard_flow.workflow.guards import STOPPED
from hazard_flow.workflow.loader import newest
from hazard_flow.workflow.machine import next_state, switched_state
from hazard_flow.workflow.permitted import CONTROL, EvidenceView
from hazard_flow.workflow.vocabulary import Vocabulary

PARTS = ("responsible", "verifiers", "closer")
LOWERING = "lowering"
_STOPS = ("STOP_WORK", "STOP_DEVICE", "STOP_LOADING", "STOP_OPERATION")
_COLUMNS = ("found_at", "due_at", "original_due_at", "completed_at")


@dataclass
class Standing:
    """One hazard as it stands, and what an act makes of it."""

    workflows: Mapping[tuple[str, int], Workflow]
    vocabulary: Vocabulary
    dice: random.Random
    #: where it begins, and acts that are tried more often: for walks that look for something
    start: str | None = None
    favour: frozenset[str] = frozenset()
    now: datetime = datetime(2026, 3, 2, 1, tzinfo=UTC)
    workflow: Workflow | None = None
    state: str | None = None
    urgency: str | None = None
    colour: str | None = None
    relations: dict[str, tuple[str, ...]] = field(default_factory=dict)
    evidence: list[EvidenceView] = field(default_factory=list)
    columns: dict[str, datetime] = field(default_factory=dict)
    marks: dict[str, datetime] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    #: request or measure → who opened it
    flags: dict[str, str | None] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    uses: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: acts that asked for evidence → when they were done last
    last: dict[str, int] = field(default_factory=dict)
    signed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    steps_up: int = 0
    story: list[str] = field(default_factory=list)
    resolution: str | None = None

    @property
    def instants(self) -> dict[str, datetime]:
        """Everything a timer may hang on."""
        return {**self.marks, **self.columns}

    @property
    def seq(self) -> int:
        """The number of the event about to happen."""
        return len(self.story) + 1

    @property
    def is_over(self) -> bool:
        return self.workflow is not None and self.workflow.states[self.state or ""].final

    def sign(self, action: Action, actor: str | None) -> set[str]:
        """Who has signed an act, this one included; whoever acts signs for themselves."""
        if action.quorum < 2 or actor is None:
            return {actor} if actor else {"system"}
        self.signed[action.key] = (*self.signed.get(action.key, ()), actor)
        return set(self.signed[action.key])

    def goal(self, workflow: Workflow, action: Action) -> tuple[Workflow, str]:
        if action.switch is None:
            return workflow, next_state(workflow, self.state, action.key)
        key, state = switched_state(workflow, self.state or "", action.key)
        return newest(key, self.workflows.values()), state

    def enter(self, target: Workflow, state: str) -> None:
        if target is not self.workflow:
            self.marks["pinned_at"] = self.now
        self.workflow, self.state, self.signed = target, state, {}
        if target.states[state].stage == "reported":
            self.relations.pop("responsible", None)
        else:
            self.steps_up = 0

    def fill(self, action: Action, actor: str | None, clean: dict[str, Any], target: Workflow) -> None:
        """The form's values where they belong."""
        if action.from_states is None:
            self.relations["reporter"] = (actor,) if actor else ()
            if action.protects:
                self.details["protected"] = actor
            self.urgency = (
                "M" if target.applies_to.get("level") == "major" else clean.get("suspected_urgency")
            )
        for part in PARTS:
            if part in clean:
                self.relations[part] = clean[part] if isinstance(clean[part], tuple) else (clean[part],)
        if "verifiers" in clean:
            self.signed = {}
        if not action.spawns:
            self.urgency = clean.get("urgency", self.urgency)
            self.details |= clean
        for name, value in clean.items():
            if isinstance(value, datetime) and name in _COLUMNS:
                self.columns[name] = value
            elif isinstance(value, datetime) and name in target.anchors:
                self.marks[name] = value
        if "due_at" in clean:
            self.columns.setdefault("original_due_at", clean["due_at"])
        if self.is_conditional:
            self.marks.setdefault("conditional", self.now)

    def effects(self, action: Action, actor: str | None, clean: dict[str, Any]) -> None:
        """Marks, requests, counts and parts that an act brings."""
        if action.takes is not None and actor is not None:
            self.relations[action.takes] = (actor,)
        approved = action.approved if clean.get("decision") == "approved" else None
        for goal, source in approved.adopts.items() if approved else ():
            value = clean.get(source, self.details.get(source))
            if goal == "due_at":
                self.columns["due_at"] = value
            else:
                self.urgency = value
        self.marks = {name: at for name, at in self.marks.items() if name not in action.clears}
        for mark in (*action.sets, *(approved.sets if approved else ())):
            self.marks.setdefault(mark, self.now)
        if clean.get("control") in _STOPS:
            self.marks.setdefault(STOPPED, self.now)
        for count in (action.counts, approved.counts if approved else None):
            if count:
                self.counters[count] = self.counters.get(count, 0) + 1
        climb = action.climbs.get(self.counters.get(action.counts or "", 0))
        if climb is not None:
            self.raise_colour(climb.colour)
        if action.opens is not None and not (action.opens == CONTROL and clean.get("control") == "NONE"):
            self.flags[action.opens] = actor
        self.flags.pop(action.shuts or "", None)
        if action.evidence is not None and action.to is None and action.switch is None:
            self.last[action.key] = self.seq
        if action.at_most is not None and actor is not None:
            self.uses[action.key] = (*self.uses.get(action.key, ()), actor)
            self.steps_up += action.at_most.then_above and len(self.uses[action.key]) > 1

    def switch(self, left: Workflow, target: Workflow, actor: str | None) -> tuple[str, ...]:
        """Under another workflow: requests nobody could settle there end, and the one to lower it; returns the timers they began."""
        if target.applies_to.get("level") == "major":
            self.urgency = "M"
            if actor is not None:
                self.relations["classifier"] = (actor,)
        settled = {action.shuts for action in target.actions.values()}
        void = [flag for flag in self.flags if flag not in settled or flag == LOWERING]
        for flag in void:
            del self.flags[flag]
        return tuple(n for a in left.actions.values() if a.opens in void for n in a.starts)

    def assigned(self, actor: str | None, *, moved: bool) -> None:
        if moved and self.workflow is not None and self.workflow.states[self.state or ""].stage == "assigned":
            self.marks["assigned_at"] = self.now
            self.relations["classifier"] = (actor,) if actor else ()

    def values(self) -> dict[str, Any]:
        """What timers hang on."""
        return {**self.instants, **self.flags, "urgency": self.urgency}

    def raise_colour(self, colour: str | None) -> None:
        if colour is not None and (self.colour is None or COLOURS.index(colour) > COLOURS.index(self.colour)):
            self.colour = colour
