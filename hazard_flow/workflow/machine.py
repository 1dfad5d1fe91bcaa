"""The state machine: `transitions` behind one module. One shared machine a workflow, never bound to hazards.

A machine with models keeps every one of them alive and is slow to make; so events are triggered on a cursor that only knows its state
and dies at once. No callbacks: nothing can go half-way. `auto_transitions` stays off, or any state could jump to `closed`.
"""

from collections.abc import Mapping
from functools import lru_cache
from threading import Lock
from typing import Any

from transitions import Machine, MachineError

from hazard_flow.errors import StateConflict
from hazard_flow.workflow.definition import Workflow

#: more released versions than any deployment keeps open
_MACHINES_MAX = 256


class _Cursor:
    """What a machine moves: a state and nothing else."""

    __slots__ = ("state",)

    def __init__(self, state: str) -> None:
        self.state = state


def next_state(workflow: Workflow, state: str | None, action: str) -> str:
    """The state after an action; the same state for an act without change. `state` None opens a hazard.

    A switch ends in another workflow's state: see `switched_state`. Raises StateConflict where the action does not start here.
    """
    if state is None:
        rule = workflow.actions.get(action)
        if rule is None or rule.from_states is not None or rule.to is None:
            raise StateConflict(f"{action} opens no hazard", state=None, action=action)
        return rule.to
    machine = machine_of(workflow)
    if action not in machine.events or state not in machine.states:
        raise StateConflict(f"{action} is not known in {state}", state=state, action=action)
    cursor = _Cursor(state)
    try:
        machine.events[action].trigger(cursor)
    except MachineError as error:
        raise StateConflict(f"{action} does not start from {state}", state=state, action=action) from error
    return cursor.state


def switched_state(workflow: Workflow, state: str, action: str) -> tuple[str, str]:
    """Where a switching action leads: (key of the other workflow, state in it). Raises StateConflict where it does not start here."""
    next_state(workflow, state, action)
    switch = workflow.actions[action].switch
    assert switch is not None, f"{action} does not switch"
    return switch.to_workflow, switch.map[state]


def table(workflow: Workflow) -> Mapping[tuple[str, str], str]:
    """Every (state, action) → state, read off the machine: for batches and for offering actions."""
    return _table(_Key(workflow))


def machine_of(workflow: Workflow) -> Machine:
    """The shared machine of a workflow version. It is never given a model."""
    with _lock:
        return _machine(_Key(workflow))


class _Key:
    """A workflow as a cache key: its id and the hash of its file."""

    __slots__ = ("identity", "workflow")

    def __init__(self, workflow: Workflow) -> None:
        self.workflow = workflow
        # a workflow made in a test has no file; then the value itself is its identity, and the cache keeps it alive
        self.identity: tuple[Any, ...] = (workflow.id, workflow.sha256 or id(workflow))

    def __hash__(self) -> int:
        return hash(self.identity)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.identity == other.identity


_lock = Lock()


@lru_cache(maxsize=_MACHINES_MAX)
def _machine(key: _Key) -> Machine:
    workflow = key.workflow
    machine = Machine(
        model=None,
        states=list(workflow.states),
        initial=workflow.initial,
        auto_transitions=False,
        queued=False,
        send_event=False,
    )
    for action in workflow.actions.values():
        for state in action.from_states or ():
            machine.add_transition(
                action.key, state, action.to
            )  # a destination of None stays and runs no exit
    return machine


@lru_cache(maxsize=_MACHINES_MAX)
def _table(key: _Key) -> Mapping[tuple[str, str], str]:
    machine = machine_of(key.workflow)
    return {
        (state, name): transition.dest or state
        for name, event in machine.events.items()
        for state, transitions in event.transitions.items()
        for transition in transitions
    }
