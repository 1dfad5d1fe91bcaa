"""Random walks: a hazard in memory, moved by the real rules (permitted, needs, machine, moves, plan) as the door moves a stored one.

What the door does with its tables is done here anew with plain values; what must hold all the way is told in `walking_watch`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from hazard_flow.identity.roles import ABOVE, REGULATOR_ROLES
from hazard_flow.workflow.definition import Action, Workflow
from hazard_flow.workflow.guards import Limits
from hazard_flow.workflow.loader import newest
from hazard_flow.workflow.needs import NeedContext, validate
from hazard_flow.workflow.needs_rules import PersonRule
from hazard_flow.workflow.permitted import ActorView, EvidenceView, HazardView, Reason, evaluate, refusals
from tests.workflow.walking_forms import Forms
from tests.workflow.walking_hazard import Standing
from tests.workflow.walking_odds import FAVOURED, ROLES, WEIGHTS
from tests.workflow.walking_time import RECKONING, ZONE, Clockwork
from tests.workflow.walking_watch import Done, Watch

ACTS_MAX, TRIES_MAX, FORMS_MAX = 30, 150, 4
REGULATORS = frozenset(REGULATOR_ROLES)


@dataclass
class Walker(Standing):
    """One hazard on its way through the workflows."""

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
            flags=self.flags, marks=self.marks, counters=self.counters, uses=self.uses, last=self.last, signed=self.signed,
            holder=self.holder,
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
        return frozenset(found) or None

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
            replace(piece, fresh=piece.fresh and not moved, seq=piece.seq or self.seq)
            for piece in [*self.evidence, *brought]
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
