"""Which of forty acts comes first, and under which heading the others stand: read off the workflow files themselves."""

import pytest

from hazard_flow.hazards.grouping import (
    GROUPS,
    Standing,
    changes_to,
    group_of,
    is_forward,
    is_pointless,
    missing,
    next_rank,
)
from hazard_flow.hazards.models import Hazard
from tests.harness import founding

WORKFLOWS = ("general", "major", "household")


def workflow(key="general"):
    return founding.rules().newest(key)


def ranked(key, standing):
    """What is next in a state, nearest first."""
    found = workflow(key)
    here = [a for a in found.actions.values() if standing.state in (a.from_states or ())]
    ranks = {a.key: next_rank(found, a, standing) for a in here}
    return sorted((k for k, rank in ranks.items() if rank is not None), key=lambda k: ranks[k])


@pytest.mark.parametrize("key", WORKFLOWS)
def test_every_act_stands_under_a_known_heading(key):
    found = workflow(key)
    assert {group_of(found, action) for action in found.actions.values()} <= set(GROUPS)


@pytest.mark.parametrize("key", WORKFLOWS)
def test_no_open_state_is_without_a_way_on(key):
    found = workflow(key)
    stuck = [
        state
        for state, one in found.states.items()
        if not one.final
        and not any(
            is_forward(found, action, state)
            for action in found.actions.values()
            if state in (action.from_states or ())
        )
    ]
    assert stuck == []


@pytest.mark.parametrize(
    ("action", "group"),
    [
        ("request_extension", "requests"), ("request_lowering", "requests"), ("decide_extension", "requests"),
        ("start_control", "controls"), ("stop_gas", "controls"), ("resume_gas", "controls"),
        ("serve_notice", "users"), ("record_inspection", "oversight"), ("request_transfer", "oversight"),
        ("suspend", "changes"), ("merge", "changes"), ("raise_urgency", "changes"), ("reassign", "changes"),
        ("attach", "records"), ("acknowledge", "records"),
    ],
)  # fmt: skip
def test_acts_stand_where_people_look_for_them(action, group):
    found = workflow()
    assert group_of(found, found.actions[action]) == group


@pytest.mark.parametrize("action", ["report_regulator", "report_staff", "notify_staff", "sign_completion"])
def test_what_the_law_asks_of_a_major_is_a_duty(action):
    found = workflow("major")
    assert group_of(found, found.actions[action]) == "duties"


def test_the_step_forward_comes_first_then_what_is_owed_again_and_again():
    nearest = ranked("general", Standing("rectifying"))
    assert nearest[0] == "submit"
    assert nearest.index("progress") > 0
    assert "attach" not in nearest
    assert "request_extension" not in nearest


def test_an_open_request_makes_its_answer_a_next_step():
    assert "decide_extension" not in ranked("general", Standing("rectifying"))
    assert "decide_extension" in ranked("general", Standing("rectifying", flags={"extension"}))
    # lifting a control and withdrawing one's own transfer answer nobody
    standing = Standing("rectifying", flags={"control", "transfer"})
    assert {"lift_control", "withdraw_transfer"} & set(ranked("general", standing)) == set()
    assert {"accept_transfer", "return_transfer"} <= set(ranked("general", standing))


def test_failing_stands_beside_passing():
    nearest = ranked("general", Standing("submitted"))
    assert nearest[:1] == ["pass"]
    assert "fail" in nearest


def test_a_major_is_not_handed_in_before_plan_and_signature():
    found = workflow("major")
    lacking = missing(found, Standing("rectifying"))
    assert {"plan_approved", "principal_signed"} <= lacking
    nearest = ranked("major", Standing("rectifying"))
    assert {"submit_plan", "sign_completion"} <= set(nearest)
    there = Standing("rectifying", marks={"plan_approved", "principal_signed"})
    assert not {"plan_approved", "principal_signed"} & missing(found, there)
    assert "sign_completion" not in ranked("major", there)


def test_raising_offers_only_higher_and_lowering_only_lower():
    actions = workflow().actions
    b = Hazard(urgency="B")
    assert list(changes_to(actions["raise_urgency"], b, "urgency", ("A", "B"))) == ["A"]
    assert list(changes_to(actions["request_lowering"], b, "requested_urgency", ("B", "C"))) == ["C"]
    assert list(changes_to(actions["assign"], b, "urgency", ("A", "B", "C"))) == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("action", "urgency", "pointless"),
    [
        ("raise_urgency", "A", True),
        ("raise_urgency", "B", False),
        ("request_lowering", "C", True),
        ("request_lowering", "A", False),
        ("assign", "A", False),
    ],
)
def test_nothing_is_above_a_nor_below_c(action, urgency, pointless):
    assert is_pointless(workflow().actions[action], Hazard(urgency=urgency)) == pointless
