"""Which timers end, start and run on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hazard_flow.workflow.calendar import china
from hazard_flow.workflow.deadlines import Reckoning
from hazard_flow.workflow.definition import Workflow
from hazard_flow.workflow.moves import TimerMoves, timer_moves
from hazard_flow.workflow.plan import Run, first_timer, rekey


def move(
    workflow: Workflow, action: str, before: str | None, after: str, running: set[str], **changes: Any
) -> TimerMoves:
    return timer_moves(
        workflow,
        workflow.actions[action],
        before=workflow.states[before] if before else None,
        after=workflow.states[after],
        running=running,
        **changes,
    )


def shape(moves: TimerMoves) -> tuple[set[str], set[str], set[str]]:
    return set(moves.start), set(moves.end), set(moves.carry)


def test_a_report_starts_the_state_and_the_clock(general: Workflow) -> None:
    moves = move(general, "report", None, "reported", set(), changed={"found_at"})
    assert shape(moves) == ({"classify", "control"}, set(), set())
    assert {name: kind for name, (kind, _) in moves.start.items()} == {
        "classify": "state",
        "control": "clock",
    }


def test_assigning_ends_classify_and_leaves_the_clock_running(general: Workflow) -> None:
    moves = move(general, "assign", "reported", "assigned", {"classify", "control"}, changed={"due_at"})
    assert shape(moves) == ({"accept", "rectify"}, {"classify"}, {"control"})


def test_the_rectification_clock_is_carried_over_on_acceptance(general: Workflow) -> None:
    moves = move(general, "accept", "assigned", "rectifying", {"accept", "rectify", "control"})
    assert shape(moves) == ({"progress"}, {"accept"}, {"rectify", "control"})


def test_starting_a_control_ends_its_clock_for_good(general: Workflow) -> None:
    running = {"rectify", "progress", "control"}
    moves = move(
        general,
        "start_control",
        "rectifying",
        "rectifying",
        running,
        changed={"control_started"},
        marks={"control_started"},
    )
    assert shape(moves) == (set(), {"control"}, {"rectify", "progress"})
    later = move(
        general, "progress", "rectifying", "rectifying", {"rectify", "progress"}, marks={"control_started"}
    )
    assert shape(later) == ({"progress"}, {"progress"}, {"rectify"})
    lifted = move(
        general,
        "lift_control",
        "rectifying",
        "rectifying",
        {"rectify", "progress"},
        marks={"control_started", "control_lifted"},
    )
    assert shape(lifted) == (set(), set(), {"rectify", "progress"})


def test_a_clock_that_ended_does_not_start_again(general: Workflow) -> None:
    moves = move(general, "realarm", "verified", "rectifying", {"close"})
    assert shape(moves) == ({"rectify", "progress"}, {"close"}, set())


def test_a_new_deadline_plans_the_clock_anew(general: Workflow) -> None:
    moves = move(general, "fail", "submitted", "rectifying", {"verify"}, changed={"due_at"})
    assert shape(moves) == ({"rectify", "progress"}, {"verify"}, set())


def test_a_graver_urgency_shortens_a_running_clock_from_its_old_start(general: Workflow) -> None:
    moves = move(
        general, "assign", "reported", "assigned", {"classify", "control"}, changed={"due_at", "urgency"}
    )
    assert moves.rekey == {"control"}
    rule, ladder = general.clocks["control"], general.ladders["unsafe"]
    t0 = datetime(2026, 6, 1, 2, tzinfo=UTC)
    reckoning = Reckoning(ZoneInfo("Asia/Shanghai"), china())
    pending = first_timer(rule, ladder, Run(t0, "C", {"found_at": t0}), reckoning, now=t0)
    assert pending is not None
    assert pending.due_at == t0 + timedelta(hours=72)
    graver = rekey(
        rule, ladder, pending, Run(t0, "A", {"found_at": t0}), reckoning, now=t0 + timedelta(hours=1)
    )
    assert graver.due_at == t0 + timedelta(minutes=30)
    climbing = replace(pending, level=1)
    assert rekey(rule, ladder, climbing, Run(t0, "A", {"found_at": t0}), reckoning, now=t0) == climbing


def test_closing_ends_everything(general: Workflow) -> None:
    assert shape(move(general, "close", "verified", "closed", {"close", "control"})) == (
        set(),
        {"close", "control"},
        set(),
    )


def test_an_act_without_change_leaves_all_as_it_is(general: Workflow) -> None:
    moves = move(general, "attach", "submitted", "submitted", {"verify", "control"})
    assert shape(moves) == (set(), set(), {"verify", "control"})


def test_a_switch_plans_everything_by_the_new_rules(general: Workflow, major: Workflow) -> None:
    moves = timer_moves(
        major,
        general.actions["escalate_to_major"],
        before=general.states["reported"],
        after=major.states["reported"],
        running={"classify", "control"},
        known={"found_at", "confirmed_major"},
        switched=True,
    )
    assert shape(moves) == (
        {"classify", "control", "report_regulator", "report_staff"},
        {"classify", "control"},
        set(),
    )
    assert moves.start["classify"][1].ladder == "unassigned"
