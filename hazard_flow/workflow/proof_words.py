"""Rules 9 and 10 over whole worlds: cycles the system could walk alone, also through switches; and what is declared and serves nothing."""

from collections.abc import Iterator

from hazard_flow.workflow.check_requests import marks_of
from hazard_flow.workflow.definition import Action, TimerRule, Workflow
from hazard_flow.workflow.guards import reads
from hazard_flow.workflow.problems import AUTOMATIC_CYCLE, WORDS, Problem
from hazard_flow.workflow.proof_world import World

_Node = tuple[str, str]


def prove_no_automatic_cycle(world: World) -> Iterator[Problem]:
    """Rule 9: no round trip of acts the system may take."""
    steps: dict[_Node, list[tuple[Action, _Node]]] = {}
    for workflow in world.workflows.values():
        for action in workflow.actions.values():
            if "system" in action.who and (action.to is not None or action.switch is not None):
                for state in action.from_states or ():
                    led = world.target(workflow, action, state)
                    if led is not None:
                        steps.setdefault((workflow.id, state), []).append((action, (led[0].id, led[1])))
    for node, ways in steps.items():
        for action, goal in ways:
            back = _way(steps, goal, node)
            if back is not None and node[0] in world.files:
                story = " → ".join([node[1], *(f"{by.key} → {at[1]}" for by, at in [(action, goal), *back])])
                yield Problem(
                    world.files[node[0]], action.line_of("who"), AUTOMATIC_CYCLE,
                    f"the system alone could go round for ever: {story}", "let a person take one of the steps",
                )  # fmt: skip


def _way(
    steps: dict[_Node, list[tuple[Action, _Node]]], start: _Node, goal: _Node
) -> list[tuple[Action, _Node]] | None:
    ways: dict[_Node, list[tuple[Action, _Node]]] = {start: []}
    frontier = [start]
    while frontier:
        node = frontier.pop(0)
        if node == goal:
            return ways[node]
        for action, after in steps.get(node, ()):
            if after not in ways:
                ways[after] = [*ways[node], (action, after)]
                frontier.append(after)
    return None


def prove_nothing_idle(workflow: Workflow, file: str) -> Iterator[Problem]:
    """Rule 10: every clock, mark, reset and map entry serves something."""
    clocks = workflow.clocks.values()
    for clock in clocks:
        if workflow.initial in clock.until:
            yield Problem(file, clock.line, WORDS, f"the clock {clock.name} ends where every hazard begins: it never runs",
                          f"take {workflow.initial} out of until")  # fmt: skip
    heard = {word for rule in workflow.rules for word in (*rule.until, rule.starts_from, *rule.only_if)}
    asked = {name for action in workflow.actions.values() for name in action.guards}
    heard |= {mark for name in asked for mark in reads(name).marks}
    for action in workflow.actions.values():
        for mark in marks_of(action):
            # a mark set on the way into another workflow is for that one
            if mark not in heard and action.switch is None:
                yield Problem(file, action.line_of("sets", "approved"), WORDS, f"{action.key} sets {mark}, which nothing asks for",
                              "remove it, or name it in a clock or a guard")  # fmt: skip
        if action.switch is not None:
            for state in action.switch.map:
                if state not in (action.from_states or ()):
                    yield Problem(file, action.line_of("switch"), WORDS, f"the map of {action.key} names {state}, where it does not start",
                                  f"remove it, or add {state} to from")  # fmt: skip
    for rule, states in _running(workflow):
        for name in rule.reset_by:
            action_or_none = workflow.actions.get(name)
            if action_or_none is not None and not states & set(action_or_none.from_states or ()):
                yield Problem(file, rule.line, WORDS, f"{name} resets the timer {rule.name} but starts from none of its states",
                              "an action from: [" + ", ".join(sorted(states)) + "]")  # fmt: skip


def _running(workflow: Workflow) -> Iterator[tuple[TimerRule, set[str]]]:
    """Timers with the states they run in."""
    for state in workflow.states.values():
        for rule in state.timers.values():
            yield rule, {other.key for other in workflow.states.values() if rule.name in other.timers}
    for rule in (*workflow.clocks.values(), *workflow.started().values()):
        yield rule, set(workflow.open_states)
