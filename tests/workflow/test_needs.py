"""What somebody sends against what an action needs: typed values, every error, no exception."""

import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hazard_flow.workflow.calendar import china
from hazard_flow.workflow.definition import Workflow
from hazard_flow.workflow.forms import form_fields
from hazard_flow.workflow.needs import NeedContext, to_event, validate
from hazard_flow.workflow.needs_rules import PersonRule

NOW = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)  # 1 June, 10:00 in Shanghai
WANG, LI, ZHAO, CHEN, SUN = (str(uuid.UUID(int=n)) for n in range(1, 6))
ASSIGN: dict[str, Any] = {
    "urgency": "A", "basis": ["PIP-G01"], "responsible": WANG, "verifiers": [LI], "closer": ZHAO,
    "due_at": "2026-06-05", "measures": "更换法兰垫片并做气密性试验",
}  # fmt: skip


def context(**changes: Any) -> NeedContext:
    return NeedContext(**{"now": NOW, "zone": ZoneInfo("Asia/Shanghai"), "calendar": china(), **changes})


def judge(
    workflow: Workflow, action: str, data: dict[str, Any], **changes: Any
) -> tuple[dict[str, Any], dict[str, str]]:
    clean, errors = validate(workflow.actions[action].needs, data, context(**changes))
    return clean, {error.field: error.code for error in errors}


def test_a_full_assignment_is_typed(general: Workflow) -> None:
    clean, errors = judge(general, "assign", ASSIGN)
    assert errors == {}
    assert clean["due_at"] == datetime(2026, 6, 5, 16, tzinfo=UTC)  # 24:00 of 5 June, that day included
    assert clean["verifiers"] == (LI,)
    assert clean["basis"] == ("PIP-G01",)


def test_form_strings_say_the_same_as_json(general: Workflow) -> None:
    form = {**ASSIGN, "basis": "PIP-G01\r\n\r\n第41条", "verifiers": f"{LI}", "funds_planned": " 1200.50 "}
    clean, errors = judge(general, "assign", form)
    assert errors == {}
    assert clean["basis"] == ("PIP-G01", "第41条")
    assert clean["funds_planned"] == Decimal("1200.50")


def test_all_errors_are_told_at_once(general: Workflow) -> None:
    clean, errors = judge(
        general,
        "assign",
        {
            "urgency": "M",
            "responsible": "somebody",
            "verifiers": [LI, LI],
            "due_at": "2026-02-30",
            "measures": "短",
            "x": 1,
        },
    )
    assert errors == {
        "urgency": "not_a_choice", "responsible": "not_a_person", "verifiers": "twice", "due_at": "not_a_date",
        "measures": "too_short", "x": "unknown_field", "basis": "required", "closer": "required",
    }  # fmt: skip
    assert clean == {}


#: (field, value, code)
WRONG = [
    ("due_at", "2026-05-31", "in_the_past"),
    ("due_at", "2026-06-09", "too_late"),  # A: within 7 days, so 8 June at the latest
    ("due_at", "2026-06-05T25:00", "not_a_date"),
    ("due_at", 20260605, "not_a_date"),
    ("due_at", "9999-12-31", "year_out_of_range"),
    ("responsible", LI, "same_person_as"),  # see `verifiers`
    ("closer", WANG, "same_person_as"),
    ("verifiers", WANG, "same_person_as"),
    ("verifiers", 7, "not_a_list"),
    ("verifiers", [[1]], "not_a_person"),
    ("verifiers", [str(uuid.uuid4()) for _ in range(21)], "too_many"),
    ("measures", "a\x00bcdefghijkl", "bad_characters"),
    ("measures", "\ud800" * 12, "bad_characters"),
    ("measures", "字" * 2001, "too_long"),
    ("measures", ["x" * 20], "not_text"),
    ("funds_planned", "1.005", "too_many_decimals"),
    ("funds_planned", -1, "out_of_range"),
    ("funds_planned", "1e5", "not_a_number"),
    ("funds_planned", True, "not_a_number"),
    ("funds_planned", float("nan"), "not_a_number"),
    ("basis", ["x" * 201], "too_long"),
    ("basis", [1], "not_a_list"),
    ("urgency", {"A": 1}, "not_a_choice"),
]


