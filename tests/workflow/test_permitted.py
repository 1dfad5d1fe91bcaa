"""Who may do what, and why not: every reason is told, and nobody judges their own work."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hazard_flow.workflow.definition import Workflow
from hazard_flow.workflow.permitted import ActorView, EvidenceView, HazardView, Reason, evaluate, refusals
from hazard_flow.workflow.sentences import reason_sentence
from hazard_flow.workflow.vocabulary import Vocabulary

NOW = datetime(2026, 6, 1, 2, tzinfo=UTC)
PARTS = {"reporter": ["rep"], "responsible": ["res"], "verifiers": ["ver", "rep"], "closer": ["clo"]}
SYSTEM = ActorView(None)


def hazard(state: str | None, **changes: Any) -> HazardView:
    return HazardView(
        **{
            "state": state,
            "level": "general",
            "urgency": "A",
            "source": "patrol",
            "relations": PARTS,
            **changes,
        }
    )


def person(name: str, *roles: str) -> ActorView:
    return ActorView(name, frozenset(roles))


def why_not(
    workflow: Workflow, vocabulary: Vocabulary, action: str, actor: ActorView, view: HazardView, **data: Any
) -> set[tuple[str, str]]:
    reasons = refusals(
        workflow, workflow.actions[action], actor, view, vocabulary=vocabulary, data=data, now=NOW
    )
    return {(reason.kind, reason.code) for reason in reasons}


PHOTO = (EvidenceView("a", "PHOTO_AFTER"),)

#: (action, actor, hazard, expected reasons)
CASES: list[tuple[str, ActorView, HazardView, set[tuple[str, str]]]] = [
    ("assign", person("x", "safety_director"), hazard("reported"), set()),
    ("assign", person("x", "worker"), hazard("reported"), {("role", "needs_role")}),
    ("assign", person("x", "worker"), hazard("assigned"), {("role", "needs_role"), ("state", "wrong_state")}),
    ("accept", person("res"), hazard("assigned"), set()),
    ("accept", person("ver", "safety_director"), hazard("assigned"), {("role", "needs_role")}),
    ("pass", person("ver"), hazard("submitted", evidence=PHOTO), set()),
    ("pass", person("ver"), hazard("submitted"), {("evidence", "evidence_missing")}),
    ("pass", person("res", "safety_director"), hazard("submitted", evidence=PHOTO), {("role", "needs_role"), ("separation", "own_work")}),
    ("close", person("clo"), hazard("verified"), set()),
    ("close", person("clo"), hazard("verified", open_controls=1, open_extension=True, open_transfer=True),
     {("guard", "no_open_control"), ("guard", "no_open_extension"), ("guard", "no_open_transfer")}),
    ("close", person("ver"), hazard("verified"), {("role", "needs_role"), ("separation", "own_work")}),
    ("dismiss", person("boss", "safety_director"), hazard("reported", source="telemetry"), {("guard", "reading_taken_on_site_if_alarm")}),
    ("dismiss", person("rep", "safety_director"), hazard("reported"), {("separation", "own_work")}),
    ("realarm", SYSTEM, hazard("verified"), set()),
    ("realarm", person("x", "system"), hazard("verified"), {("role", "needs_role")}),
    ("alarm", SYSTEM, hazard("verified"), {("state", "wrong_state")}),
    ("acknowledge", person("clo"), hazard("verified"), set()),
    ("lift_control", person("res"), hazard("rectifying", evidence=PHOTO), {("guard", "control_open")}),
    ("report", person("x", "inspector"), HazardView(state=None), {("evidence", "evidence_missing")}),
    ("report", SYSTEM, HazardView(state=None, source="telemetry"), set()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("action", "actor", "view", "expected"), CASES, ids=[f"{i}-{c[0]}" for i, c in enumerate(CASES)]
)
def test_every_reason_is_told(
    general: Workflow,
    vocabulary: Vocabulary,
    action: str,
    actor: ActorView,
    view: HazardView,
    expected: set[tuple[str, str]],
) -> None:
    assert why_not(general, vocabulary, action, actor, view, on_site=True) == expected


def test_a_reading_taken_on_site_lets_an_alarm_be_dismissed(
    general: Workflow, vocabulary: Vocabulary
) -> None:
    director = person("boss", "safety_director")
    alarm = hazard("reported", source="telemetry")
    assert why_not(general, vocabulary, "dismiss", director, alarm, leak_reading="0.0") == set()
    measured = hazard("reported", source="telemetry", evidence=(EvidenceView("r", "LEAK_READING_BEFORE"),))
    assert why_not(general, vocabulary, "dismiss", director, measured) == set()


@pytest.mark.parametrize(
    ("facts", "passes"),
    [
        ({}, True),  # no live sensor there
        ({"sensor_live": True}, False),  # dark: no data is never normal
        (
            {"sensor_live": True, "sensor_normal_since": NOW, "sensor_fresh_at": NOW - timedelta(hours=3)},
            False,
        ),
        ({"sensor_live": True, "sensor_normal_since": None, "sensor_fresh_at": NOW}, False),
        (
            {"sensor_live": True, "sensor_normal_since": NOW - timedelta(hours=3), "sensor_fresh_at": NOW},
            True,
        ),
    ],
)
def test_a_live_sensor_must_have_reported_normal_since_the_repair(
    general: Workflow, vocabulary: Vocabulary, facts: dict[str, Any], passes: bool
) -> None:
    view = hazard("submitted", evidence=PHOTO, facts=facts, completed_at=NOW - timedelta(hours=1))
    assert (why_not(general, vocabulary, "pass", person("ver"), view, on_site=True) == set()) is passes


def test_only_urgency_c_is_rechecked_remotely(general: Workflow, vocabulary: Vocabulary) -> None:
    for urgency, expected in (("A", {("guard", "on_site_unless_c")}), ("C", set())):
        view = hazard("submitted", evidence=PHOTO, urgency=urgency)
        assert why_not(general, vocabulary, "pass", person("ver"), view, on_site=False) == expected


def test_each_before_photo_needs_an_after_photo(general: Workflow, vocabulary: Vocabulary) -> None:
    before = [EvidenceView(name, "PHOTO_BEFORE", fresh=False) for name in "ab"]
    after = EvidenceView("x", "PHOTO_AFTER", pair_of="a")

    def lacking(*pieces: EvidenceView) -> set[tuple[str, str]]:
        return why_not(general, vocabulary, "submit", person("res"), hazard("rectifying", evidence=pieces))

    assert lacking(*before) == {("evidence", "evidence_missing"), ("evidence", "evidence_pair_missing")}
    assert lacking(*before, after) == {("evidence", "evidence_pair_missing")}
    assert lacking(*before, after, EvidenceView("y", "PHOTO_AFTER", pair_of="a")) == {
        ("evidence", "evidence_pair_missing")
    }
    assert lacking(*before, after, EvidenceView("y", "PHOTO_AFTER")) == set()
    assert lacking(*before, after, EvidenceView("y", "PHOTO_AFTER", pair_of="b", fresh=False)) == {
        ("evidence", "evidence_pair_missing")
    }
    assert lacking() == {
        ("evidence", "evidence_missing")
    }  # an alarm's hazard has no photo before, but one after


def test_a_page_offers_what_may_be_done_and_says_why_not(general: Workflow, vocabulary: Vocabulary) -> None:
    found = {
        a.action.key: a
        for a in evaluate(general, person("res"), hazard("rectifying"), vocabulary=vocabulary, now=NOW)
    }
    assert found["submit"].allowed
    assert [reason.code for reason in found["submit"].still_needed] == ["evidence_missing"]
    assert not found["escalate_to_major"].allowed
    assert not {"report", "assign", "alarm", "close"} & found.keys()


def test_a_major_raised_on_the_way_is_not_verified_or_closed_by_its_enterprise(
    major: Workflow, vocabulary: Vocabulary
) -> None:
    submitted = hazard("submitted", level="major", evidence=PHOTO)
    assert why_not(major, vocabulary, "pass", person("ver", "safety_director"), submitted, on_site=True) == {
        ("guard", "officer_acts")
    }
    assert (
        why_not(major, vocabulary, "pass", person("ver", "county_officer"), submitted, on_site=True) == set()
    )
    assert why_not(major, vocabulary, "close", person("clo", "safety_director"), hazard("verified")) == {
        ("guard", "officer_acts")
    }
    assert why_not(major, vocabulary, "close", person("off", "county_officer"), hazard("verified")) == set()


def test_every_reason_has_a_sentence_in_both_languages(general: Workflow, vocabulary: Vocabulary) -> None:
    reasons = [Reason("guard", name) for name in sorted(vocabulary.guards)] + [
        Reason("role", "needs_role", {"who": ["closer", "safety_director"]}),
        Reason("state", "wrong_state", {"state": "closed", "action": "assign"}),
        Reason("separation", "own_work", {"who": "responsible"}),
        Reason("evidence", "evidence_missing", {"evidence": "after_photo", "needed": 2, "have": 1}),
        Reason("evidence", "evidence_missing", {"evidence": "GASTIGHT_TEST", "needed": 1, "have": 0}),
        Reason("evidence", "evidence_pair_missing", {"missing": 1}),
    ]
    for reason in reasons:
        zh, en = (reason_sentence(reason, locale, vocabulary) for locale in ("zh", "en"))
        assert zh
        assert en
        assert "{" not in zh + en
    assert reason_sentence(reasons[-6], "zh", vocabulary) == "此项须由销号审批人、安全总监办理"
