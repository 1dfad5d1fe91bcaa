"""Who may do what, and why not: every reason is told, and nobody judges their own work."""

from dataclasses import replace
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
ASKED = {"extension": "res"}
SIGNED = frozenset({"plan_approved", "principal_signed"})
#: everything the law asks of a major beside the work
TOLD = frozenset({"regulator_told", "staff_congress_told", "staff_told"})

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
    ("close", person("clo"), hazard("verified", flags=dict.fromkeys(("control", "extension", "transfer", "gas_stop", "lowering"))),
     {("guard", f"no_open_{flag}") for flag in ("control", "extension", "transfer", "gas_stop", "lowering")}),
    ("close", person("ver"), hazard("verified"), {("role", "needs_role"), ("separation", "own_work")}),
    ("dismiss", person("boss", "safety_director"), hazard("reported", source="telemetry"), {("guard", "reading_taken_on_site_if_alarm")}),
    ("dismiss", person("rep", "safety_director"), hazard("reported"), {("separation", "own_work")}),
    ("realarm", SYSTEM, hazard("verified"), set()),
    ("realarm", person("x", "system"), hazard("verified"), {("role", "needs_role")}),
    ("alarm", SYSTEM, hazard("verified"), {("state", "wrong_state")}),
    ("acknowledge", person("clo"), hazard("verified"), set()),
    ("lift_control", person("res"), hazard("rectifying", evidence=PHOTO), {("guard", "nothing_open")}),
    ("lift_control", person("res"), hazard("rectifying", evidence=PHOTO, flags={"control": "x"}), set()),
    ("start_control", person("res"), hazard("rectifying", flags={"control": "x"}), set()),  # a second control beside the first
    ("decide_extension", person("boss", "safety_director"), hazard("rectifying", flags=ASKED), set()),
    ("decide_extension", person("boss", "safety_director"), hazard("rectifying"), {("guard", "nothing_open")}),
    ("decide_extension", person("res", "safety_director"), hazard("rectifying", flags={"extension": "x"}), {("separation", "own_work")}),
    ("decide_extension", person("y", "safety_director"), hazard("rectifying", flags={"extension": "y"}), {("separation", "own_work")}),
    ("lapse_extension", SYSTEM, hazard("submitted", flags=ASKED), set()),
    ("lapse_extension", SYSTEM, hazard("submitted"), {("guard", "nothing_open")}),
    ("withdraw_transfer", person("off"), hazard("verified", flags={"transfer": "off"}), set()),
    ("withdraw_transfer", person("off", "county_officer"), hazard("verified", flags={"transfer": "x"}), {("role", "needs_role")}),
    ("withdraw_transfer", person("off"), hazard("verified", flags={"transfer": None}), {("role", "needs_role")}),
    ("request_transfer", person("off", "county_officer"), hazard("verified", flags={"transfer": "x"}), {("guard", "already_open")}),
    ("return", person("res"), hazard("assigned", uses={"return": ("ver",)}), set()),
    ("return", person("res"), hazard("assigned", uses={"return": ("ver", "res")}), {("guard", "used_up_person")}),
    ("to_household", person("i", "inspector"), hazard("reported", source="household_check"), set()),
    ("to_household", person("i", "inspector"), hazard("reported"), {("guard", "switch_not_for_this")}),
    ("escalate_to_major", SYSTEM, hazard("fixed"), set()),
    ("confirm_fix", person("y", "team_leader"), hazard("fixed", urgency="B"), set()),
    ("confirm_fix", person("y", "team_leader"), hazard("fixed"), {("guard", "urgency_b_or_c")}),
    ("confirm_fix", person("res", "team_leader"), hazard("fixed", urgency="C"), {("separation", "own_work")}),
    ("confirm_fix", person("rep", "inspector"), hazard("fixed", urgency="C"), set()),  # beside other verifiers
    ("confirm_fix", person("rep", "inspector"), hazard("fixed", urgency="C", relations={"reporter": ["rep"]}),
     {("separation", "own_work")}),
    ("fix_on_site", person("ver", "inspector"),
     hazard("reported", urgency="C", evidence=PHOTO, photo_gap=timedelta(hours=1)), {("separation", "own_work")}),
    ("take_up", person("off", "county_officer"), hazard("received"), set()),
    ("take_up", person("boss", "safety_director"), hazard("received"), {("role", "needs_role")}),
    ("acknowledge", person("x", "enterprise_principal"), hazard("reported", holder="enterprise_principal"), set()),
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


