"""States move only along the file; the shared machine keeps nothing and minds no threads."""

import gc
from concurrent.futures import ThreadPoolExecutor

import pytest

from hazard_flow.errors import StateConflict
from hazard_flow.workflow.definition import Workflow
from hazard_flow.workflow.machine import machine_of, next_state, switched_state, table


def test_the_way_from_report_to_closing(general: Workflow) -> None:
    state: str | None = None
    way = []
    for action in [
        "report",
        "assign",
        "accept",
        "progress",
        "submit",
        "fail",
        "submit",
        "pass",
        "realarm",
        "submit",
        "pass",
        "close",
    ]:
        state = next_state(general, state, action)
        way.append(state)
    assert way == [
        "reported", "assigned", "rectifying", "rectifying", "submitted", "rectifying", "submitted", "verified",
        "rectifying", "submitted", "verified", "closed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("state", "action"),
    [("reported", "close"), ("closed", "assign"), ("closed", "to_reported"), ("reported", "to_closed"), ("reported", "report"),
     (None, "assign"), ("nowhere", "assign"), ("reported", "unheard_of"), ("verified", "alarm")],
)  # fmt: skip
def test_everything_else_conflicts(general: Workflow, state: str | None, action: str) -> None:
    with pytest.raises(StateConflict) as conflict:
        next_state(general, state, action)
    assert conflict.value.status == 409


def test_the_table_says_what_the_machine_does(general: Workflow, major: Workflow) -> None:
    for workflow in (general, major):
        moves = table(workflow)
        for state in workflow.states:
            for action in workflow.actions:
                if (state, action) in moves:
                    assert moves[(state, action)] == next_state(workflow, state, action)
                else:
                    with pytest.raises(StateConflict):
                        next_state(workflow, state, action)


def test_raising_to_major_leads_into_the_other_workflow(general: Workflow, major: Workflow) -> None:
    assert switched_state(general, "submitted", "escalate_to_major") == ("major", "rectifying")
    with pytest.raises(StateConflict):
        switched_state(general, "closed", "escalate_to_major")
    assert "escalate_to_major" not in major.actions


def test_the_machine_is_shared_bound_to_nothing_and_leaks_nothing(general: Workflow) -> None:
    machine = machine_of(general)
    assert machine is machine_of(general)
    gc.collect()
    before = len(gc.get_objects())
    for _ in range(20_000):
        next_state(general, "reported", "assign")
    gc.collect()
    assert machine.models == []
    # one object kept for each call would be four times as many; threads of other tests keep some hundreds
    assert len(gc.get_objects()) - before < 5_000


def test_many_threads_move_many_hazards_at_once(general: Workflow) -> None:
    steps = [
        ("reported", "assign", "assigned"),
        ("assigned", "accept", "rectifying"),
        ("verified", "close", "closed"),
    ] * 200
    with ThreadPoolExecutor(8) as pool:
        moved = list(pool.map(lambda step: next_state(general, step[0], step[1]), steps))
    assert moved == [step[2] for step in steps]
