"""Which file and line is to blame for a path: the last step where its file is judged, else the switch that led out of a judged file."""

from collections.abc import Sequence
from typing import Any, Protocol

from hazard_flow.workflow.proof_explore import Edge
from hazard_flow.workflow.proof_world import World


class Taken(Protocol):
    """A step as both explorations note it."""

    @property
    def workflow(self) -> str:
        """Id of the workflow the step was taken under."""
        ...

    @property
    def action(self) -> str:
        """The action's key."""
        ...


def place(
    world: World, path: Sequence[Edge[Any, Any]], *, at: str, line: int | None = None
) -> tuple[str, int] | None:
    """File and line for a fault in the workflow `at`; `line` is the line there, else that of the last step's `who`.

    A file that was judged before is right by itself: then the switch into it is wrong. None where no judged file is on the path.
    """
    if at in world.files and line is not None:
        return world.files[at], line
    for edge in reversed(path):
        step: Taken = edge.step
        action = world.workflows[step.workflow].actions[step.action]
        if step.workflow in world.files and (edge is path[-1] or action.switch is not None):
            return world.files[step.workflow], action.line_of("switch" if action.switch else "who")
    return None


def told(path: Sequence[Edge[Any, Any]]) -> str:
    """The actions of a path: "report → assign → accept"."""
    return " → ".join(edge.step.action for edge in path)
