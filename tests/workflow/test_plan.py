"""When a timer fires: reminders, rungs, the last one for ever; late, early and after an outage."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from hazard_flow.workflow.calendar import china
from hazard_flow.workflow.deadlines import Reckoning
from hazard_flow.workflow.definition import Workflow
from hazard_flow.workflow.plan import PlannedTimer, Run, collapse, first_timer, next_after, steps, upcoming

RECKONING = Reckoning(ZoneInfo("Asia/Shanghai"), china())
T0 = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)  # Monday 10:00 in Shanghai
HOUR = timedelta(hours=1)
#: two years of minutes from 2025
MINUTES_MAX = 2 * 365 * 24 * 60


def test_an_unassigned_major_climbs_at_2_24_72_hours_after_the_limit_then_daily(major: Workflow) -> None:
    rule = major.states["reported"].timers["classify"]
    ladder = major.ladders[rule.ladder]
    run = Run(T0)
    first = first_timer(rule, ladder, run, RECKONING, now=T0)
    assert first == PlannedTimer("classify", -1, 0, T0 + HOUR, T0 + 2 * HOUR)
    fired = upcoming(rule, ladder, first, run, RECKONING, count=7)
    expiry = T0 + 2 * HOUR
    assert [(f.level, f.cycle, (f.due_at - expiry) / HOUR) for f in fired] == [
        (-1, 0, -1), (0, 0, 2), (1, 0, 24), (2, 0, 72), (2, 1, 96), (2, 2, 120), (2, 3, 144),
    ]  # fmt: skip
    assert [ladder[f.level].tell for f in fired[1:4]] == [
        ("safety_director",),
        ("county_officer",),
        ("highest_regulator",),
    ]


def test_an_unacknowledged_rung_brings_the_next_one_early_and_acknowledging_gives_the_time_back(
    general: Workflow,
) -> None:
    rule = general.clocks["control"]
    ladder = general.ladders["unsafe"]
    run = Run(T0, "A", {"found_at": T0})
    first = first_timer(rule, ladder, run, RECKONING, now=T0)
    assert first is not None
    assert first.due_at == T0 + timedelta(minutes=30)
    second = next_after(rule, ladder, first, run, RECKONING, fired_at=first.due_at)
    assert second.due_at == first.due_at + timedelta(minutes=10)
    patient = next_after(rule, ladder, first, run, RECKONING, fired_at=first.due_at, acknowledged=True)
    assert patient.due_at == first.due_at + timedelta(minutes=30)


def test_a_clock_counts_from_the_finding_not_from_the_report(general: Workflow) -> None:
    found_at = T0 - 5 * HOUR
    run = Run(T0, "A", {"found_at": found_at})
    timer = first_timer(general.clocks["control"], general.ladders["unsafe"], run, RECKONING, now=T0)
    assert timer is not None
    assert (timer.level, timer.due_at) == (0, found_at + timedelta(minutes=30))


def test_what_fell_due_in_an_outage_fires_once_at_its_highest(general: Workflow) -> None:
    rule = general.clocks["control"]
    ladder = general.ladders["unsafe"]
    run = Run(T0, "A", {"found_at": T0})
    pending = first_timer(rule, ladder, run, RECKONING, now=T0)
    assert pending is not None
    late = collapse(
        rule, ladder, pending, run, RECKONING, now=T0 + 3 * HOUR
    )  # expiry 0:30; rungs 0:30 1:00 2:30 4:30
    assert (late.fire.level, late.skipped) == (2, ((0, 0), (1, 0)))
    much_later = collapse(
        rule, ladder, pending, run, RECKONING, now=T0 + 13 * HOUR
    )  # last rung 4:30, 8:30, 12:30
    assert (much_later.fire.level, much_later.fire.cycle) == (3, 2)
    assert much_later.skipped == ((0, 0), (1, 0), (2, 0), (3, 0), (3, 1))
    after = next_after(rule, ladder, much_later.fire, run, RECKONING, fired_at=T0 + 13 * HOUR)
    assert (after.level, after.cycle, after.due_at) == (3, 3, T0 + 16.5 * HOUR)


def test_reminders_come_half_way_and_a_day_before(general: Workflow) -> None:
    rule = general.states["rectifying"].timers["rectify"]
    ladder = general.ladders["overdue"]
    due_at = datetime(2026, 6, 10, 16, tzinfo=UTC)  # 10 June, that day included
    run = Run(T0, "A", {"due_at": due_at})
    planned = steps(rule, ladder, run, RECKONING)
    assert [p.level for p in planned] == [-2, -1, 0, 1, 2, 3]
    assert planned[0].due_at == T0 + (due_at - T0) / 2
    assert planned[1].due_at == due_at - 24 * HOUR
    assert [p.due_at - due_at for p in planned[2:]] == [0 * HOUR, 4 * HOUR, 24 * HOUR, 72 * HOUR]
    second = next_after(rule, ladder, planned[0], run, RECKONING, fired_at=planned[0].due_at)
    third = next_after(rule, ladder, second, run, RECKONING, fired_at=second.due_at)
    assert (second.level, third.level) == (-1, 0)


def test_a_past_reminder_is_skipped_and_a_past_limit_is_not(general: Workflow) -> None:
    rule = general.states["rectifying"].timers["rectify"]
    ladder = general.ladders["overdue"]
    run = Run(T0, "A", {"due_at": T0 + 10 * HOUR})
    timer = first_timer(rule, ladder, run, RECKONING, now=T0 + 6 * HOUR)
    assert timer is not None
    assert timer.level == 0
    over = first_timer(rule, ladder, Run(T0, "A", {"due_at": T0 - HOUR}), RECKONING, now=T0)
    assert over is not None
    assert (over.level, over.due_at) == (0, T0 - HOUR)


def test_without_its_instant_a_timer_is_not_planned(general: Workflow) -> None:
    rule = general.states["rectifying"].timers["rectify"]
    assert first_timer(rule, general.ladders["overdue"], Run(T0), RECKONING, now=T0) is None


def test_working_day_rungs_across_the_year_end_are_provisional(general: Workflow) -> None:
    rule = general.states["verified"].timers["close"]
    run = Run(datetime(2026, 12, 30, 3, tzinfo=UTC), "C")
    planned = steps(rule, general.ladders["idle"], run, RECKONING)
    assert planned[-1].provisional
    assert not steps(rule, general.ladders["idle"], Run(T0, "C"), RECKONING)[0].provisional


@settings(max_examples=150, deadline=None)
@given(
    which=st.sampled_from(["general", "major", "household"]),
    pick=st.integers(0, 50),
    minutes=st.integers(0, MINUTES_MAX),
    urgency=st.sampled_from(["M", "A", "B", "C", None]),
    term_hours=st.integers(1, 2000),
    delays=st.lists(st.integers(0, 60 * 24 * 20), min_size=12, max_size=12),
    acknowledged=st.lists(st.booleans(), min_size=12, max_size=12),
)
def test_no_walk_ever_falls_silent_or_fires_two_at_once(
    general: Workflow, major: Workflow, household: Workflow, which: str, pick: int, minutes: int, urgency: str | None,
    term_hours: int, delays: list[int], acknowledged: list[bool],
) -> None:  # fmt: skip
    workflow = {"general": general, "major": major, "household": household}[which]
    rule = workflow.rules[pick % len(workflow.rules)]
    ladder = workflow.ladders[rule.ladder]
    t0 = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    due_at = t0 + term_hours * HOUR
    run = Run(t0, urgency, {"due_at": due_at, "review_at": due_at, "found_at": t0, "confirmed_major": t0})
    pending = first_timer(rule, ladder, run, RECKONING, now=t0)
    assert pending is not None
    colour = -1
    seen: set[tuple[int, int]] = set()
    now = t0
    for delay, seen_by_somebody in zip(delays, acknowledged, strict=True):
        now = max(now, pending.due_at) + timedelta(minutes=delay)
        due = collapse(rule, ladder, pending, run, RECKONING, now=now)
        assert due.fire.due_at <= now
        assert (due.fire.level, due.fire.cycle) not in seen  # each rung once
        seen |= {(due.fire.level, due.fire.cycle), *due.skipped}
        following = next_after(
            rule, ladder, due.fire, run, RECKONING, fired_at=now, acknowledged=seen_by_somebody
        )
        assert following.due_at > now  # never two at once
        assert (following.level, following.cycle) > (due.fire.level, due.fire.cycle)  # never back down
        assert following.level < len(ladder)
        assert following.expires_at == pending.expires_at
        if due.fire.level >= 0 and ladder[due.fire.level].colour:
            rank = ["blue", "yellow", "orange", "red"].index(str(ladder[due.fire.level].colour))
            assert rank >= colour
            colour = rank
        pending = following


def test_the_same_plan_comes_out_of_a_stored_row(general: Workflow) -> None:
    """Rows keep level, cycle, due and expiry only; the next step must not hang on anything else."""
    rule = general.states["submitted"].timers["verify"]
    ladder = general.ladders["idle"]
    run = Run(T0, "B")
    for step in upcoming(rule, ladder, steps(rule, ladder, run, RECKONING)[0], run, RECKONING, count=8):
        stored = replace(step, provisional=False)
        left = next_after(rule, ladder, step, run, RECKONING, fired_at=step.due_at)
        right = next_after(rule, ladder, stored, run, RECKONING, fired_at=step.due_at)
        assert (left.level, left.cycle, left.due_at) == (right.level, right.cycle, right.due_at)


def test_silence_answers_at_the_end_of_the_limit_after_its_reminders(general: Workflow) -> None:
    """`if_silent` changes nothing in the plan: the first rung is the instant the act happens by itself."""
    rule = general.started()["extension_decision"]
    assert rule.if_silent == "lapse_extension"
    ladder = general.ladders[rule.ladder]
    first = first_timer(rule, ladder, Run(T0), RECKONING, now=T0)
    assert first is not None
    expiry = datetime(2026, 6, 3, 16, tzinfo=UTC)  # two working days after Monday: Wednesday 24:00
    assert (first.level, first.expires_at) == (-1, expiry)
    silent = next_after(rule, ladder, first, Run(T0), RECKONING, fired_at=first.due_at)
    assert (silent.level, silent.due_at) == (0, expiry)


def test_a_duty_counts_from_its_mark(major: Workflow) -> None:
    rule, ladder = major.clocks["report_staff"], major.ladders["duties"]
    confirmed = T0 - 23 * HOUR
    timer = first_timer(rule, ladder, Run(T0, "M", {"confirmed_major": confirmed}), RECKONING, now=T0)
    assert timer is not None
    assert (timer.level, timer.due_at) == (0, T0 + HOUR)
    raised_again = Run(T0, "M", {"confirmed_major": T0})
    later = first_timer(rule, ladder, raised_again, RECKONING, now=T0)
    assert later is not None
    assert later.expires_at == T0 + 24 * HOUR


def test_a_suspension_is_reviewed_on_the_day_it_says(household: Workflow) -> None:
    rule, ladder = household.states["blocked"].timers["review"], household.ladders["overdue"]
    assert first_timer(rule, ladder, Run(T0), RECKONING, now=T0) is None
    review_at = datetime(2026, 6, 20, 16, tzinfo=UTC)
    timer = first_timer(rule, ladder, Run(T0, "B", {"review_at": review_at}), RECKONING, now=T0)
    assert timer is not None
    assert (timer.level, timer.due_at) == (-1, review_at - 24 * HOUR)