@pytest.mark.parametrize(
    ("name", "value", "code"), WRONG, ids=[f"{n}-{c}-{i}" for i, (n, _, c) in enumerate(WRONG)]
)
def test_wrong_values(general: Workflow, name: str, value: object, code: str) -> None:
    _, errors = judge(general, "assign", {**ASSIGN, name: value})
    told = errors.get(name) or errors.get("verifiers")
    assert told == code


def test_the_deadline_proposed_is_the_longest_for_the_urgency(general: Workflow) -> None:
    data = {key: value for key, value in ASSIGN.items() if key != "due_at"}
    clean, errors = judge(general, "assign", {**data, "urgency": "B"})
    assert errors == {}
    assert clean["due_at"] == datetime(2026, 7, 1, 16, tzinfo=UTC)  # 30 days: 1 July, that day included


def test_a_reporter_may_verify_beside_somebody_never_alone(general: Workflow) -> None:
    relations = {"reporter": [LI]}
    assert judge(general, "assign", ASSIGN, relations=relations)[1] == {"verifiers": "reporter_alone"}
    assert judge(general, "assign", {**ASSIGN, "verifiers": [LI, CHEN]}, relations=relations)[1] == {}


def test_a_major_needs_two_officers_and_funds(major: Workflow) -> None:
    def officers_only(person: str, rule: PersonRule) -> str | None:
        return "person_lacks_role" if rule.roles and person not in {LI, CHEN, ZHAO} else None

    data = {
        **ASSIGN,
        "clause": "建城规〔2023〕4号 第六条（一）",
        "emergency_plan": "现场警戒，备用气源保障居民用气",
    }
    del data["urgency"], data["basis"]
    assert judge(major, "assign", data, person_ok=officers_only)[1] == {
        "verifiers": "too_few",
        "funds_planned": "required",
    }
    data |= {"verifiers": [LI, CHEN], "funds_planned": 80000}
    assert judge(major, "assign", data, person_ok=officers_only)[1] == {}
    assert judge(major, "assign", {**data, "closer": SUN}, person_ok=officers_only)[1] == {
        "closer": "person_lacks_role"
    }


def test_reassigning_looks_at_who_holds_the_other_parts(general: Workflow) -> None:
    data = {"responsible": LI, "reason": "原责任人调岗"}
    assert judge(general, "reassign", data, relations={"verifiers": [LI]})[1] == {
        "responsible": "same_person_as"
    }
    assert judge(general, "reassign", data, relations={"verifiers": [CHEN], "closer": [ZHAO]})[1] == {}


def test_a_report_is_at_a_place_or_on_an_asset(general: Workflow) -> None:
    data = {"description": "阀井内有燃气异味"}
    assert judge(general, "report", data)[1] == {"place": "place_or_asset"}
    clean, errors = judge(general, "report", data, has_asset=True)
    assert errors == {}
    assert clean["found_at"] == NOW
    assert clean["suspected_urgency"] == "A"
    assert judge(general, "report", {**data, "lon": 116.3974589, "lat": "39.9"})[1] == {}
    assert judge(general, "report", {**data, "lon": 216, "lat": "39.9"})[1]["lon"] == "out_of_range"


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-06-01T09:30", datetime(2026, 6, 1, 1, 30, tzinfo=UTC)),  # local time is Shanghai's
        ("2026-06-01 09:30:15", datetime(2026, 6, 1, 1, 30, 15, tzinfo=UTC)),
        ("2026-06-01T01:30:00Z", datetime(2026, 6, 1, 1, 30, tzinfo=UTC)),
        ("2026-06-01T03:30+02:00", datetime(2026, 6, 1, 1, 30, tzinfo=UTC)),
    ],
)
def test_instants_with_and_without_a_zone(general: Workflow, text: str, instant: datetime) -> None:
    clean, errors = judge(
        general, "report", {"description": "阀井内有异味", "place": "滨河路 12 号", "found_at": text}
    )
    assert errors == {}
    assert clean["found_at"] == instant


def test_found_in_the_future_is_refused_with_a_minute_of_grace(general: Workflow) -> None:
    data = {"description": "阀井内有异味", "place": "滨河路 12 号"}
    ahead = (NOW + timedelta(seconds=30)).isoformat()
    assert judge(general, "report", {**data, "found_at": ahead})[1] == {}
    assert judge(general, "report", {**data, "found_at": "2026-06-01T11:00"})[1] == {
        "found_at": "in_the_future"
    }


