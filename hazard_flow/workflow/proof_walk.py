"""What can become of a hazard, whoever acts: which instants are set, which parts are given and to whom, which timers run, what stands open.

People are taken at their least: whoever is named has only the roles the field asks for. Every step anybody *may* take is explored; only
steps that somebody certainly *can* take count as a way on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import product

from hazard_flow.workflow.definition import Action, Need, TimerRule, Workflow
from hazard_flow.workflow.moves import timer_moves
from hazard_flow.workflow.proof_explore import Edge, Explored, explore
from hazard_flow.workflow.proof_guards import may_pass
from hazard_flow.workflow.proof_world import PARTS, World

#: acts that open and shut a flag of the hazard, as the record keeps them
OPENS = {
    "start_control": "control",
    "request_extension": "extension",
    "request_transfer": "transfer",
    "transfer": "transfer",
}
SHUTS = {
    "lift_control": "control", "decide_extension": "extension", "withdraw_extension": "extension",
    "accept_transfer": "transfer", "withdraw_transfer": "transfer", "decide_transfer": "transfer",
}  # fmt: skip
#: people of a part: the roles one of which each of them certainly has (empty: none for certain); None: nobody is named
Guaranteed = frozenset[str] | None


@dataclass(frozen=True)
class Standing:
    """A hazard as its timers, guards and fields see it."""

    workflow: str
    state: str
    responsible: Guaranteed = None
    verifiers: Guaranteed = None
    closer: Guaranteed = None
    #: instants set so far, of those a timer hangs on
    instants: frozenset[str] = frozenset()
    #: marks set so far, of those a clock ends at or starts from
    marks: frozenset[str] = frozenset()
    running: frozenset[str] = frozenset()
    #: open flags: control, extension, transfer
    open: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Act:
    """One step: the action, which of its fields were given, and whether a person certainly can take it."""

    workflow: str
    action: str
    given: frozenset[str]
    certain: bool
    #: the system alone took it
    alone: bool = False


StandingEdge = Edge[Standing, Act]


@dataclass(frozen=True)
class Walk:
    """The exploration's result."""

    world: World
    explored: Explored[Standing, Act]
    #: (workflow, action) somebody may at some time take
    possible: frozenset[tuple[str, str]] = field(default_factory=frozenset)


def walk(world: World) -> Walk:
    """Explore every world of switches from every opening."""
    walker = _Walker(world)
    openings = [
        Edge(None, act, after)
        for workflow in world.workflows.values()
        for action in workflow.actions.values()
        if action.from_states is None and action.to is not None
        for act, after in walker.steps(workflow, action, None)
    ]
    explored = explore(openings, walker.successors)
    possible = frozenset((edge.step.workflow, edge.step.action) for edge in explored.edges)
    return Walk(world, explored, possible)


