"""Which way leads to where each time limit of a workflow runs: the shortest row of people's actions, found by the file alone. Pure."""

from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from hazard_flow.workflow import guards
from hazard_flow.workflow.definition import Action, TimerRule, Workflow
from hazard_flow.workflow.proof_guards import Followed, may_pass

#: the one thing of which several may stand open at a time
_CONTROL = "control"


class Goal(NamedTuple):
    """One time limit, to be found running: its kind, the state it belongs to where it is a state's own, its rule."""

    kind: str
    state: str | None
    rule: TimerRule


@dataclass(frozen=True)
class Target:
    """A way through a workflow, and the time limits that run at its end."""

    workflow: Workflow
    #: where it leads; for a limit an act starts, where that act is done
    state: str
    #: keys of the actions that lead there from the beginning, the opening one left out
    way: tuple[str, ...]
    goals: tuple[Goal, ...]
    #: key of the action that opens the hazard
    opening: str
    #: marks no act sets, which what is reported must bring
    brings: frozenset[str] = frozenset()
    #: the last of the actions is an act in this state that starts timers
    starts: str | None = None

    @property
    def actions(self) -> tuple[Action, ...]:
        """The whole way, the opening action first."""
        return tuple(self.workflow.actions[key] for key in (self.opening, *self.way))


@dataclass(frozen=True)
class _Standing:
    """As much of a hazard as decides which acts are possible."""

    state: str
    flags: frozenset[str] = frozenset()
    marks: frozenset[str] = frozenset()

    @property
    def words(self) -> frozenset[str]:
        return self.flags | self.marks


def targets(workflow: Workflow) -> list[Target]:
    """A way to every time limit people's acts can lead to, each way once: those of the states first, in the file's order."""
    ordered = sorted(rules(workflow), key=lambda goal: ("state", "clock", "started").index(goal.kind))
    found: dict[tuple[str, ...], Target] = {}
    for goal in ordered:
        target = way_to(workflow, goal)
        if target is None:
            continue
        key = (target.opening, *target.way, *sorted(target.brings))
        known = found.setdefault(key, replace(target, goals=()))
        found[key] = replace(known, goals=(*known.goals, goal), starts=known.starts or target.starts)
    return list(found.values())


def way_to(workflow: Workflow, goal: Goal, *, without: Collection[str] = ()) -> Target | None:
    """The shortest way to where a limit runs that does without some actions; None when there is none."""
    followed = _followed(workflow, goal)
    brings = frozenset(goal.rule.only_if) - _settable(workflow)
    queue: deque[tuple[_Standing, tuple[Action, ...]]] = deque()
    seen: set[_Standing] = set()
    for action in workflow.creating:
        if _by_people(action) and action.key not in without:
            queue.append((_after(_Standing(workflow.initial, marks=brings), action, followed), (action,)))
    for standing, way in queue:
        if _is_there(goal, standing, way[-1], followed):
            return _target(workflow, goal, standing.state, way, brings)
    while queue:
        standing, way = queue.popleft()
        for action in _possible(workflow, standing, followed):
            if action.key in without:
                continue
            reached = _after(standing, action, followed)
            if _is_there(goal, reached, action, followed):
                return _target(workflow, goal, standing.state, (*way, action), brings)
            if reached not in seen:
                seen.add(reached)
                queue.append((reached, (*way, action)))
    return None


def rules(workflow: Workflow) -> list[Goal]:
    """Every time limit a workflow knows."""
    found = [Goal("clock", None, rule) for rule in workflow.clocks.values()]
    found += [
        Goal("state", state.key, rule) for state in workflow.states.values() for rule in state.timers.values()
    ]
    found += [
        Goal("started", None, rule) for action in workflow.actions.values() for rule in action.starts.values()
    ]
    return found


def opening(workflow: Workflow) -> Action:
    """The ordinary action that creates a hazard."""
    return workflow.creating[0]