def test_a_control_is_something_done(general: Workflow) -> None:
    assert judge(general, "start_control", {"control": "GUARD"})[1] == {}
    assert judge(general, "start_control", {"control": "GAS_RESUME"})[1] == {"control": "not_a_choice"}


def test_a_remote_recheck_needs_its_reason(general: Workflow) -> None:
    assert judge(general, "pass", {"opinion": "合格"})[1] == {"remote_reason": "required"}
    assert judge(general, "pass", {"opinion": "合格", "on_site": "on"})[1] == {}


def test_after_a_failed_recheck_at_most_half_the_term_again(general: Workflow) -> None:
    instants = {
        "assigned_at": NOW - timedelta(days=4),
        "original_due_at": NOW + timedelta(days=4),
    }  # term 8 days: 5 June + 4
    data = {"reason": "焊缝仍有漏气，需返工"}
    assert judge(general, "fail", {**data, "due_at": "2026-06-09"}, instants=instants)[1] == {}
    assert judge(general, "fail", {**data, "due_at": "2026-06-10"}, instants=instants)[1] == {
        "due_at": "too_late"
    }


EXTENSION: dict[str, Any] = {
    "extension_reason": "materials",
    "safety_during": "现场警戒，每日检测两次",
}


def extended(workflow: Workflow, until: str, **instants: datetime) -> dict[str, str]:
    data = {**EXTENSION, "requested_due_at": until}
    return judge(workflow, "request_extension", data, instants=instants)[1]


def test_a_general_hazard_is_extended_by_its_own_term_at_most(general: Workflow) -> None:
    assigned, due = (
        datetime(2026, 5, 25, 2, tzinfo=UTC),
        datetime(2026, 6, 4, 16, tzinfo=UTC),
    )  # 10 days 14 hours
    term = {"assigned_at": assigned, "original_due_at": due, "due_at": due}
    assert (
        extended(general, "2026-06-15", **term) == {}
    )  # 4 June 24:00 and 10 days 14 hours: into 15 June, that day included
    assert extended(general, "2026-06-16", **term) == {"requested_due_at": "too_late"}
    later = {
        **term,
        "due_at": due + timedelta(days=3),
    }  # the present deadline counts, the first one gives the term
    assert extended(general, "2026-06-18", **later) == {}
    assert extended(general, "2026-06-19", **later) == {"requested_due_at": "too_late"}


def test_a_listed_major_is_extended_to_a_year_after_its_assignment_at_most(major: Workflow) -> None:
    assigned, due = datetime(2026, 5, 1, 2, tzinfo=UTC), datetime(2026, 5, 31, 16, tzinfo=UTC)
    term = {"assigned_at": assigned, "original_due_at": due, "due_at": due}
    assert extended(major, "2027-05-01", **term) == {}
    assert extended(major, "2027-05-02", **term) == {"requested_due_at": "too_late"}


def test_an_extension_of_what_was_never_assigned_has_no_limit_of_its_own(general: Workflow) -> None:
    assert extended(general, "2027-05-02") == {}
    assert extended(general, "2026-05-31") == {"requested_due_at": "in_the_past"}


def test_what_somebody_answers_for_must_be_ticked(major: Workflow) -> None:
    five = ("responsibility", "measures", "funds", "time", "plan")
    data = {"opinion": "同意销号", **{f"five_{one}": "on" for one in five}}
    clean, errors = judge(major, "close", data)
    assert errors == {}
    assert clean["five_plan"] is True
    for unticked in ({"five_plan": "off"}, {"five_plan": None}, {"five_plan": False}):
        assert judge(major, "close", {**data, **unticked})[1] == {"five_plan": "not_confirmed"}
    assert judge(major, "close", {**data, "five_plan": "perhaps"})[1] == {"five_plan": "not_a_flag"}


MERGED = "YH-990102-20261124-0007"


def test_a_hazard_is_named_by_its_number(general: Workflow) -> None:
    asked: list[str] = []

    def known(number: str) -> str | None:
        asked.append(number)
        return None if number == MERGED else "hazard_unknown"

    def merge(number: Any) -> tuple[dict[str, Any], dict[str, str]]:
        return judge(general, "merge", {"merge_into": number, "reason": "同一处泄漏"}, hazard_ok=known)

    assert merge(f" {MERGED.lower()} ") == ({"merge_into": MERGED, "reason": "同一处泄漏"}, {})
    assert merge(MERGED[:-1] + "8")[1] == {"merge_into": "hazard_unknown"}
    assert asked == [MERGED, MERGED[:-1] + "8"]
    for nonsense in ("YH-990102-20261124-007", "YH-990102-2026-0007", "第七件", 7, ["x"], MERGED + "\n1"):
        assert merge(nonsense)[1] == {"merge_into": "not_a_hazard"}
    assert merge("")[1] == {"merge_into": "required"}