class _Walker:
    def __init__(self, world: World) -> None:
        self.world = world
        rules = [rule for w in world.workflows.values() for rule in _timers(w)]
        self.anchors = frozenset(rule.at for rule in rules if rule.at) | frozenset(
            rule.starts_from for rule in rules if rule.starts_from
        )
        self.marks = frozenset(mark for rule in rules for mark in rule.until) | self.anchors
        self._passes = cache(may_pass)

    def successors(self, at: Standing) -> Iterator[tuple[Act, Standing]]:
        workflow = self.world.workflows[at.workflow]
        for action in workflow.actions.values():
            if at.state in (action.from_states or ()):
                yield from self.steps(workflow, action, at)

    def steps(
        self, workflow: Workflow, action: Action, at: Standing | None
    ) -> Iterator[tuple[Act, Standing]]:
        goal = self.world.target(workflow, action, at.state if at else None)
        if goal is None or not self._may(workflow, action, at):
            return
        certain = self._certainly(workflow, action, at)
        alone = "system" in action.who
        before = at or Standing(workflow.id, goal[1])
        for given in self._forms(action):
            yield (
                Act(workflow.id, action.key, given, certain, alone),
                self._after(action, at, before, given, goal),
            )

    def _forms(self, action: Action) -> list[frozenset[str]]:
        """Which of the fields that matter are given: the required ones always, the others or not."""
        fixed, free = set(), []
        for need in action.needs:
            if need.field in PARTS or need.field in self.anchors:
                if _always_given(need):
                    fixed.add(need.field)
                else:
                    free.append(need.field)
        return [
            frozenset(fixed | {name for name, given in zip(free, chosen, strict=True) if given})
            for chosen in product((False, True), repeat=len(free))
        ]

    def _after(
        self,
        action: Action,
        at: Standing | None,
        before: Standing,
        given: frozenset[str],
        goal: tuple[Workflow, str],
    ) -> Standing:
        target, state = goal
        switched = at is not None and target.id != at.workflow
        instants = before.instants | (given & self.anchors)
        marks = before.marks | (frozenset(action.sets) & self.marks)
        named = {
            need.field: frozenset(need.rule.person.roles)
            for need in action.needs
            if need.field in PARTS and need.field in given
        }
        moves = timer_moves(
            target,
            action,
            before=self.world.workflows[at.workflow].states[at.state] if at else None,
            after=target.states[state],
            running=before.running,
            changed=(given & self.anchors) | (marks - before.marks),
            marks=marks,
            switched=switched,
        )
        started = {name for name, (_, rule) in moves.start.items() if rule.at is None or rule.at in instants}
        flags = (before.open | {OPENS[action.key]}) if action.key in OPENS else before.open
        flags -= {SHUTS[action.key]} if action.key in SHUTS else set()
        return replace(
            before, workflow=target.id, state=state, instants=instants, marks=marks, open=flags,
            running=moves.carry | started, **named,
        )  # fmt: skip

    def _may(self, workflow: Workflow, action: Action, at: Standing | None) -> bool:
        """Whether somebody, with whatever roles, could."""
        every_role = frozenset(self.world.vocabulary.roles) - {"system"}
        return any(
            word in self.world.vocabulary.roles or _people(workflow, word, at) is not None
            for word in action.who
        ) and self._guards_pass(workflow, action, at, every_role)

    def _certainly(self, workflow: Workflow, action: Action, at: Standing | None) -> bool:
        """Whether a person who is sure to exist can: somebody with a role of `who`, or somebody named, having no other role."""
        for role in self.world.role_words(action):
            if self._guards_pass(workflow, action, at, frozenset({role})):
                return True
        for word in action.who:
            people = _people(workflow, word, at)
            if people is None:
                continue
            # each of them has one of these roles for certain, nobody knows which
            least = [frozenset({role}) for role in people] or [frozenset[str]()]
            if all(self._guards_pass(workflow, action, at, roles) for roles in least):
                return True
        return False

    def _guards_pass(
        self, workflow: Workflow, action: Action, at: Standing | None, roles: frozenset[str]
    ) -> bool:
        flags = at.open if at else frozenset()
        return all(
            self._passes(
                name,
                state=at.state if at else None,
                stage=workflow.states[at.state].stage if at else None,
                level=workflow.applies_to.get("level"),
                actor_roles=roles,
                open_controls=int("control" in flags),
                open_extension="extension" in flags,
                open_transfer="transfer" in flags,
            )
            for name in action.guards
        )


def _people(workflow: Workflow, word: str, at: Standing | None) -> Guaranteed:
    """The people a word of `who` stands for, if it is a part; a reporter is always there."""
    if at is None:
        return None
    part = workflow.states[at.state].holder if word == "holder" else word
    if part == "reporter":
        return frozenset()
    held: Mapping[str, Guaranteed] = {
        "responsible": at.responsible,
        "verifiers": at.verifiers,
        "closer": at.closer,
    }
    return held.get(part or "")


def _always_given(need: Need) -> bool:
    rule = need.rule
    return bool(rule.default is not None and rule.default != "catalogue") or bool(
        rule.required and not rule.when
    )


def _timers(workflow: Workflow) -> Iterator[TimerRule]:
    for state in workflow.states.values():
        yield from state.timers.values()
    yield from workflow.clocks.values()
    for action in workflow.actions.values():
        yield from action.starts.values()
