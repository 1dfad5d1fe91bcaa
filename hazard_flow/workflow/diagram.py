"""A workflow as a Mermaid state diagram, for help pages and reviews."""

from hazard_flow.workflow.definition import Workflow
from hazard_flow.workflow.graph import edges, is_automatic


def mermaid(workflow: Workflow, locale: str) -> str:
    """`stateDiagram-v2` text: states by name, one arrow for each pair of states with the actions on it; the system's in [brackets]."""
    lines = ["stateDiagram-v2"]
    lines += [
        f'  state "{_plain(state.label.in_(locale))}" as {key}' for key, state in workflow.states.items()
    ]
    lines += [
        f"  [*] --> {action.to}: {_plain(action.label.in_(locale))}"
        for action in workflow.actions.values()
        if action.from_states is None
    ]
    arrows: dict[tuple[str, str], list[str]] = {}
    for start, action, end in edges(workflow):
        name = _plain(action.label.in_(locale))
        arrows.setdefault((start, end), []).append(f"[{name}]" if is_automatic(action) else name)
    lines += [f"  {start} --> {end}: {' / '.join(names)}" for (start, end), names in arrows.items()]
    lines += [f"  {key} --> [*]" for key, state in workflow.states.items() if state.final]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """Without the characters Mermaid reads as its own."""
    return text.replace('"', "'").replace(":", "：").replace(";", "；").replace("\n", " ")
