"""Which requests and marks the walk must keep account of: those whose state can decide whether a hazard may go on.

Requests are made and settled independently of each other: what can be settled alone can be settled beside others, unless a guard of one
looks at another; a guard over what is not followed may be either way. What somebody with a certain role can settle, or set, wherever it
is asked for and without any condition can never be what keeps a hazard from closing: following it would show nothing.
"""

from collections.abc import Iterator

from hazard_flow.workflow.check_requests import AUTOMATIC_MARKS
from hazard_flow.workflow.definition import Action, Workflow
from hazard_flow.workflow.guards import reads
from hazard_flow.workflow.proof_guards import Followed, surely_passes
from hazard_flow.workflow.proof_world import World


def groups(world: World) -> list[Followed]:
    """What is followed together: first only the requests nobody ever makes, then besides them each that matters."""
    opened = {a.opens for w in world.workflows.values() for a in w.actions.values() if a.opens}
    never = frozenset(world.vocabulary.flags) - opened
    flags = sorted(flag for flag in opened if not _plainly_settled(world, flag))
    marks = {frozenset(asked) for asked in _asked(world)}
    largest = sorted(sorted(group) for group in marks if not any(group < other for other in marks))
    return [
        Followed(flags=never),
        *(Followed(flags=never | {flag}) for flag in flags),
        *(Followed(flags=never, marks=frozenset(group)) for group in largest),
    ]


def _plainly_settled(world: World, flag: str) -> bool:
    for workflow in world.workflows.values():
        if not _looks_at(workflow, flag):
            continue
        for state in workflow.open_states:
            if not any(
                a.shuts == flag and _is_plain(world, workflow, a, state) for a in workflow.from_state[state]
            ):
                return False
    return True


def _looks_at(workflow: Workflow, flag: str) -> bool:
    return any(
        action.opens == flag or any(flag in reads(name).flags for name in action.guards)
        for action in workflow.actions.values()
    )


def _asked(world: World) -> Iterator[tuple[str, ...]]:
    """The marks each guard looks at, where they are not set on the spot."""
    for workflow in world.workflows.values():
        for action in workflow.actions.values():
            for name in action.guards:
                marks = tuple(mark for mark in reads(name).marks if mark not in AUTOMATIC_MARKS)
                if len(marks) > 1 or any(not _plainly_set(world, workflow, action, mark) for mark in marks):
                    yield marks


def _plainly_set(world: World, workflow: Workflow, asking: Action, mark: str) -> bool:
    return all(
        any(
            mark in action.sets
            and action.to in (None, state)
            and action.switch is None
            and action.shuts is None
            and action.opens is None
            and _is_plain(world, workflow, action, state)
            for action in workflow.from_state[state]
        )
        for state in asking.from_states or ()
    )


def _is_plain(world: World, workflow: Workflow, action: Action, state: str) -> bool:
    """Whether somebody with a certain role can always do it here."""
    if action.at_most is not None or action.quorum > 1:
        return False
    level, stage = workflow.applies_to.get("level"), workflow.states[state].stage
    return any(
        all(
            surely_passes(name, state=state, stage=stage, level=level, actor_roles=frozenset({role}))
            for name in action.guards
        )
        for role in world.role_words(action)
    )