def test_whoever_confirms_a_major_names_somebody_else_to_cancel_it(major: Workflow) -> None:
    data = {
        **{key: value for key, value in ASSIGN.items() if key not in ("urgency", "basis")},
        "clause": "建城规〔2023〕4号 第六条（一）",
        "emergency_plan": "现场警戒，备用气源保障居民用气",
        "verifiers": [LI, CHEN],
        "funds_planned": 1,
    }
    assert judge(major, "assign", data, relations={"actor": [SUN]})[1] == {}
    assert judge(major, "assign", data, relations={"actor": [ZHAO]})[1] == {"closer": "same_person_as"}


def test_officers_of_an_inspection_are_at_least_two(general: Workflow) -> None:
    data = {
        "inspected_from": "2026-06-01T09:00", "officers": [LI], "officer_certificates": "浙0101", "identity_shown": True,
        "inspection_content": "阀井与调压箱", "problems": "无", "handling": "现场告知",
    }  # fmt: skip
    assert judge(general, "record_inspection", data)[1] == {"officers": "too_few", "problems": "too_short"}
    data |= {"officers": [LI, CHEN], "problems": "未发现"}
    assert judge(general, "record_inspection", data)[1] == {}
    refused = {**data, "refused_to_sign": True}
    assert judge(general, "record_inspection", refused)[1] == {
        "refusal_reason": "required",
        "refusal_witnesses": "required",
    }


def test_no_more_people_than_are_asked_for(general: Workflow) -> None:
    [need] = [need for need in general.actions["assign"].needs if need.field == "verifiers"]
    few = replace(need, rule=replace(need.rule, at_most=1, other_than=()))
    _, errors = validate([few], {"verifiers": [LI, CHEN]}, context())
    assert [(error.code, error.params) for error in errors] == [("too_many", {"at_most": 1})]
    assert validate([few], {"verifiers": [LI]}, context())[1] == []


def test_forms_insist_on_what_must_be_ticked(major: Workflow) -> None:
    fields = {field.name: field for field in form_fields(major.actions["close"], "zh")}
    assert fields["five_plan"].required
    on_site = {field.name: field for field in form_fields(major.actions["pass"], "zh")}["on_site"]
    assert not on_site.required


def test_events_hold_whole_numbers_and_text_only(general: Workflow) -> None:
    clean, _ = judge(general, "assign", {**ASSIGN, "funds_planned": 3})
    event = to_event(clean)
    assert event["funds_planned"] == "3.00"
    assert event["due_at"] == "2026-06-05T16:00:00.000000Z"
    assert event["verifiers"] == [LI]
    assert json.loads(json.dumps(event)) == event


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.just("2026-06-05"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_nothing_ever_raises_and_clean_values_always_encode(
    general: Workflow, major: Workflow, data: st.DataObject
) -> None:
    workflow = data.draw(st.sampled_from([general, major]))
    action = workflow.actions[data.draw(st.sampled_from(sorted(workflow.actions)))]
    names = st.sampled_from([need.field for need in action.needs] or ["x"])
    sent = data.draw(st.dictionaries(names | st.text(max_size=5), anything, max_size=6))
    clean, errors = validate(action.needs, sent, context())
    assert not {error.field for error in errors} & set(clean)
    json.dumps(to_event(clean), ensure_ascii=False).encode()


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_forms_are_drawn_from_the_file(general: Workflow, locale: str) -> None:
    fields = {
        field.name: field
        for field in form_fields(general.actions["assign"], locale, context=context(urgency="C"))
    }
    assert list(fields)[:2] == ["urgency", "basis"]
    assert [value for value, _ in fields["urgency"].choices] == ["A", "B", "C"]
    assert fields["measures"].type == "long_text"
    assert fields["measures"].hint
    assert fields["due_at"].default_at == datetime(2026, 8, 30, 16, tzinfo=UTC)  # 90 days
    assert fields["verifiers"].other_than == ("responsible", "reporter_if_alone")
    assert not fields["funds_planned"].required
    assert fields["responsible"].label == {"zh": "整改责任人", "en": "Responsible person"}[locale]