def _target(
    workflow: Workflow, goal: Goal, before: str, way: tuple[Action, ...], brings: frozenset[str]
) -> Target:
    last, started = way[-1], goal.kind == "started"
    return Target(
        workflow,
        state=before if started else (goal.state or last.to or before),
        way=tuple(action.key for action in way[1:]),
        goals=(goal,),
        opening=way[0].key,
        brings=brings,
        starts=last.key if started else None,
    )


def _is_there(goal: Goal, standing: _Standing, last: Action, followed: Followed) -> bool:
    """Whether the limit runs once this act is done; an instant no act gives is taken to be known."""
    rule = goal.rule
    if (_named(rule.at) | _named(rule.starts_from)) & followed.marks - standing.marks:
        return False
    if rule.only_if and not standing.words & set(rule.only_if):
        return False
    if goal.kind == "started":
        return last.starts.get(rule.name) == rule
    if goal.kind == "state":
        return standing.state == goal.state
    return not {standing.state, *standing.words} & set(rule.until)


def _possible(workflow: Workflow, standing: _Standing, followed: Followed) -> Iterator[Action]:
    for action in workflow.from_state[standing.state]:
        if not _leads_on(workflow, action):
            continue
        if action.shuts in followed.flags and action.shuts not in standing.flags:
            continue
        if action.opens in standing.flags and action.opens != _CONTROL:
            continue
        if all(_lets_pass(name, standing, followed) for name in action.guards):
            yield action


def _lets_pass(name: str, standing: _Standing, followed: Followed) -> bool:
    """Only what stands open and was done is known beforehand; all else is for the people and their forms."""
    reads = guards.reads(name)
    if not (reads.flags or reads.marks):
        return True
    return may_pass(
        name, followed=followed, marks=standing.marks, open_flags=standing.flags, state=standing.state
    )


def _after(standing: _Standing, action: Action, followed: Followed) -> _Standing:
    flags = (standing.flags | _named(action.opens)) - (_named(action.shuts) - _named(action.opens))
    marks = (standing.marks - set(action.clears)) | (_sets(action) & followed.marks)
    return _Standing(action.to or standing.state, flags & followed.flags, marks)


def _followed(workflow: Workflow, goal: Goal) -> Followed:
    """The requests and marks that decide whether the goal can be reached: what it hangs on, and what the acts on the way hang on."""
    settable = _settable(workflow)
    rule = goal.rule
    wanted = {*rule.only_if, *rule.until, *_named(rule.starts_from), *_named(rule.at)} & settable
    acts = [a for a in workflow.actions.values() if _leads_on(workflow, a)]
    steps = [a for a in acts if a.to is not None or rule.name in a.starts]
    asked: set[str] = set()
    while steps:
        wanted |= {word for action in steps for word in _asks(action)} & settable
        steps = [a for a in acts if _touches(a) & (wanted - asked)]
        asked |= wanted
    flags = {flag for a in workflow.actions.values() for flag in (a.opens, a.shuts) if flag is not None}
    return Followed(flags=frozenset(asked & flags), marks=frozenset(asked - flags))


def _asks(action: Action) -> set[str]:
    found = set(_named(action.shuts))
    for name in action.guards:
        reads = guards.reads(name)
        found |= {*reads.flags, *reads.marks}
    return found


def _settable(workflow: Workflow) -> frozenset[str]:
    """Every request and mark that some act brings about."""
    return frozenset(
        word for action in workflow.actions.values() for word in (*_sets(action), *_named(action.opens))
    )


def _sets(action: Action) -> frozenset[str]:
    """The marks an act leaves, an instant its form must give among them."""
    approved = action.approved.sets if action.approved else ()
    return frozenset((*action.sets, *approved, *(need.field for need in action.needs if need.required)))


def _touches(action: Action) -> frozenset[str]:
    return _sets(action) | set(action.clears) | _named(action.opens) | _named(action.shuts)


def _named(word: str | None) -> frozenset[str]:
    return frozenset() if word is None else frozenset((word,))


def _leads_on(workflow: Workflow, action: Action) -> bool:
    """An act of people after which the hazard still stands open under this workflow."""
    ends = action.to is not None and workflow.states[action.to].final
    return _by_people(action) and not ends and action.switch is None


def _by_people(action: Action) -> bool:
    return action.who != ("system",)
