"""A workflow as a graph: reachability, a way to closing from everywhere, no cycle without a person."""

from collections.abc import Iterable

from hazard_flow.workflow.definition import Action, Workflow
from hazard_flow.workflow.problems import AUTOMATIC_CYCLE, CLOSED_UNREACHABLE, UNREACHABLE, Refuse


def edges(workflow: Workflow) -> Iterable[tuple[str, Action, str]]:
    """Every change of state: (from, action, to)."""
    for action in workflow.actions.values():
        if action.to is not None:
            for state in action.from_states or ():
                yield state, action, action.to


def is_automatic(action: Action) -> bool:
    """Whether no person is needed."""
    return action.who == ("system",)


def check_reachable(workflow: Workflow, refuse: Refuse) -> None:
    """Rule 1."""
    openings = {workflow.initial, *(action.to for action in workflow.creating if action.to)}
    reached = _closure(openings, [(start, end) for start, _, end in edges(workflow)])
    for state in workflow.states.values():
        if state.key not in reached:
            refuse(
                state.line,
                UNREACHABLE,
                f"no path leads from {workflow.initial} to {state.key}",
                f"an action with to: {state.key}, or remove the state",
            )


def check_closed_reachable(workflow: Workflow, refuse: Refuse) -> None:
    """Rule 2; switches do not count."""
    finals = {state.key for state in workflow.states.values() if state.final}
    if not finals:
        refuse(1, CLOSED_UNREACHABLE, "no state is final", "closed: {stage: closed, final: true, …}")
    back = _closure(finals, [(end, start) for start, _, end in edges(workflow)])
    for state in workflow.states.values():
        if finals and state.key not in back:
            refuse(
                state.line,
                CLOSED_UNREACHABLE,
                f"from {state.key} no path leads to closing",
                f"an action from: [{state.key}] that leads on",
            )


def steps_to_closing(workflow: Workflow, state: str) -> int:
    """How many arrows of the file lead to closing: the fault shows where it is nearest."""
    reached, steps = {state}, 0
    while steps < len(workflow.states) and not any(workflow.states[one].final for one in reached):
        reached |= {end for start, _, end in edges(workflow) if start in reached}
        steps += 1
    return steps


def _closure(start: set[str], steps: list[tuple[str, str]]) -> set[str]:
    reached = set(start)
    while more := {end for begin, end in steps if begin in reached} - reached:
        reached |= more
    return reached


def check_automatic_cycles(workflow: Workflow, refuse: Refuse) -> None:
    """Rule 9."""
    steps = [(start, action, end) for start, action, end in edges(workflow) if is_automatic(action)]
    for start, action, end in steps:
        if start in _closure({end}, [(begin, goal) for begin, _, goal in steps]):
            refuse(
                action.line,
                AUTOMATIC_CYCLE,
                f"{action.key} closes a cycle made of automatic actions alone, at {start}",
                "let a person take one of the steps",
            )
