"""What can become of a hazard, whoever acts: which instants are set, which parts are given and to whom, which timers run, what stands open.

Every step anybody *may* take is explored; only steps that somebody certainly *can* take count as a way on.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import product
from typing import Any

from hazard_flow.workflow.definition import Action, Need, Workflow
from hazard_flow.workflow.moves import timer_moves
from hazard_flow.workflow.proof_explore import Edge, Explored, explore
from hazard_flow.workflow.proof_follow import groups
from hazard_flow.workflow.proof_guards import Followed
from hazard_flow.workflow.proof_standing import Judge, Standing
from hazard_flow.workflow.proof_world import PARTS, World


@dataclass(frozen=True)
class Act:
    """One step: the action, which of its fields were given, and whether a person certainly can take it."""

    workflow: str
    action: str
    given: frozenset[str]
    certain: bool


StandingEdge = Edge[Standing, Act]


@dataclass(frozen=True)
class Walk:
    """The exploration's result."""

    world: World
    explored: Explored[Standing, Act]
    #: (workflow, action) somebody may at some time take
    possible: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    #: (workflow, state) a hazard may come to stand in
    reached: frozenset[tuple[str, str]] = field(default_factory=frozenset)


def walk(world: World) -> Walk:
    """Explore a world of switches from every opening, once for everything that must be followed together (`proof_follow`).

    Each exploration leaves open what it does not follow, so it sees at least what can happen: only what all of them reach is possible.
    """
    merged: Explored[Standing, Act] = Explored()
    possible: list[set[tuple[str, str]]] = []
    reached: list[set[tuple[str, str]]] = []
    for followed in groups(world):
        walker = _Walker(world, followed)
        explored = explore(walker.openings(), walker.successors)
        merged.add(explored)
        possible.append(walker.possible)
        reached.append({(at.workflow, at.state) for at in explored.first})
    return Walk(world, merged, frozenset(set.intersection(*possible)), frozenset(set.intersection(*reached)))


class _Walker:
    def __init__(self, world: World, followed: Followed) -> None:
        self.world = world
        self.followed = followed
        self.possible: set[tuple[str, str]] = set()
        self._judge = Judge(world, followed)
        self.anchors = frozenset().union(*(workflow.anchors for workflow in world.workflows.values()))
        self._forms = cache(self._forms_of)
        self._running = cache(self._running_of)
        self._idle = {
            (workflow.id, action.key): self._is_idle(action)
            for workflow in world.workflows.values()
            for action in workflow.actions.values()
        }

    def openings(self) -> Iterator[StandingEdge]:
        """Every way a hazard may be opened."""
        for workflow in self.world.workflows.values():
            for action in workflow.creating:
                if action.to is not None:
                    for act, after in self.steps(workflow, action, None):
                        yield Edge(None, act, after)

    def successors(self, at: Standing) -> Iterator[tuple[Act, Standing]]:
        """Every step from here that changes something; that the others may be taken is noted."""
        workflow = self.world.workflows[at.workflow]
        for action in workflow.from_state[at.state]:
            key = (workflow.id, action.key)
            if not self._idle[key]:
                yield from self.steps(workflow, action, at)
            elif key not in self.possible and self._judge.may(workflow, action, at):
                self.possible.add(key)

    def steps(
        self, workflow: Workflow, action: Action, at: Standing | None
    ) -> Iterator[tuple[Act, Standing]]:
        """One action, with every form that makes a difference."""
        goal = self.world.target(workflow, action, at.state if at else None)
        if goal is None or not self._judge.may(workflow, action, at):
            return
        self.possible.add((workflow.id, action.key))
        certain = self._judge.certainly(workflow, action, at)
        before = at or Standing(workflow.id, goal[1], followed=self.followed)
        for given in self._forms((workflow.id, action.key)):
            act = Act(workflow.id, action.key, given, certain)
            for after in self._after(action, at, before, given, goal):
                yield act, after

    def _is_idle(self, action: Action) -> bool:
        """Whether the act leaves everything that is followed as it is."""
        set_or_cleared = {*action.sets, *action.clears, *(action.approved.sets if action.approved else ())}
        return (
            action.from_states is not None
            and action.to is None
            and action.switch is None
            and action.takes is None
            and not {action.opens, action.shuts} & self.followed.flags
            and not set_or_cleared & self.followed.marks
            and not any(need.field in PARTS or need.field in self.anchors for need in action.needs)
        )

    def _forms_of(self, key: tuple[str, str]) -> list[frozenset[str]]:
        """Which of the fields that matter are given: the required ones always, the others or not."""
        action = self.world.workflows[key[0]].actions[key[1]]
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
    ) -> Iterator[Standing]:
        target, state = goal
        was = (at.workflow, at.state) if at else None
        instants = before.instants | (given & self.anchors)
        standing = replace(
            before, workflow=target.id, state=state, instants=instants,
            running=self._running(was, (target.id, state), (action.key, given & self.anchors), before.running, instants),
            open=self._open(action, before, target),
            **self._named(action, before, given, returned=was != (target.id, state) and target.states[state].stage == "reported"),
        )  # fmt: skip
        for approved in {frozenset[str](), frozenset(action.approved.sets if action.approved else ())}:
            marks = before.marks - set(action.clears) | (approved | set(action.sets)) & self.followed.marks
            yield standing if marks == standing.marks else replace(standing, marks=marks)

    def _open(self, action: Action, before: Standing, target: Workflow) -> frozenset[str]:
        """The followed requests that stand open after the act; what nobody could settle under another workflow ends with the switch."""
        found = (before.open | _flags(action.opens) & self.followed.flags) - _flags(action.shuts)
        if not found or target.id == before.workflow:
            return found
        return found & {other.shuts for other in target.actions.values()}

    def _named(
        self, action: Action, before: Standing, given: frozenset[str], *, returned: bool
    ) -> dict[str, Any]:
        """Who holds which part after the act; what is given back is nobody's until it is assigned anew."""
        found: dict[str, Any] = {"responsible": None} if returned else {}
        for need in action.needs:
            if need.field in PARTS and need.field in given:
                found[need.field] = frozenset(need.rule.person.roles)
                if need.field == "verifiers":
                    found["several"] = max(need.rule.at_least, 1)
        if action.takes is not None:
            found[action.takes] = frozenset()
        return found

    def _running_of(
        self,
        was: tuple[str, str] | None,
        goal: tuple[str, str],
        act: tuple[str, frozenset[str]],
        running: frozenset[str],
        instants: frozenset[str],
    ) -> frozenset[str]:
        """The timers of the new state that run, by the very moves the door makes.

        Clocks and the timers of requests are left out: they are no promise of any state, and following them would multiply the standings.
        """
        target = self.world.workflows[goal[0]]
        old = self.world.workflows[was[0]] if was else None
        state = target.states[goal[1]]
        moves = timer_moves(
            target,
            (old or target).actions[act[0]],
            before=old.states[was[1]] if old and was else None,
            after=state,
            running=running,
            changed=act[1],
            switched=old is not None and old is not target,
        )
        begun = {name for name, (_, rule) in moves.start.items() if rule.at is None or rule.at in instants}
        return (moves.carry | begun) & frozenset(state.timers)


def _flags(flag: str | None) -> frozenset[str]:
    return frozenset((flag,) if flag else ())


def _always_given(need: Need) -> bool:
    rule = need.rule
    return bool(rule.default is not None and rule.default != "catalogue") or bool(
        rule.required and not rule.when
    )