#: the same for major.v1
MAJOR_CASES: list[tuple[str, ActorView, HazardView, set[tuple[str, str]]]] = [
    ("submit", person("res"), hazard("rectifying", evidence=PHOTO, marks=SIGNED), set()),
    ("submit", person("res"), hazard("rectifying", evidence=PHOTO, marks={"plan_approved"}), {("guard", "mark_missing")}),
    ("pass", person("ver", "safety_director"), hazard("submitted", evidence=PHOTO), {("guard", "officer_acts")}),
    ("pass", person("ver", "county_officer"), hazard("submitted", evidence=PHOTO), set()),
    ("pass", person("ver", "county_officer"), hazard("submitted", evidence=PHOTO, signed={"pass": ("rep",)}), set()),
    ("pass", person("ver", "county_officer"), hazard("submitted", evidence=PHOTO, signed={"pass": ("ver",)}),
     {("separation", "already_signed")}),
    ("close", person("off", "county_officer"), hazard("verified", marks=TOLD), set()),
    ("close", person("off", "county_officer"), hazard("verified", marks=TOLD - {"staff_told"}), {("guard", "mark_missing")}),
    ("close", person("clo", "safety_director"), hazard("verified", marks=TOLD), {("guard", "officer_acts")}),
    ("close", person("off", "county_officer"), hazard("verified", marks=TOLD, relations={"classifier": ["off"]}),
     {("separation", "own_work")}),
    ("close", person("off", "county_officer"), hazard("verified", marks=TOLD, listing_level="city"), {("guard", "listing_level_acts")}),
    ("close", person("off", "city_officer"), hazard("verified", marks=TOLD, listing_level="city", flags={"listing": "x"}),
     {("guard", "no_open_listing")}),
    ("close", person("off", "safety_committee"), hazard("verified", marks=TOLD), {("role", "needs_role"), ("guard", "officer_acts")}),
    ("assign", person("boss", "safety_director"), hazard("reported"), set()),
    ("assign", person("boss", "safety_director"), hazard("reported", deciders={"enterprise_principal"}),
     {("guard", "level_above_decides")}),
    ("assign", person("boss", "enterprise_principal"), hazard("reported", deciders={"enterprise_principal"}), set()),
    ("dismiss", person("off", "county_officer"), hazard("received", is_protected=True), set()),
    ("close", person("clo", "city_officer"), hazard("verified", marks=TOLD | {"listed"}, listing_level="city"),
     {("guard", "lifting_published")}),
    ("close", person("clo", "city_officer"), hazard("verified", marks=TOLD | {"listed", "lifting_announced"}, listing_level="city"), set()),
    ("publish_lifting", person("off", "county_officer"), hazard("verified", marks={"listed"}, flags={"listing": "x"}),
     {("guard", "no_open_listing")}),
    ("lower_to_general", person("boss", "safety_director"), hazard("rectifying", flags={"lowering": "y"}), set()),
    ("lower_to_general", person("boss", "safety_director"), hazard("rectifying", flags={"lowering": "y"}, is_national_major=True),
     {("guard", "regulator_lowers_national")}),
    ("lower_to_general", person("off", "county_officer"), hazard("rectifying", flags={"lowering": "off"}, is_national_major=True),
     {("separation", "own_work")}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("action", "actor", "view", "expected"),
    MAJOR_CASES,
    ids=[f"{i}-{c[0]}" for i, c in enumerate(MAJOR_CASES)],
)
def test_every_reason_is_told_of_a_major(
    major: Workflow,
    vocabulary: Vocabulary,
    action: str,
    actor: ActorView,
    view: HazardView,
    expected: set[tuple[str, str]],
) -> None:
    assert why_not(major, vocabulary, action, actor, replace(view, level="major"), on_site=True) == expected


def test_what_is_missing_is_called_by_its_name(
    general: Workflow, major: Workflow, vocabulary: Vocabulary
) -> None:
    def said(workflow: Workflow, action: str, actor: ActorView, view: HazardView, locale: str) -> list[str]:
        reasons = refusals(
            workflow, workflow.actions[action], actor, view, vocabulary=vocabulary, data={}, now=NOW
        )
        return [reason_sentence(reason, locale, vocabulary) for reason in reasons if reason.kind == "guard"]

    work = hazard("rectifying", evidence=PHOTO, marks={"plan_approved"})
    assert said(major, "submit", person("res"), work, "zh") == ["尚未完成：主要负责人签署整改完成，请先办理"]
    assert said(major, "submit", person("res"), work, "en") == [
        "Not yet done: the principal's signature; do it first"
    ]
    twice = hazard("rectifying", flags={"transfer": "x"})
    officer = person("off", "county_officer")
    assert said(general, "request_transfer", officer, twice, "zh") == [
        "“移送”已在办理中，不能重复提出，请先办结"
    ]
    assert said(general, "accept_transfer", officer, hazard("rectifying"), "en") == [
        "Nothing is open under “Transfer”; there is nothing to settle"
    ]
    again = hazard("assigned", uses={"return": ("res",)})
    assert said(general, "return", person("res"), again, "zh") == [
        "您对此项最多可办理 1 次，已达上限，请与上级联系"
    ]


def test_every_reason_has_a_sentence_in_both_languages(general: Workflow, vocabulary: Vocabulary) -> None:
    guards = vocabulary.guards - vocabulary.book.marks.keys()
    reasons = [
        *(Reason("guard", name) for name in sorted(guards)),
        *(Reason("guard", "mark_missing", {"mark": mark}) for mark in vocabulary.book.marks),
        *(
            Reason("guard", code, {"flag": flag})
            for flag in vocabulary.flags
            for code in ("nothing_open", "already_open")
        ),
        *(Reason("guard", code, {"times": 1}) for code in ("used_up_hazard", "used_up_person")),
        Reason("guard", "switch_not_for_this"),
        Reason("separation", "already_signed"),
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
