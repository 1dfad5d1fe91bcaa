"""Random walks: a hazard in memory, moved by the real rules (permitted, needs, machine, moves, plan) as the door moves a stored one.

What the door does with its tables is done here anew with plain values; what must hold all the way is told in `walking_watch`.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hazard_flow.identity.roles import ABOVE, REGULATOR_ROLES
from hazard_flow.workflow.definition import COLOURS, Action, Workflow
from hazard_flow.workflow.guards import STOPPED, Limits
from hazard_flow.workflow.loader import newest
from hazard_flow.workflow.machine import next_state, switched_state
from hazard_flow.workflow.needs import NeedContext, validate
from hazard_flow.workflow.needs_rules import PersonRule
from hazard_flow.workflow.permitted import ActorView, EvidenceView, HazardView, Reason, evaluate, refusals
from hazard_flow.workflow.vocabulary import Vocabulary
from tests.workflow.walking_forms import Forms
from tests.workflow.walking_odds import FAVOURED, ROLES, WEIGHTS
from tests.workflow.walking_time import RECKONING, ZONE, Clockwork
from tests.workflow.walking_watch import Done, Watch

ACTS_MAX, TRIES_MAX, FORMS_MAX = 30, 150, 4
PARTS = ("responsible", "verifiers", "closer")
CONTROL, LOWERING = "control", "lowering"
REGULATORS = frozenset(REGULATOR_ROLES)
_STOPS = ("STOP_WORK", "STOP_DEVICE", "STOP_LOADING", "STOP_OPERATION")
_COLUMNS = ("found_at", "due_at", "original_due_at", "completed_at")


@dataclass
class Walker:
    """One hazard on its way through the workflows."""

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
    signed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    steps_up: int = 0
    story: list[str] = field(default_factory=list)
    resolution: str | None = None

    def __post_init__(self) -> None:
        names = [f"00000000-0000-7000-8000-{number:012d}" for number in range(1, self.dice.randint(4, 9) + 1)]
        self.people = {
            name: frozenset(self.dice.sample(ROLES, self.dice.choice((2, 4, 6, 12)))) for name in names
        }
        self.source = self.dice.choice(
            ("patrol", "telemetry", "household_check", "household_check", "regulator_inspection")
        )
        self.is_leak = self.dice.random() < 0.2
        self.is_conditional = self.source == "household_check" and self.dice.random() < 0.4
        self.sensor = self.dice.choice(("none", "none", "none", "dark", "normal"))
        self.photo_gap: timedelta | None = None
        self.clockwork = Clockwork(self)
        self.forms = Forms(self)
        self.watch = Watch(self)
        self.silent = {rule.if_silent for workflow in self.workflows.values() for rule in workflow.rules}

    @property
    def instants(self) -> dict[str, datetime]:
        """Everything a timer may hang on."""
        return {**self.marks, **self.columns}

    @property
    def is_over(self) -> bool:
        return self.workflow is not None and self.workflow.states[self.state or ""].final

    def walk(self) -> "Walker":
        """Up to thirty acts, time passing between them; after each act and each firing every invariant is asserted."""
        acts = 0
        for _ in range(TRIES_MAX):
            if acts == ACTS_MAX or self.is_over:
                break
            acts += self.act()
            self.clockwork.pass_time(timedelta(minutes=self.dice.choice((1, 10, 10, 60, 60, 600, 3000))))
        return self

    def act(self) -> bool:
        """One attempt by somebody at something that starts here; whether it was done."""
        workflow = self.workflow or newest(
            self.start or self.dice.choice(("general", "general", "major", "household")),
            self.workflows.values(),
        )
        starting = workflow.from_state[self.state] if self.state else workflow.creating
        odds = [WEIGHTS.get(a.key, 1.0) * (FAVOURED if a.key in self.favour else 1) for a in starting]
        action = self.dice.choices(starting, odds)[0]
        if action.key in self.silent and not set(action.who) - {"system"}:
            return False  # only time brings it about
        self.photo_gap = self.dice.choice((None, timedelta(0), timedelta(minutes=5)))
        if (name := self.somebody(workflow, action)) == "":
            return False
        for _ in range(FORMS_MAX):
            clean, errors = validate(action.needs, self.forms.fill(action, name), self.context(name))
            brought = self.forms.evidence(action)
            view = replace(self.view(), evidence=[*self.evidence, *brought])
            if not errors and not self.refused(workflow, action, self.actor(name), view, clean):
                if self.dice.random() < 0.03:
                    self.offered(workflow, action, self.actor(name))
                self.take(workflow, action, name, clean, brought)
                return True
        return False

    def somebody(self, workflow: Workflow, action: Action) -> str | None:
        """Whoever may do it, picked at random; empty where nobody here may."""
        everybody = [*self.people, *((None,) if action.key not in self.silent else ())]
        for name in self.dice.sample(everybody, len(everybody)):
            reasons = self.refused(workflow, action, self.actor(name), self.view(), {})
            if not {reason.kind for reason in reasons} & {"role", "separation"}:
                return name
        return ""

    def actor(self, name: str | None) -> ActorView:
        """A person with the roles they have here; what is concealed lies outside the enterprise."""
        roles = self.people[name] if name else frozenset[str]()
        concealed = self.workflow is not None and self.workflow.states[self.state or ""].concealed
        return ActorView(name, roles & REGULATORS if concealed else roles)

    def refused(
        self, workflow: Workflow, action: Action, actor: ActorView, view: HazardView, data: dict[str, Any]
    ) -> list[Reason]:
        return refusals(workflow, action, actor, view, vocabulary=self.vocabulary, data=data, now=self.now)

    def offered(self, workflow: Workflow, action: Action, actor: ActorView) -> None:
        """What the door lets happen, the page had offered."""
        found = evaluate(workflow, actor, self.view(), vocabulary=self.vocabulary, now=self.now)
        assert action.key in {allowed.action.key for allowed in found if allowed.allowed}, self.story

    def view(self) -> HazardView:
        normal = {"sensor_live": True, "sensor_normal_since": self.now, "sensor_fresh_at": self.now}
        listed = "listing" in self.flags or "listed" in self.marks
        return HazardView(
            state=self.state, level=self.workflow.applies_to.get("level") if self.workflow else None, urgency=self.urgency,
            source=self.source, relations=self.relations, evidence=self.evidence,
            facts={"none": {}, "dark": {"sensor_live": True}, "normal": normal}[self.sensor],
            found_at=self.columns.get("found_at"), due_at=self.columns.get("due_at"), completed_at=self.columns.get("completed_at"),
            term=self.term, photo_gap=self.photo_gap, is_leak=self.is_leak, is_protected="protected" in self.details,
            is_national_major="clause" in self.details, listing_level=self.details.get("listing_level") if listed else None,
            flags=self.flags, marks=self.marks, counters=self.counters, uses=self.uses, signed=self.signed, holder=self.holder,
            deciders=self.deciders, limits=self.limits,
        )  # fmt: skip

    @property
    def limits(self) -> Limits:
        major = self.workflow is not None and self.workflow.applies_to.get("level") == "major"
        return Limits(extension_times=2 if major else 1)

    @property
    def term(self) -> timedelta | None:
        due, assigned = self.columns.get("original_due_at"), self.marks.get("assigned_at")
        return due - assigned if due and assigned else None

    @property
    def holder(self) -> str | None:
        """Who owes the next step, as many levels up as it was returned again."""
        found = self.workflow.states[self.state or ""].holder if self.workflow else None
        for _ in range(self.steps_up):
            found = ABOVE.get(found or "", found)
        return found

    @property
    def deciders(self) -> frozenset[str] | None:
        found, role = [], self.holder if self.steps_up else None
        while role is not None and role not in found:
            found.append(role)
            role = ABOVE.get(role)
        return frozenset({*found, "county_officer"}) if found else None

    def context(self, actor: str | None) -> NeedContext:
        return NeedContext(
            now=self.now, zone=ZONE, calendar=RECKONING.calendar, urgency=self.urgency, source=self.source,
            relations={**self.relations, **({"actor": (actor,)} if actor else {})}, instants=self.instants, has_asset=True,
            person_ok=self.person_ok,
        )  # fmt: skip

    def person_ok(self, person: str, rule: PersonRule) -> str | None:
        return None if not rule.roles or self.people[person] & set(rule.roles) else "person_lacks_role"

    # what an accepted act does

    def take(
        self,
        workflow: Workflow,
        action: Action,
        actor: str | None,
        clean: dict[str, Any],
        brought: Sequence[EvidenceView],
        *,
        silent: bool = False,
    ) -> None:
        """What the door does with an accepted act, without its database."""
        before, was = self.state, self.workflow
        stood, values, flags, signers = (
            dict(self.columns),
            self.values(),
            dict(self.flags),
            self.sign(action, actor),
        )
        complete = len(signers) >= action.quorum
        target, state = self.goal(workflow, action)
        moved = complete and (target is not was or state != before)
        self.evidence = [
            replace(piece, fresh=piece.fresh and not moved) for piece in [*self.evidence, *brought]
        ]
        if moved:
            self.enter(target, state)
        self.fill(action, actor, clean, target)
        void: tuple[str, ...] = ()
        if complete:
            self.effects(action, actor, clean)
            void = self.switch(workflow, target, actor) if was is not None and target is not was else ()
            if was is None or target is was:
                self.assigned(actor, moved=moved)
        approved = action.approved if complete and clean.get("decision") == "approved" else None
        done = action if complete else replace(action, starts={}, ends=())
        ended = (*done.ends, *(approved.ends if approved else ()), *void)
        self.clockwork.replan(target, done, was=was, before=before, earlier=values, ended=ended)
        self.story.append(f"{(actor or 'time' if silent else actor or 'system')[-2:]}:{action.key}")
        if self.is_over:
            self.resolution = action.resolution
        self.watch.acted(
            Done(
                actor=actor, action=action, workflow=workflow, before=before, target=target, state=self.state or "", clean=clean,
                signers=tuple(sorted(signers)), complete=complete, columns_before=stood, flags_before=flags,
                urgency_before=values.get("urgency"),
            )
        )  # fmt: skip

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
