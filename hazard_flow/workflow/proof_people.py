"""Rule 4 by exploring: one person who may hold every role and any part, among as many others as the rules ask for.

Only whether *this* person holds a part can make their act one on own work, and there are always other people to take the other parts; so a
part is one of: nobody's, the person's, others', or both (verifiers). That covers every mix of people: rename whoever would break the rule
to "the person". Separation does not look at flags, evidence or clocks, so these are left open here: whatever they are, the rule holds.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import product

from hazard_flow.workflow.definition import Action, Need, Workflow
from hazard_flow.workflow.needs_rules import NeedRule
from hazard_flow.workflow.proof_explore import Edge, Explored, explore
from hazard_flow.workflow.proof_world import PARTS, World, closes, recheck_states, settles, verifies
from hazard_flow.workflow.vocabulary import APPLICANT

#: whom a part may belong to, as bits: the person followed, others, the system
PERSON, OTHERS, SYSTEM = 1, 2, 4
ACTORS = (PERSON, OTHERS, SYSTEM)


@dataclass(frozen=True)
class Parts:
    """Where the hazard stands and who holds which part. `author` handed in the work, `passer` judged it good."""

    workflow: str
    state: str
    reporter: int = 0
    responsible: int = 0
    verifiers: int = 0
    closer: int = 0
    author: int = 0
    passer: int = 0

    @property
    def overlaps(self) -> tuple[str, str] | None:
        """Two parts that judge each other and that the person holds both of."""
        if self.responsible & self.verifiers & PERSON:
            return "verifiers", "responsible"
        if self.closer & self.responsible & PERSON:
            return "closer", "responsible"
        return ("closer", "verifiers") if self.closer & self.verifiers & PERSON else None


@dataclass(frozen=True)
class Step:
    """One act: who, as what, naming whom."""

    workflow: str
    action: str
    actor: int
    names: tuple[tuple[str, int], ...] = ()


PartsEdge = Edge[Parts, Step]
PartsExplored = Explored[Parts, Step]


class People:
    """The exploration of one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.recheck = {key: recheck_states(workflow) for key, workflow in world.workflows.items()}
        self.moving = {
            workflow.id: {
                state: tuple(action for action in workflow.from_state[state] if _moves(action))
                for state in workflow.states
            }
            for workflow in world.workflows.values()
        }
        self._naming = cache(self._naming_of)

    def explore(self, *, through_overlaps: bool) -> PartsExplored:
        """Everything from every opening; overlaps are faults by themselves and gone on from only when asked."""
        openings = [
            Edge(None, Step(workflow.id, action.key, actor, names), after)
            for workflow in self.world.workflows.values()
            for action in workflow.creating
            if action.to is not None
            for actor, names, after in self._acts(workflow, action, None)
        ]
        return explore(
            openings,
            self._successors,
            stop=lambda parts: parts.overlaps is not None and not through_overlaps,
        )

    def _successors(self, parts: Parts) -> Iterator[tuple[Step, Parts]]:
        workflow = self.world.workflows[parts.workflow]
        for action in self.moving[workflow.id][parts.state]:
            for actor, names, after in self._acts(workflow, action, parts):
                yield Step(workflow.id, action.key, actor, names), after

    def _acts(
        self, workflow: Workflow, action: Action, parts: Parts | None
    ) -> Iterator[tuple[int, tuple[tuple[str, int], ...], Parts]]:
        state = parts.state if parts else None
        goal = self.world.target(workflow, action, state)
        if goal is None:
            return
        for actor in ACTORS:
            if not may_act(self.world, workflow, action, parts, actor):
                continue
            before = parts or Parts(workflow.id, goal[1], reporter=actor & ~SYSTEM)
            held = (before.reporter, before.responsible, before.verifiers, before.closer)
            for names in self._naming((workflow.id, action.key), held):
                given = names if action.takes is None else (*names, (action.takes, actor & ~SYSTEM))
                after = self._after(workflow, action, parts, _named(before, given), actor, goal)
                yield actor, given, after

    def _after(
        self,
        workflow: Workflow,
        action: Action,
        before: Parts | None,
        named: Parts,
        actor: int,
        goal: tuple[Workflow, str],
    ) -> Parts:
        target, state = goal
        came_from = before.state if before else None
        if target.states[state].stage == "reported" and (
            before is None or (before.workflow, came_from) != (target.id, state)
        ):
            named = replace(named, responsible=0)  # given back: it is nobody's until it is assigned anew
        author, passer = named.author, named.passer
        if verifies(workflow, action, came_from, goal):
            # of several who sign, the person followed may be one beside others
            passer = actor | OTHERS if action.quorum > 1 else actor
        elif target.states[state].stage != "verified" and not target.states[state].final:
            passer = 0
            author = self._author(target.id, state, named, actor, before.responsible if before else 0)
        return replace(named, workflow=target.id, state=state, author=author, passer=passer)

    def _author(self, workflow: str, state: str, named: Parts, actor: int, responsible: int) -> int:
        """Whose work waits: whoever brought it to the re-check; where it is judged while being done, whoever was responsible meanwhile."""
        if state not in self.recheck[workflow]:
            return 0
        if self.world.workflows[workflow].states[state].holder == "responsible":
            return named.author | named.responsible | responsible
        return named.author or actor

    def _naming_of(
        self, key: tuple[str, str], held: tuple[int, int, int, int]
    ) -> tuple[tuple[tuple[str, int], ...], ...]:
        """Every way the form may fill the parts, the rules of the fields obeyed."""
        action = self.world.workflows[key[0]].actions[key[1]]
        needs = [need for need in action.needs if need.field in PARTS]
        present = dict(zip(("reporter", *PARTS), held, strict=True))
        found = []
        for answer in product(*(_answers(need) for need in needs)):
            chosen = {need.field: value for need, value in zip(needs, answer, strict=True) if value}
            after = {**present, **chosen}
            if all(_obeys(need.rule, chosen[need.field], after) for need in needs if need.field in chosen):
                found.append(tuple(chosen.items()))
        return tuple(found)


