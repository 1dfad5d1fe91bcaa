"""The way to every time limit is found from the file alone: what must stand open or be done first is done on the way."""

from dataclasses import replace

import pytest

from hazard_flow.drills.routes import Goal, Target, rules, targets, way_to
from hazard_flow.drills.sealed import patient
from hazard_flow.workflow.definition import Duration, Keyed, TimerRule, Workflow
from tests.harness import founding

WORKFLOWS = {key: founding.rules().newest(key) for key in ("general", "household", "major")}
SOON = Keyed(default=Duration(4, "h"))


def to(workflow: Workflow, name: str, state: str | None = None) -> Target:
    goal = next(goal for goal in rules(workflow) if (goal.rule.name, goal.state) == (name, state))
    found = way_to(workflow, goal)
    assert found is not None, f"no way to {name}"
    return found


@pytest.mark.parametrize("key", WORKFLOWS)
def test_a_way_leads_to_every_limit_and_each_way_is_gone_once(key: str):
    workflow = WORKFLOWS[key]
    found = targets(workflow)
    assert {id(goal.rule) for target in found for goal in target.goals} == {
        id(goal.rule) for goal in rules(workflow)
    }
    ways = [(target.opening, target.way, target.brings) for target in found]
    assert len(set(ways)) == len(ways)


def test_marks_requests_and_measures_a_step_asks_for_come_before_it():
    major, general = WORKFLOWS["major"], WORKFLOWS["general"]
    submitted = to(major, "verify", "submitted").way
    assert set(submitted) == {"assign", "accept", "submit_plan", "decide_plan", "sign_completion", "submit"}
    assert submitted.index("submit_plan") < submitted.index("decide_plan") < submitted.index("submit")
    assert to(major, "publish_lifting").way[-2:] == ("list", "lift_listing")
    blocked = to(general, "review", "blocked").way
    assert blocked.index("start_control") < blocked.index("suspend")
    owed = to(general, "resume_gas")
    assert owed.way[-2:] == ("stop_gas", "pass")
    assert (owed.state, owed.starts) == ("submitted", "pass")


def test_each_way_of_opening_a_hazard_is_one():
    received = to(WORKFLOWS["major"], "receive", "received")
    assert (received.opening, received.way) == ("report_protected", ())


def test_what_no_act_brings_about_is_left_to_the_report():
    notice = to(WORKFLOWS["general"], "written_notice")
    assert (notice.brings, notice.way) == ({"conditional"}, ())


def test_where_a_step_is_barred_a_longer_way_is_found_or_none():
    general = WORKFLOWS["general"]
    reported = next(goal for goal in rules(general) if goal.rule.name == "classify")
    longer = way_to(general, reported, without={"report"})
    assert longer is not None
    assert (longer.opening, longer.way) == ("report_protected", ("take_up",))
    assert way_to(general, reported, without={"report", "take_up"}) is None


def test_limits_a_city_adds_are_found_by_what_they_hang_on():
    general = WORKFLOWS["general"]
    told = TimerRule("answer", "idle", within=SOON, starts_from="user_notified")
    asked = TimerRule("paused", "idle", within=SOON, starts_from="found_at", only_if=("extension",))
    city = replace(general, clocks={**general.clocks, "answer": told, "paused": asked})
    assert to(city, "answer").way == ("serve_notice",)
    assert to(city, "paused").way == ("assign", "accept", "request_extension")
    never = Goal("clock", None, replace(told, until=("user_notified",)))
    assert way_to(city, never) is None


def test_in_the_copy_nothing_happens_by_itself():
    waiting = patient(founding.rules())
    assert founding.rules().acting_timers
    assert not waiting.acting_timers
    assert waiting.newest("general").id == "general.v1"
