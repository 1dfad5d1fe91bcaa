"""Which way leads to each state and each started timer of a workflow: the shortest row of people's actions. Pure."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from hazard_flow.workflow.definition import Action, TimerRule, Workflow


@dataclass(frozen=True)
class Target:
    """A place in a workflow at which timers run: a state, or the act that starts one."""

    workflow: Workflow
    state: str
    #: keys of the actions that lead there from the beginning, the opening one left out
    way: tuple[str, ...]
    #: the last of them is an act in this state that starts timers
    starts: str | None = None


def targets(workflow: Workflow) -> list[Target]:
    """Every state that can be reached and is not the end, and every act there that starts a timer; in the file's order."""
    ways = _ways(workflow)
    found = [
        Target(workflow, state.key, ways[state.key])
        for state in workflow.states.values()
        if not state.final and state.key in ways
    ]
    for action in workflow.actions.values():
        place = next((s for s in _shortest(action, ways) if s in ways), None)
        if action.starts and place is not None and _by_people(action):
            found.append(Target(workflow, place, (*ways[place], action.key), starts=action.key))
    return found


def rules(workflow: Workflow) -> list[tuple[str, str | None, TimerRule]]:
    """Every time limit a workflow knows: (kind, state of a state's own, rule)."""
    found: list[tuple[str, str | None, TimerRule]] = [
        ("clock", None, rule) for rule in workflow.clocks.values()
    ]
    found += [
        ("state", state.key, rule) for state in workflow.states.values() for rule in state.timers.values()
    ]
    found += [
        ("started", None, rule) for action in workflow.actions.values() for rule in action.starts.values()
    ]
    return found


def opening(workflow: Workflow) -> Action:
    """The action that creates a hazard."""
    return next(action for action in workflow.actions.values() if action.from_states is None)


def _ways(workflow: Workflow) -> Mapping[str, tuple[str, ...]]:
    first = opening(workflow).to or workflow.initial
    ways: dict[str, tuple[str, ...]] = {first: ()}
    queue = deque([first])
    while queue:
        state = queue.popleft()
        for action in workflow.actions.values():
            is_step = state in (action.from_states or ()) and action.to is not None and action.switch is None
            if is_step and _by_people(action) and action.to is not None and action.to not in ways:
                ways[action.to] = (*ways[state], action.key)
                queue.append(action.to)
    return ways


def _shortest(action: Action, ways: Mapping[str, tuple[str, ...]]) -> list[str]:
    return sorted(action.from_states or (), key=lambda state: len(ways.get(state, ())))


def _by_people(action: Action) -> bool:
    return action.who != ("system",)
