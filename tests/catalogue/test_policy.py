"""Which value holds where and when: the most specific division valid on the day, part by part, never below a national bound."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from hazard_flow.catalogue.policy import PolicyRow, policy_at, tightened_span
from hazard_flow.catalogue.policy_file import shipped_policy
from hazard_flow.catalogue.policy_keys import PolicyKey
from hazard_flow.i18n import Label
from hazard_flow.workflow.definition import Duration, Keyed

TODAY = date(2026, 11, 2)
BOOK = shipped_policy()


def row(
    key: str, division: str, value: object, first: str | None = "2026-01-01", last: str | None = None, **more
):
    definition = BOOK.key(key)
    assert isinstance(definition, PolicyKey)
    return PolicyRow(
        definition=definition,
        division=division,
        value=value,
        valid_from=date.fromisoformat(first) if first else None,
        valid_to=date.fromisoformat(last) if last else None,
        source=Label(zh="本地", en="local"),
        confidence="V",
        version="1",
        is_local=True,
        **more,
    )  # fmt: skip


def at(*rows: PolicyRow, division: str = "990102", on: date = TODAY):
    return policy_at((*BOOK.rows, *rows), division, on)


@pytest.mark.parametrize(
    ("key", "level", "expected", "mark"),
    [
        ("extension_times", "general", 1, "D"),
        ("extension_times", "major", 2, "D"),
        ("extension_apply_before", "general", Duration(3, "workday"), "D"),
        ("extension_apply_before", "major", Duration(10, "workday"), "D"),
        ("extension_total_days_max", "major", 365, "D"),
        ("extension_total_days_max", "general", None, None),
        ("household_visits_before_notice", None, 3, "D"),
        ("relapse_window_days", None, 180, "D"),
        ("report_due", "major", Duration(24, "h"), "D"),
        ("penalties_in_180_days", None, 3, "V"),
        ("penalties_in_one_year", None, 4, "V"),
        ("staff_notice", "major", True, "V"),
        ("prescribed_measures", None, (("NOTICE_SIGNED", "DELIVERY_RECEIPT", "ABSENCE_NOTICE_PHOTO"),), "D"),
        ("remote_recheck_distance_m", None, 200, "D"),
        ("gas_resume_within", None, Duration(24, "h"), "D"),
        ("planned_interruption_notice", None, Duration(48, "h"), "V"),
        ("retention_hazard_years", "major", 10, "D"),
        ("retention_document_years", None, None, "D"),
        ("protection_zone_m", "high", Decimal("5.0"), "V"),
    ],
)
def test_the_national_defaults_with_their_marks(key, level, expected, mark):
    """What is our own design says so; what was read in a law says that."""
    policy = at()
    entry = policy.entry(key, level)

    assert policy.value(key, level) == expected
    assert (entry.row.confidence if entry else None) == mark


@pytest.mark.parametrize(
    ("division", "key", "level", "expected"),
    [
        ("370200", "extension_apply_before", "major", Duration(20, "workday")),
        ("370203", "extension_apply_before", "general", Duration(3, "workday")),
        ("370203", "household_notice_before", None, Duration(3, "day")),
        ("370301", "business_check_months_max", None, 1),
        ("411702", "household_visits_before_notice", None, 2),
        ("110105", "household_refusal_measure", None, "pause_or_limit"),
        ("440305", "gas_resume_within", None, Duration(24, "h")),
        ("430104", "bottled_check_at_delivery", None, True),
        ("370102", "planned_interruption_notice", None, Duration(3, "day")),
    ],
)
def test_the_local_rules_that_were_read(division, key, level, expected):
    """Each at its own city, in every county of it."""
    assert at(division=division).value(key, level) == expected
    assert at(division=division).entry(key, level).row.confidence in ("V", "D")


def test_the_most_specific_division_wins_part_by_part():
    """A district that sets one part leaves the others to the city, and those to the country."""
    rows = (
        row("extension_apply_before", "9901", {"major": "15 workdays", "general": "4 workdays"}),
        row("extension_apply_before", "990102", {"major": "20 workdays"}),
    )

    east, west, elsewhere = (at(*rows, division=d) for d in ("990102", "990103", "980102"))

    assert [str(p.value("extension_apply_before", "major").amount) for p in (east, west, elsewhere)] == [
        "20",
        "15",
        "10",
    ]
    assert [p.value("extension_apply_before", "general").amount for p in (east, west, elsewhere)] == [4, 4, 3]
    assert at(*rows, division="990100").value("extension_apply_before", "major").amount == 15


def test_a_row_counts_from_its_first_to_its_last_day():
    """Both days included; the later of two rows takes over on its first day."""
    rows = (
        row("relapse_window_days", "9901", 90, "2026-03-01", "2026-06-30"),
        row("relapse_window_days", "9901", 60, "2026-06-01", "2026-12-31"),
    )
    days = {
        "2026-02-28": 180,
        "2026-03-01": 90,
        "2026-05-31": 90,
        "2026-06-01": 60,
        "2026-12-31": 60,
        "2027-01-01": 180,
    }

    assert {day: at(*rows, on=date.fromisoformat(day)).count("relapse_window_days") for day in days} == days


def test_drafts_and_what_was_taken_back_never_count():
    """A draft of Nanning stands in the file, and Nanning goes by Guangxi."""
    assert at(division="450102").count("household_visits_before_notice") == 3
    assert at(division="450102").entry("household_check_months_max").row.division == "45"
    assert at(row("relapse_window_days", "9901", 1, None)).count("relapse_window_days") == 180
    assert at(row("relapse_window_days", "9901", 1, is_withdrawn=True)).count("relapse_window_days") == 180


def test_what_a_place_enters_goes_before_what_is_shipped_for_it():
    """The shipped row of Qingdao was read in 2026; Qingdao knows better."""
    mine = row("extension_apply_before", "3702", {"major": "25 workdays"}, "2020-01-01")

    assert at(mine, division="370200").span("extension_apply_before", "major").amount == 25
    newer = replace(mine, value={"major": "26 workdays"}, version="2")
    assert at(mine, newer, division="370200").span("extension_apply_before", "major").amount == 26


def test_nobody_falls_short_of_a_national_bound():
    """Zhengzhou's 24 hours lose against the 48 of the State Council; Shanghai's zones count where they are wider."""
    zhengzhou, shanghai = at(division="410102"), at(division="310105")

    assert zhengzhou.span("planned_interruption_notice") == Duration(48, "h")
    assert [(one.division, part) for one, part in zhengzhou.ignored] == [("4101", "")]
    zones = [shanghai.value("protection_zone_m", tier) for tier in ("low", "medium", "sub_high", "high")]
    assert zones == [Decimal("0.7"), Decimal("0.7"), Decimal("1.5"), Decimal(6)]
    assert [(one.division, part) for one, part in shanghai.ignored] == [("31", "sub_high")]


def test_a_limit_changes_with_the_order_that_set_it():
    """Order 15 until January 2026, order 18 from February: the same figure, another certainty."""
    marks = [
        at(on=day).entry("suspension_months_max").row.confidence
        for day in (date(2026, 1, 31), date(2026, 2, 1))
    ]

    assert marks == ["V", "M"]


def test_a_place_sets_a_workflows_time_limit_by_urgency():
    """What it leaves out stays the workflow's."""
    policy = at(row("limit.general.classify", "9901", {"A": "2 h"}))
    own = policy.limit("general", "classify")

    assert own == {"A": Duration(2, "h")}
    assert policy.limit("general", "verify") == {}
    spans = tightened_span(Keyed({"A": Duration(4, "h"), "B": Duration(1, "day")}), own)
    assert [spans.for_(u) for u in ("A", "B")] == [Duration(2, "h"), Duration(1, "day")]
    alone = tightened_span(Keyed(default=Duration(4, "h")), own)
    assert [alone.for_(u) for u in ("A", "C")] == [Duration(2, "h"), Duration(4, "h")]


def test_a_key_nobody_knows_is_our_own_mistake():
    with pytest.raises(KeyError):
        at().value("extension_time")
    with pytest.raises(KeyError):
        at().count("extension_total_days_max", "general")
    with pytest.raises(KeyError):
        at().years("retention_hazard_years")


def test_every_shipped_value_can_be_read_back_as_it_was_written():
    """The cell of a CSV file gives the same plain value again."""
    for one in BOOK.rows:
        assert one.definition.read(one.definition.write(one.value)) == (one.value, []), one
