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


def test_a_clock_runs_only_for_a_hazard_with_its_mark(general: Workflow) -> None:
    """Told in writing or not counts only where the catalogue row makes it a conditional major."""
    known = {"found_at"}
    plain = move(general, "report", None, "reported", set(), changed=known, known=known)
    assert "written_notice" not in plain.start
    conditional = move(
        general, "report", None, "reported", set(), changed=known, known=known, marks={"conditional"}
    )
    assert conditional.start["written_notice"][0] == "clock"
    told = {"marks": {"conditional", "user_notified"}, "changed": {"user_notified"}, "known": known}
    assert (
        "written_notice"
        in move(general, "serve_notice", "reported", "reported", {"classify", "written_notice"}, **told).end
    )


def test_a_clock_begins_when_its_mark_is_set_later(general: Workflow) -> None:
    moves = move(
        general, "assign", "reported", "assigned", {"classify", "control"},
        changed={"due_at", "conditional"}, marks={"conditional"}, known={"found_at", "due_at", "conditional"},
    )  # fmt: skip
    assert shape(moves) == ({"accept", "rectify", "written_notice"}, {"classify"}, {"control"})
    again = move(
        general, "accept", "assigned", "rectifying", {"accept", "rectify", "control"},
        marks={"conditional"}, known={"found_at"},
    )  # fmt: skip
    assert "written_notice" not in again.start, "what has ended begins again only when its mark is set again"


def test_a_duty_begins_with_the_confirmation_as_a_major_and_ends_when_it_is_done(major: Workflow) -> None:
    known = {"found_at", "due_at", "confirmed_major"}
    moves = move(
        major, "assign", "reported", "assigned", {"classify", "control"},
        changed={"due_at", "confirmed_major"}, marks={"confirmed_major"}, known=known,
    )  # fmt: skip
    assert shape(moves) == (
        {"accept", "rectify", "report_regulator", "report_staff", "plan"},
        {"classify"},
        {"control"},
    )
    running = {"accept", "rectify", "report_regulator", "report_staff", "plan"}
    told = move(
        major, "report_regulator", "assigned", "assigned", running,
        changed={"regulator_told"}, marks={"confirmed_major", "regulator_told"}, known=known,
    )  # fmt: skip
    assert shape(told) == (set(), {"report_regulator"}, running - {"report_regulator"})


def test_the_limit_of_a_request_ends_with_the_act_that_settles_it(general: Workflow) -> None:
    asked = move(
        general, "request_extension", "rectifying", "rectifying", {"rectify", "progress"},
        changed={"extension"}, marks={"extension"},
    )  # fmt: skip
    assert asked.start["extension_decision"][0] == "started"
    running = {"rectify", "progress", "extension_decision"}
    handed_in = move(general, "submit", "rectifying", "submitted", running, marks={"extension"})
    assert handed_in.carry == {"extension_decision"}, "it runs on across states until it is decided"
    ended = general.actions["decide_extension"].ends
    refused = move(general, "decide_extension", "rectifying", "rectifying", running, ended=ended)
    assert shape(refused) == (set(), {"extension_decision"}, {"rectify", "progress"})
    granted = move(
        general, "decide_extension", "rectifying", "rectifying", running, ended=ended, changed={"due_at"}
    )
    assert shape(granted) == ({"rectify"}, {"extension_decision", "rectify"}, {"progress"})


def test_gas_is_owed_again_only_while_it_is_off(general: Workflow) -> None:
    on = move(general, "pass", "submitted", "verified", {"verify"})
    assert set(on.start) == {"close"}
    off = move(general, "pass", "submitted", "verified", {"verify"}, marks={"gas_stop"})
    assert set(off.start) == {"close", "resume_gas"}
    resumed = move(
        general, "resume_gas", "verified", "verified", {"close", "resume_gas"}, ended=("resume_gas",)
    )
    assert shape(resumed) == (set(), {"resume_gas"}, {"close"})
    gone = move(general, "send_back", "verified", "rectifying", {"close", "resume_gas"}, marks=set())
    assert "resume_gas" in gone.end, "nothing is off any more"


def test_a_raised_hazard_keeps_the_limits_both_workflows_have(general: Workflow, major: Workflow) -> None:
    moves = timer_moves(
        major,
        general.actions["escalate_to_major"],
        before=general.states["submitted"],
        after=major.states["rectifying"],
        running={"verify", "control", "extension_decision"},
        marks={"extension", "confirmed_major"},
        known={"found_at", "due_at", "confirmed_major"},
        changed={"confirmed_major"},
        switched=True,
    )
    assert set(moves.start) == {
        "rectify", "progress", "control", "extension_decision", "report_regulator", "report_staff",
    }  # fmt: skip
    assert moves.start["extension_decision"][1] is major.started()["extension_decision"]
    assert moves.carry == frozenset()


def test_a_lowered_hazard_owes_nothing_of_a_major(general: Workflow, major: Workflow) -> None:
    moves = timer_moves(
        general,
        major.actions["lower_to_general"],
        before=major.states["rectifying"],
        after=general.states["rectifying"],
        running={"rectify", "progress", "report_staff", "plan", "plan_decision"},
        ended=major.actions["lower_to_general"].ends,
        known={"found_at", "due_at", "confirmed_major"},
        switched=True,
    )
    assert set(moves.start) == {"rectify", "progress", "control"}
    assert moves.end >= {"report_staff", "plan", "plan_decision"}


def test_a_visit_resets_the_follow_up(household: Workflow) -> None:
    running = {"rectify", "follow_up"}
    for action in ("record_visit", "record_absence", "progress"):
        moves = move(household, action, "rectifying", "rectifying", running)
        assert shape(moves) == ({"follow_up"}, {"follow_up"}, {"rectify"})
    assert shape(move(household, "attach", "rectifying", "rectifying", running)) == (set(), set(), running)
