"""Random walks: a hazard in memory, moved by the real rules (permitted, needs, machine, moves, plan) as the door moves a stored one."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hazard_flow.workflow.calendar import china
from hazard_flow.workflow.deadlines import Reckoning
from hazard_flow.workflow.definition import STAGES, Action, Workflow
from hazard_flow.workflow.loader import newest
from hazard_flow.workflow.machine import next_state, switched_state
from hazard_flow.workflow.moves import timer_moves
from hazard_flow.workflow.needs import NeedContext, validate
from hazard_flow.workflow.needs_rules import NeedRule, PersonRule
from hazard_flow.workflow.permitted import ActorView, EvidenceView, HazardView, Reason, evaluate, refusals
from hazard_flow.workflow.plan import PlannedTimer, Run, first_timer, next_after
from hazard_flow.workflow.proof_world import recheck_states
from hazard_flow.workflow.vocabulary import Vocabulary

ZONE = ZoneInfo("Asia/Shanghai")
RECKONING = Reckoning(ZONE, china())
ACTS_MAX, TRIES_MAX, FORMS_MAX = 12, 150, 6
#: how often an act is tried; what ends or repeats is rarer, or no walk would get far
WEIGHTS = {
    "dismiss": 0.15,
    "escalate_to_major": 0.7,
    "acknowledge": 0.2,
    "alarm": 0.2,
    "attach": 0.2,
    "return": 0.7,
    "send_back": 0.7,
    "realarm": 2.0,
}
PARTS = ("responsible", "verifiers", "closer")
ROLES = (
    "worker", "inspector", "team_leader", "dept_manager", "safety_director", "enterprise_principal", "duty_desk", "expert",
    "county_officer", "city_officer", "provincial_officer", "safety_committee",
)  # fmt: skip


@dataclass
class Walker:
    """One hazard on its way, and who did what of the things that must not be one person's."""

    workflows: Mapping[tuple[str, int], Workflow]
    vocabulary: Vocabulary
    dice: random.Random
    now: datetime = datetime(2026, 3, 2, 1, tzinfo=UTC)
    workflow: Workflow | None = None
    state: str | None = None
    urgency: str | None = None
    relations: dict[str, tuple[str, ...]] = field(default_factory=dict)
    evidence: list[EvidenceView] = field(default_factory=list)
    instants: dict[str, datetime] = field(default_factory=dict)
    marks: set[str] = field(default_factory=set)
    controls: int = 0
    timers: dict[str, PlannedTimer] = field(default_factory=dict)
    story: list[str] = field(default_factory=list)
    #: who handed in the work that waits, who judged it good
    author: str | None = None
    passer: str | None = None
    handed_in: bool = False
    resolution: str | None = None

    def __post_init__(self) -> None:
        names = [f"00000000-0000-7000-8000-{number:012d}" for number in range(1, self.dice.randint(3, 8) + 1)]
        self.people = {
            name: frozenset(self.dice.sample(ROLES, self.dice.choice((1, 2, 4, 6, 12)))) for name in names
        }
        self.source = self.dice.choice(("patrol", "patrol", "telemetry"))

    def walk(self) -> "Walker":
        """Up to twelve acts; after each every invariant is asserted."""
        acts = 0
        for _ in range(TRIES_MAX):
            if acts == ACTS_MAX or (
                self.workflow is not None and self.workflow.states[self.state or ""].final
            ):
                break
            acts += self.act()
            self.now += timedelta(minutes=self.dice.choice((1, 10, 60, 60, 600, 3000)))
        return self

    def act(self) -> bool:
        """One attempt by anybody at anything that starts here; whether it was allowed."""
        workflow = self.workflow or newest(self.dice.choice(("general", "major")), self.workflows.values())
        starting = [
            a
            for a in workflow.actions.values()
            if (self.state in (a.from_states or ()) if self.state else a.from_states is None)
        ]
        action = self.dice.choices(
            starting, [WEIGHTS.get(a.key, 1.0 if a.to is None else 3.0) for a in starting]
        )[0]
        name = self.dice.choice([*self.people, None])
        actor = ActorView(name, self.people[name] if name else frozenset())
        kinds = {reason.kind for reason in self.refused(workflow, action, actor, self.view(), {})}
        if kinds & {"role", "separation"}:
            return False
        for _ in range(FORMS_MAX):
            clean, errors = validate(action.needs, self.form(action, name), self.context())
            brought = [
                EvidenceView(f"{len(self.evidence)}-{i}", kind) for i, kind in enumerate(self.photos(action))
            ]
            view = replace(self.view(), evidence=[*self.evidence, *brought])
            if not errors and not self.refused(workflow, action, actor, view, clean):
                if self.dice.random() < 0.05:
                    self.offered(workflow, action, actor)
                self.take(workflow, action, name, clean, brought)
                return True
        return False

    def refused(
        self, workflow: Workflow, action: Action, actor: ActorView, view: HazardView, data: dict[str, Any]
    ) -> list[Reason]:
        return refusals(workflow, action, actor, view, vocabulary=self.vocabulary, data=data, now=self.now)

    def offered(self, workflow: Workflow, action: Action, actor: ActorView) -> None:
        """What the door lets happen, the page had offered."""
        found = evaluate(workflow, actor, self.view(), vocabulary=self.vocabulary, now=self.now)
        assert action.key in {allowed.action.key for allowed in found if allowed.allowed}, self.story

    def view(self) -> HazardView:
        level = self.workflow.applies_to.get("level") if self.workflow else None
        return HazardView(
            state=self.state, level=level, urgency=self.urgency, source=self.source, relations=self.relations, evidence=self.evidence,
            found_at=self.instants.get("found_at"), due_at=self.instants.get("due_at"), completed_at=self.instants.get("completed_at"),
            open_controls=self.controls,
        )  # fmt: skip

    def context(self) -> NeedContext:
        return NeedContext(
            now=self.now, zone=ZONE, calendar=RECKONING.calendar, urgency=self.urgency, source=self.source, relations=self.relations,
            instants=self.instants, has_asset=True, person_ok=self.person_ok,
        )  # fmt: skip

    def person_ok(self, person: str, rule: PersonRule) -> str | None:
        return None if not rule.roles or self.people[person] & set(rule.roles) else "person_lacks_role"

    def photos(self, action: Action) -> tuple[str, ...]:
        if action.from_states is None:
            return ("PHOTO_BEFORE",)
        return ("PHOTO_AFTER",) * self.dice.choice((0, 1, 2, 2))

    def form(self, action: Action, actor: str | None) -> dict[str, Any]:
        return {
            need.field: self.answer(need.rule, actor)
            for need in action.needs
            if need.required or need.rule.when or self.dice.random() < (0.5 if need.field in PARTS else 0.05)
        }

    def answer(self, rule: NeedRule, actor: str | None) -> Any:
        known = rule.known
        able = [name for name in self.people if self.person_ok(name, rule.person) is None] or list(
            self.people
        )
        me = [actor] if actor in able and self.dice.random() < 0.4 else []
        match known.type:
            case "person":
                return (me or [self.dice.choice(able)])[0]
            case "people":
                return sorted({*me, *self.dice.sample(able, self.dice.randint(1, min(3, len(able))))})
            case "choice" | "control":
                return self.dice.choice(rule.choices or tuple(known.choices))
            case "deadline":
                return (self.now + timedelta(days=self.dice.choice((1, 3, 6)))).isoformat()
            case "instant":
                return (self.now - timedelta(minutes=5)).isoformat()
            case "flag":
                return self.dice.random() < 0.8
            case "clauses":
                return ["GAS-G01"]
            case "text":
                return "as it was done, in a dozen words"[: known.at_most]
            case _:
                return str(known.minimum or 0)

    def take(
        self,
        workflow: Workflow,
        action: Action,
        actor: str | None,
        clean: dict[str, Any],
        brought: list[EvidenceView],
    ) -> None:
        """What the door does with an accepted act, without its database."""
        before, was = self.state, self.workflow
        target, state = workflow, ""
        if action.switch is not None:
            assert before is not None
            key, state = switched_state(workflow, before, action.key)
            target = newest(key, self.workflows.values())
        else:
            state = next_state(workflow, before, action.key)
        moved = before != state or target is not workflow
        self.judge(workflow, action, actor, before, target, state)
        urgency = self.urgency
        self.evidence = [
            replace(piece, fresh=piece.fresh and not moved) for piece in [*self.evidence, *brought]
        ]
        for part in PARTS:
            if part in clean:
                self.relations[part] = clean[part] if isinstance(clean[part], tuple) else (clean[part],)
        if before is None:
            self.relations["reporter"] = (actor,) if actor else ()
        self.urgency = (
            "M"
            if target.applies_to.get("level") == "major"
            else clean.get("urgency", urgency or clean.get("suspected_urgency"))
        )
        if "control" in clean:
            self.controls += 1
        if action.key == "lift_control":
            self.controls = 0
        changed = {name for name, value in clean.items() if isinstance(value, datetime)}
        self.instants |= {name: clean[name] for name in changed}
        if "due_at" in clean:
            self.instants.setdefault("original_due_at", clean["due_at"])
        if target.states[state].stage == "assigned" and moved:
            self.instants["assigned_at"] = self.now
        changed |= set(action.sets) - self.marks
        self.marks |= set(action.sets)
        self.workflow, self.state = target, state
        self.resolution = action.resolution if target.states[state].final else None
        moves = timer_moves(
            target, action, before=was.states[before] if was and before else None, after=target.states[state],
            running=frozenset(self.timers), changed=changed | ({"urgency"} if urgency != self.urgency else set()), marks=self.marks,
            switched=was is not None and was is not target,
        )  # fmt: skip
        self.timers = {name: self.timers[name] for name in moves.carry}
        for name, (_, rule) in moves.start.items():
            run = Run(self.now, self.urgency, self.instants)
            planned = first_timer(rule, target.ladders[rule.ladder], run, RECKONING, now=self.now)
            if planned is not None:
                self.timers[name] = planned
        self.story.append(f"{(actor or 'system')[-2:]}:{action.key}")
        self.check()

    def judge(
        self,
        workflow: Workflow,
        action: Action,
        actor: str | None,
        before: str | None,
        target: Workflow,
        state: str,
    ) -> None:
        """The separation of duties, told by who did what."""
        said = f"{self.story} then {actor}:{action.key}"
        stage = target.states[state].stage
        was = workflow.states[before].stage if before else None
        mine = {self.author, *self.relations.get("responsible", ())}
        if before is not None and was is not None and action.switch is None:
            step = STAGES.index(stage) - STAGES.index(was)
            assert step <= 1 or action.resolution in ("dismissed", "merged"), f"a stage was skipped: {said}"
        if stage == "verified" and was != "verified":
            assert actor is not None, said
            assert actor not in mine, f"verified own work: {said}"
            assert self.handed_in, f"verified what nobody handed in: {said}"
            self.passer = actor
        elif target.states[state].final and action.resolution == "rectified":
            assert self.handed_in, said
            assert self.passer is not None, f"closed unverified: {said}"
            assert actor not in {*mine, self.passer}, f"closed own work: {said}"
            assert self.controls == 0, f"closed with an open control: {said}"
        elif target.states[state].final:
            assert actor is not None
            assert actor not in {*mine, *self.relations.get("reporter", ())}, said
            assert self.controls == 0, said
        elif stage != "verified":
            self.passer = None
            waits = state in recheck_states(target)
            self.handed_in = waits
            self.author = (self.author or actor) if waits else None

    def check(self) -> None:
        """What holds after every act."""
        assert self.workflow is not None
        state = self.workflow.states[self.state or ""]
        if state.final:
            assert not self.timers, self.story
            assert self.resolution, self.story
            return
        parts = {part: set(self.relations.get(part, ())) for part in PARTS}
        assert not parts["responsible"] & parts["verifiers"], self.story
        assert not parts["closer"] & (parts["responsible"] | parts["verifiers"]), self.story
        if state.holder in PARTS:
            assert parts[state.holder], f"nobody owes the next step: {self.story}"
        own = [self.timers[name] for name in state.timers if name in self.timers]
        assert own, f"silence in {state.key}: {self.story}"
        for timer in own:
            self.climbs(timer)

    def climbs(self, timer: PlannedTimer) -> None:
        """Left alone, the timer reaches the highest regulator and goes on."""
        assert self.workflow is not None
        rule = self.workflow.states[self.state or ""].timers[timer.name]
        ladder = self.workflow.ladders[rule.ladder]
        assert "highest_regulator" in ladder[-1].tell
        if self.dice.random() > 0.05:  # the whole climb is slow to reckon; a twentieth of them is enough
            return
        run = Run(self.now, self.urgency, self.instants)
        for _ in range(len(ladder) + len(rule.remind) + 2):
            later = next_after(rule, ladder, timer, run, RECKONING, fired_at=timer.due_at)
            assert later.due_at >= timer.due_at, self.story
            timer = later
        assert timer.level == len(ladder) - 1, self.story
        assert timer.cycle >= 1, self.story