def _moves(action: Action) -> bool:
    """Whether the act changes where the hazard stands or who holds a part; any other leaves all of this as it is."""
    names = any(need.field in PARTS for need in action.needs)
    return names or action.to is not None or action.switch is not None or action.takes is not None


def may_act(world: World, workflow: Workflow, action: Action, parts: Parts | None, actor: int) -> bool:
    """`permitted` for somebody who may hold every role: some word of `who` fits, no part of `other_than` stands in the way."""
    if actor == SYSTEM:
        return "system" in action.who
    held = _held(parts)
    if actor == PERSON and any(_excludes(part, held) for part in action.other_than):
        return False
    if world.role_words(action):
        return True
    state = workflow.states.get(parts.state) if parts else None
    for word in action.who:
        part = state.holder if word == "holder" and state else word
        if word == APPLICANT or (part in world.vocabulary.roles and part != "system"):
            return True
        # a part's own people cannot be told apart from themselves
        if held.get(part or "", 0) & actor and (actor == PERSON or part not in action.other_than):
            return True
    return False


def _named(before: Parts, names: tuple[tuple[str, int], ...]) -> Parts:
    given = dict(names)
    return replace(
        before,
        responsible=given.get("responsible", before.responsible),
        verifiers=given.get("verifiers", before.verifiers),
        closer=given.get("closer", before.closer),
    )


def _held(parts: Parts | None) -> Mapping[str, int]:
    if parts is None:
        return {}
    return {
        "reporter": parts.reporter,
        "responsible": parts.responsible,
        "verifiers": parts.verifiers,
        "closer": parts.closer,
    }


def _excludes(part: str, held: Mapping[str, int]) -> bool:
    if part == "reporter_if_alone":
        return bool(held.get("reporter", 0) & PERSON) and not held.get("verifiers", 0) & OTHERS
    return bool(held.get(part, 0) & PERSON)


def _answers(need: Need) -> tuple[int, ...]:
    rule: NeedRule = need.rule
    given = (OTHERS, PERSON) if rule.known.type == "person" else (OTHERS, PERSON, PERSON | OTHERS)
    if rule.known.type == "people" and rule.at_least > 1:
        given = (OTHERS, PERSON | OTHERS)
    return given if rule.required and not rule.when else (*given, 0)


def _obeys(rule: NeedRule, value: int, after: Mapping[str, int]) -> bool:
    """`needs.validate` for a part: nobody named holds a part it must differ from."""
    for other in rule.other_than:
        if other == "reporter_if_alone":
            if value == PERSON and after["reporter"] == PERSON:
                return False
        elif value & after.get(other, 0) & PERSON:
            return False
    return True


def own_work(world: World, edge: PartsEdge) -> str | None:
    """What is wrong with this step under rule 4, as the end of a path; None if nothing."""
    step, before = edge.step, edge.before
    workflow = world.workflows[step.workflow]
    action = workflow.actions[step.action]
    goal = (world.workflows[edge.after.workflow], edge.after.state)
    mine = before or Parts(workflow.id, goal[1], reporter=step.actor)
    if verifies(workflow, action, before.state if before else None, goal):
        if step.actor == PERSON and (mine.author | mine.responsible) & PERSON:
            return "verifies own work"
        return "is verified by the system alone" if step.actor == SYSTEM else None
    resolution = closes(action, goal)
    if resolution == "rectified":
        if step.actor == PERSON and (mine.author | mine.responsible) & PERSON:
            return "closes own work"
        if before is not None and settles(workflow, action, before.state):
            return "is verified by the system alone" if step.actor == SYSTEM else None
        if not mine.passer:
            return "closes work that nobody verified"
        return "closes what the same person verified" if step.actor & mine.passer & PERSON else None
    if resolution == "dismissed" and step.actor == PERSON and (mine.reporter | mine.responsible) & PERSON:
        return "dismisses own hazard"
    return None
