"""The shipped checklists are whole, and a mistake in one is told by its line with a mend."""

import pytest

from hazard_flow.catalogue import rows as catalogue
from hazard_flow.inspections.checklists.answering import Given, judge
from hazard_flow.inspections.checklists.loading import checklists, load_checklist
from hazard_flow.workflow.rule_file import RuleFileError

GOOD = """\
version: 1
name: {zh: 试, en: Trial}
line: valves
kinds: [valve_well]
basis: {zh: 试, en: Trial}
parts: {}
items:
- {key: cover, text: {zh: 井盖, en: Cover}, clause: 条例 第36条, mark: V, answer: yes_no, catalogue: VLV-G03}
- {key: set_kpa, text: {zh: 设定, en: Set}, clause: 规程, mark: M, answer: reading, unit: kPa, photo: never}
- {key: lockup_kpa, text: {zh: 关闭, en: Shut}, clause: 规程, mark: D, answer: reading, unit: kPa, limits: {high: "1.25", times: set_kpa}}
"""

MISTAKES = [
    ("version: 1", "version: 2", 1, "the file is called"),
    ("line: valves", "line: volcano", 3, "'volcano' is not known here"),
    ("kinds: [valve_well]", "kinds: [volcano]", 4, "'volcano' is not known here"),
    ("VLV-G03", "VLV-G99", 8, "no row 'VLV-G99'"),
    ("mark: V,", "mark: sure,", 8, "'sure' is not known here"),
    ("clause: 条例 第36条, ", "", 8, "'clause' is missing"),
    ("key: set_kpa", "key: cover", 9, "used twice"),
    ("unit: kPa, photo: never", "photo: never", 9, "a reading needs 'unit'"),
    ('"1.25"', '"viel"', 10, "a number is expected"),
    ("times: set_kpa", "times: nothing", 10, "'nothing' is not known here"),
    ("answer: yes_no,", "answer: yes_no, unit: m,", 8, "'unit' is only for 'reading'"),
    ("answer: yes_no,", "answer: yes_no, colour: red,", 8, "'colour' is not known here"),
]


@pytest.mark.parametrize(("there", "here", "line", "says"), MISTAKES)
def test_a_mistake_is_told_by_file_line_and_mend(there: str, here: str, line: int, says: str):
    with pytest.raises(RuleFileError) as refused:
        load_checklist(GOOD.replace(there, here, 1), name="trial.v1.yaml")
    told = refused.value.mistakes
    assert any(
        one.file == "trial.v1.yaml" and one.line == line and says in one.message and one.mend for one in told
    ), told


def test_a_good_one_loads():
    found = load_checklist(GOOD, name="trial.v1.yaml")
    assert (found.id, [item.key for item in found.items]) == ("trial.v1", ["cover", "set_kpa", "lockup_kpa"])


def test_what_ships_covers_every_kind_of_work():
    found = checklists()
    assert sum(len(one.items) for one in found.values()) >= 150
    assert {one.line for one in found.values()} >= {
        "pipeline_patrol", "leak_survey", "station_inspection", "regulators", "valves", "corrosion", "commercial", "lpg",
    }  # fmt: skip


def test_what_ships_says_its_clause_and_sends_no_leak_without_a_hazard():
    for one in checklists().values():
        for item in one.items:
            assert item.clause
            assert item.text.zh != item.text.en
            if item.answer == "reading" and item.unit in ("%LEL", "ppm"):
                assert item.catalogue, (one.key, item.key)


def test_marks_are_no_surer_than_the_catalogue_where_the_clause_is_the_same():
    rank = {"verified": 0, "partly_verified": 2, "memory": 3}
    surer = {"V": 0, "V2": 1, "P": 2, "M": 3, "D": 4}
    for one in checklists().values():
        for item in one.items:
            row = catalogue.row(item.catalogue) if item.catalogue else None
            if row is not None and item.clause == row.legal_basis:
                assert surer[item.mark] >= rank[row.basis_confidence], (one.key, item.key)


@pytest.mark.parametrize(
    ("set_kpa", "lockup_kpa", "fails"), [("2.8", "3.5", False), ("2.8", "3.51", True), ("na", "3", True)]
)
def test_a_limit_may_be_so_many_times_another_reading(set_kpa: str, lockup_kpa: str, fails: bool):
    found = load_checklist(
        GOOD.replace("unit: kPa, photo: never", "unit: kPa, photo: never, optional: true"),
        name="trial.v1.yaml",
    )
    given = {"cover": Given("yes"), "set_kpa": Given(set_kpa), "lockup_kpa": Given(lockup_kpa, photos=1)}
    judged, faults = judge(found, given)
    assert faults == []
    assert judged["lockup_kpa"].is_failed is fails
