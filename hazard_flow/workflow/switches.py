"""Switches between workflows: checked where all files are known."""

from collections.abc import Mapping

from hazard_flow.workflow.definition import Workflow
from hazard_flow.workflow.problems import WORDS, Problem


def check_switches(
    workflow: Workflow, known: Mapping[tuple[str, int], Workflow], *, file: str
) -> list[Problem]:
    """Whether each switch leads into a known workflow and maps every state onto one of its states."""
    problems: list[Problem] = []
    for action in workflow.actions.values():
        if action.switch is None:
            continue
        targets = [other for (key, _), other in known.items() if key == action.switch.to_workflow]
        if not targets:
            problems.append(
                Problem(file, action.line, WORDS, f"{action.key} switches to the unknown workflow {action.switch.to_workflow!r}",
                        "one of " + ", ".join(sorted({key for key, _ in known})))
            )  # fmt: skip
            continue
        target = max(targets, key=lambda other: other.version)
        for state in action.from_states or ():
            goal = action.switch.map.get(state)
            if goal is None or goal not in target.states or target.states[goal].final:
                problems.append(
                    Problem(file, action.line, WORDS, f"{action.key} maps {state} to {goal!r}, which is no open state of {target.id}",
                            "one of " + ", ".join(name for name, other in target.states.items() if not other.final))
                )  # fmt: skip
    return problems
