"""Any action's form is filled so that the rules take it, and by people who really may have the parts."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hazard_flow.drills.forms import LEANINGS_MAX, SEEN_BEFORE, Lean, fill, leanings, pieces
from hazard_flow.drills.routes import opening, rules, targets
from hazard_flow.workflow.needs import NeedContext, validate
from hazard_flow.workflow.permitted import EvidenceView
from tests.harness import founding

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
PEOPLE = [uuid.UUID(int=n) for n in range(1, 7)]
WORKFLOWS = {w.id: w for w in founding.rules().workflows.values()}
ACTIONS = [(w.id, a.key) for w in WORKFLOWS.values() for a in w.actions.values() if a.who != ("system",)]


def context(**changes: object) -> NeedContext:
    known = founding.rules()
    plain = NeedContext(now=NOW, zone=known.zone, calendar=known.calendar, urgency="A", has_asset=True)
    return replace(plain, **changes)


@pytest.mark.parametrize(("workflow", "action"), ACTIONS, ids=str)
def test_the_rules_take_the_filled_form(workflow: str, action: str):
    action_ = WORKFLOWS[workflow].actions[action]

    filled = fill(action_, context(), PEOPLE)

    assert list(filled.errors) == []
    assert validate(action_.needs, filled.data, context())[1] == []


def test_nobody_is_given_two_parts_that_must_not_meet():
    assign = WORKFLOWS["general.v1"].actions["assign"]

    data = fill(assign, context(), PEOPLE).data

    parts = [data["responsible"], *data["verifiers"], data["closer"]]
    assert len(set(parts)) == len(parts)


def test_too_few_people_are_an_error_and_not_an_endless_search():
    assign = WORKFLOWS["general.v1"].actions["assign"]

    filled = fill(assign, context(), PEOPLE[:1])

    assert {error.field for error in filled.errors} >= {"verifiers"}
    assert fill(assign, context(person_ok=lambda *_: "person_outside"), PEOPLE * 40).errors


def test_evidence_is_brought_as_asked_for_and_never_the_same_twice():
    vocabulary = founding.rules().vocabulary
    report = opening(WORKFLOWS["general.v1"])
    brought = [pieces(report, (), vocabulary, now=NOW, salt=salt) for salt in ("a", "b")]

    assert [piece.kind for piece in brought[0]] == ["PHOTO_BEFORE"]
    assert brought[0][0].sha256 != brought[1][0].sha256


def test_every_state_that_is_not_the_end_is_a_target_and_every_limit_is_known():
    for workflow in WORKFLOWS.values():
        found = targets(workflow)
        assert {t.state for t in found} == {s.key for s in workflow.states.values() if not s.final}
        assert len({(kind, state, rule.name) for kind, state, rule in rules(workflow)}) == len(
            rules(workflow)
        )
    ways = {t.state: t.way for t in targets(WORKFLOWS["general.v1"])}
    assert ways["verified"] == ("assign", "accept", "submit", "pass")


def test_of_several_answers_another_may_be_given():
    general = WORKFLOWS["general.v1"]
    control = general.actions["start_control"]
    first, second = leanings(control, Lean())[:2]
    answers = [fill(control, context(), PEOPLE, lean).data["control"] for lean in (first, second)]
    assert len(set(answers)) == 2
    assert len(leanings(control, Lean())) == LEANINGS_MAX
    report = opening(general)
    assert "suspected_urgency" not in fill(report, context(), PEOPLE).data
    given = Lean(urgency="B", given={"catalogue_code": "RES-G01", "no_such_field": "x"})
    filled = fill(report, context(), PEOPLE, given)
    assert (filled.data["suspected_urgency"], filled.data["catalogue_code"]) == ("B", "RES-G01")
    assert list(filled.errors) == []


def test_papers_the_catalogue_asks_for_come_along_and_before_photos_are_older():
    vocabulary = founding.rules().vocabulary
    general = WORKFLOWS["general.v1"]
    (before,) = pieces(opening(general), (), vocabulary, now=NOW, salt="a")
    stored = [EvidenceView(before.sha256, before.kind), EvidenceView("f" * 64, "WORK_ORDER")]
    brought = pieces(
        general.actions["submit"], stored, vocabulary, now=NOW, salt="b",
        listed=["PHOTO_BEFORE", "WORK_ORDER", "TEST_RECORD"],
    )  # fmt: skip
    assert {(piece.kind, piece.pair_of) for piece in brought} == {
        ("PHOTO_AFTER", before.sha256),
        ("TEST_RECORD", None),
    }
    assert min(piece.captured_at for piece in brought) - before.captured_at == SEEN_BEFORE
