"""Every key of the language becomes the value that stands for it; a slip is told in its line, with a mend."""

from pathlib import Path
from typing import Any

import pytest

from hazard_flow.i18n import Label
from hazard_flow.workflow.definition import (
    Approved,
    AtMost,
    Climb,
    Duration,
    EvidenceRule,
    Keyed,
    Remind,
    Switch,
    Workflow,
)
from hazard_flow.workflow.loader import load_text
from hazard_flow.workflow.needs_rules import NeedRule
from hazard_flow.workflow.problems import WorkflowRefused
from hazard_flow.workflow.vocabulary import Vocabulary
from tests.workflow.corpus import HERE

SMALL = (HERE / "small.yaml").read_text("utf-8")


def load(text: str, vocabulary: Vocabulary) -> Workflow:
    return load_text(text.encode(), file="small.yaml", vocabulary=vocabulary)


def changed(old: str, new: str) -> str:
    assert SMALL.count(old) == 1, old
    return SMALL.replace(old, new)


def rule(workflow: Workflow, action: str, field: str) -> NeedRule:
    [need] = [need for need in workflow.actions[action].needs if need.field == field]
    return need.rule


def test_from_any_is_every_state_that_is_not_final(general: Workflow, vocabulary: Vocabulary) -> None:
    everywhere = tuple(key for key, state in general.states.items() if not state.final)
    assert general.actions["attach"].from_states == everywhere == general.open_states
    assert general.actions["report"].from_states is None
    secured = load(changed("from: [found, working], to: null", "from: any, to: null"), vocabulary)
    assert secured.actions["secure"].from_states == ("found", "working", "done")


def test_requests_and_what_settles_them(general: Workflow) -> None:
    ask, decide, lapse = (
        general.actions[key] for key in ("request_extension", "decide_extension", "lapse_extension")
    )
    assert (ask.opens, ask.shuts) == ("extension", None)
    assert (decide.opens, decide.shuts, decide.ends) == (None, "extension", ("extension_decision",))
    assert decide.approved == Approved(adopts={"due_at": "requested_due_at"}, counts="extended")
    assert decide.other_than == ("applicant", "responsible")
    assert decide.tell == ("applicant", "responsible")
    assert lapse.who == ("system",)
    limit = ask.starts["extension_decision"]
    assert (limit.if_silent, limit.within) == ("lapse_extension", Keyed(default=Duration(2, "workday")))
    assert limit.remind == (Remind(half_way=True),)


def test_marks_that_are_set_cleared_and_asked_for(major: Workflow) -> None:
    assert major.actions["sign_completion"].sets == ("principal_signed",)
    assert major.actions["fail"].clears == ("principal_signed",)
    assert major.actions["submit"].guards == ("plan_approved", "principal_signed")
    assert major.actions["decide_plan"].approved == Approved(sets=("plan_approved",), ends=("plan",))


def test_limits_counts_and_what_they_bring(general: Workflow, household: Workflow) -> None:
    assert general.actions["return"].at_most == AtMost(1, "person", then_above=True)
    failed = general.actions["fail"]
    assert failed.counts == "failed_recheck"
    assert failed.climbs[2] == Climb(("safety_director", "county_officer"), ("inbox", "message"), "orange")
    assert set(failed.climbs) == {2, 3}
    assert household.actions["record_absence"].climbs[3].colour == "yellow"


def test_parts_taken_on_signatures_and_second_hazards(general: Workflow, major: Workflow) -> None:
    assert general.actions["fix_on_site"].takes == "responsible"
    assert major.actions["pass"].quorum == 2
    assert general.actions["pass"].quorum == 1
    assert general.actions["split"].spawns
    assert general.actions["report_protected"].protects
    assert not general.actions["report"].protects
    assert general.states["received"].concealed
    assert not general.states["reported"].concealed
    assert general.actions["merge"].resolution == "merged"


def test_switches_with_their_condition(general: Workflow) -> None:
    assert general.actions["to_household"].switch == Switch(
        "household", {"reported": "reported"}, when={"source": "household_check"}
    )
    raised = general.actions["escalate_to_major"]
    assert raised.switch is not None
    assert set(raised.switch.map) == set(raised.from_states or ())
    assert (raised.to, raised.switch.when) == (None, {})


def test_timers_that_run_sometimes_or_from_a_mark(general: Workflow, major: Workflow) -> None:
    notice = general.clocks["written_notice"]
    assert (notice.only_if, notice.if_silent) == (("conditional",), "upgrade_unnotified")
    assert (notice.starts_from, notice.until) == ("found_at", ("user_notified", "closed"))
    assert major.clocks["report_staff"].starts_from == "confirmed_major"
    assert general.started()["resume_gas"].only_if == ("gas_stop",)


def test_a_timer_may_carry_a_name(general: Workflow, vocabulary: Vocabulary) -> None:
    named = load(
        changed("work: {at: due_at,", "work: {name: {zh: 施工期限, en: To do the work}, at: due_at,"),
        vocabulary,
    )
    assert named.timer_label("work") == Label(zh="施工期限", en="To do the work")
    assert named.timer_label("give") is None
    assert named.timer_label("unheard_of") is None
    assert named.states["working"].timers["work"].at == "due_at"
    assert all(one.label is None for one in general.rules), "the shipped ones are named where the pages are"


def test_what_is_asked_of_a_field(general: Workflow, major: Workflow) -> None:
    assert rule(major, "close", "five_plan").confirmed
    assert rule(general, "merge", "merge_into").known.type == "hazard"
    assert rule(general, "request_extension", "requested_due_at").not_after == "full_term"
    assert rule(major, "request_extension", "requested_due_at").not_after == "year_after_assignment"
    assert rule(major, "assign", "closer").other_than == ("responsible", "verifiers", "actor")
    assert rule(general, "record_inspection", "refusal_reason").when == {"refused_to_sign": True}
    assert "GAS_RESUME" not in rule(general, "start_control", "control").choices
    assert general.actions["attach"].evidence == EvidenceRule(at_least={"any": 1})


#: what replaces what in the small workflow, the rule, and what the mend says
SLIPS: list[tuple[str, str, int, str]] = [
    ("sets: made_safe}", "sets: made_safe, opens: contrl}", 10, "did you mean 'control'?"),
    ("sets: made_safe}", "sets: made_safe, shuts: contrl}", 10, "did you mean 'control'?"),
    ("sets: made_safe}", "sets: made_safe, takes: closer}", 10, "one of responsible"),
    ("sets: made_safe}", "sets: made_safe, quorum: 1}", 10, "quorum: 2"),
    ("sets: made_safe}", "sets: made_safe, spawns: maybe}", 10, "true"),
    ("sets: made_safe}", "sets: made_safe, at_most: {per: person}}", 10, "add times: …"),
    ("sets: made_safe}", "sets: made_safe, at_most: {times: 0}}", 10, "times: 1"),
    ("sets: made_safe}", "sets: made_safe, at_most: {times: 1, then: below}}", 10, "one of above"),
    ("sets: made_safe}", "sets: made_safe, counts: tries, climbs: {often: {tell: [closer], by: [inbox]}}}", 10, "a whole number from 1"),
    ("sets: made_safe}", "sets: made_safe, counts: tries, climbs: {2: {tell: [system], by: [inbox]}}}", 10, "one of"),
    ("sets: made_safe}", "sets: made_safe, counts: tries, climbs: {2: {tell: [closer]}}}", 10, "add by: …"),
    ("sets: made_safe}", "sets: made_safe, counts: tries, climbs: {2: {tell: [closer], by: [inbox], colour: green}}}", 10, "one of blue"),
    ("sets: made_safe}", "sets: made_safe, counts: tries}", 10, "climbs: {2: …}"),
    ("sets: made_safe}", "sets: made_safe, ends: [work]}", 10, "one of"),
    ("sets: made_safe}", "sets: made_safe, clears: [made_sfe]}", 10, "remove it"),
    ("sets: made_safe}", "sets: made_safe, tell: [closr]}", 10, "did you mean 'closer'?"),
    ("sets: made_safe}", "sets: made_safe, protects: true}", 10, "from: null"),
    ("sets: made_safe}", "sets: made_safe, approved: {adopts: {title: note}}}", 10, "one of due_at"),
    ("sets: made_safe}", "sets: made_safe, approved: {adopts: {due_at: note}}}", 10, "a field of the same type"),
    ("sets: made_safe}", "sets: made_safe, approved: {sets: made_safe}}", 10, "needs: {decision: choice"),
    ("sets: made_safe}", "sets: made_safe, other_than: [applicant]}", 10, "shuts: extension"),
    ("needs: {note: text}", "needs: {note: confirmed}", 10, "write `text`"),
    ("needs: {note: text}", "needs: {note: interim_control}", 10, "write `text`"),
    ("due_at: {deadline, within: 30 days}", "due_at: place_or_asset", 10, "write `deadline`"),
    ("needs: {note: text}", "needs: {note: {confirmed}}", 10, "leave it out"),
    ("due_at: {deadline, within: 30 days}", "due_at: {deadline, not_after: next_year}", 10, "one of"),
    ("due_at: {deadline, within: 30 days}", "due_at: {deadline, not_after: now}", 10, "a deadline after it"),
    ("due_at: {deadline, within: 30 days}", "due_at: {deadline, clauses_of: catalogue}", 10, "leave it out"),
    ("work: {at: due_at, ladder: up}", "work: {at: due_at, ladder: up, if_silent: give}", 3, "without if_silent and only_if"),
    ("work: {at: due_at, ladder: up}", "work: {at: due_at, ladder: up, only_if: made_safe}", 3, "without if_silent and only_if"),
    ("work: {at: due_at, ladder: up}", "work: {at: due_at, ladder: up, name: {zh: 施工}}", 11, "name: {zh: …, en: …}"),
    ("work: {at: due_at, ladder: up}", "work: {at: due_at, ladder: up, nmae: {zh: 施工, en: Work}}", 10, "did you mean 'name'?"),
    ("safe: {from: found_at,", "safe: {from: found_at, only_if: [made_sfe],", 10, "one of"),
    ("    holder: responsible\n", "    holder: responsible\n    concealed: true\n", 3, "holder: county_officer"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "number", "mend"), SLIPS, ids=[new[-60:].strip() for _, new, _, _ in SLIPS]
)
def test_a_slip_is_told_in_its_line_with_a_mend(
    vocabulary: Vocabulary, old: str, new: str, number: int, mend: str
) -> None:
    text = changed(old, new)
    with pytest.raises(WorkflowRefused) as refused:
        load(text, vocabulary)
    start = text[: text.index(new)].count("\n") + 1
    if new.startswith("    holder"):
        start -= 3  # told where the state is named
    told: list[Any] = [p for p in refused.value.problems if (p.rule, p.line) == (number, start)]
    assert any(mend in p.mend for p in told), str(refused.value)


def test_the_small_workflow_is_sound(vocabulary: Vocabulary) -> None:
    assert load(SMALL, vocabulary).states.keys() == {"found", "working", "done", "closed"}
    assert Path(HERE / "small.yaml").exists()
