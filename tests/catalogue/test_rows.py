"""The catalogue as shipped: complete, readable, searchable, and loud about a bad file."""

import json
from datetime import date, timedelta

import pytest

from hazard_flow.catalogue import rows
from hazard_flow.ledger.canonical import canonical


def test_the_shipped_catalogue_has_121_rows_with_their_confidence():
    """18 major, 4 conditional and 99 general dangers; the mark says how surely the clause was read."""
    entries = rows.load().values()
    assert len(entries) == 121
    assert [sum(e.level == level for e in entries) for level in rows.LEVELS] == [18, 4, 99]
    assert {e.basis_confidence for e in entries} == set(rows.CONFIDENCES)
    assert not rows.row("VLV-G02").is_settled


def test_a_row_carries_what_assignment_needs():
    """Clause, urgency, days, first control and evidence come as values, not as text to be parsed again."""
    trench = rows.row("pip-m02")
    assert trench.is_major
    assert (trench.urgency, trench.deadline_days) == ("M", 90)
    assert trench.response_within == timedelta(hours=4)
    assert trench.interim_control == "GAS_MONITORING"
    assert "SURVEY_REPORT" in trench.suggested_evidence
    assert rows.row("nothing") is None


@pytest.mark.parametrize(
    ("words", "first"),
    [("pip-m02", "PIP-M02"), ("软管 老化", "RES-G02"), ("marker post", "PIP-G07"), ("井盖", "VLV-G03")],
)
def test_search_finds_by_code_and_by_words_of_both_languages(words, first):
    """A person types what they see; the right row stands first."""
    assert rows.search(words)[0].code == first


def test_search_narrows_by_category_and_level():
    """Filters apply before the limit."""
    found = rows.search("", category="pipeline", level="major", limit=50)
    assert [entry.code for entry in found] == ["PIP-M01", "PIP-M02"]


def test_a_bad_file_is_refused_with_every_fault_and_its_line():
    """Whoever writes a new version sees all mistakes at once."""
    head = ",".join(rows.COLUMNS)
    good = "PIP-G01,pipeline,管道,占压,Built over,general,一般隐患,B,条例 第33条,verified,48,90,GUARD,PHOTO_BEFORE,,"
    bad = "STN-G02,pipeline,管道,,Built over,general,一般隐患,Q,条例,surely,48,x,NOPE,PHOTO_BEFORE;SELFIE,,"
    with pytest.raises(ValueError) as refused:
        rows.parse("\n".join([head, good, good, bad]), version="v9")
    said = str(refused.value)
    assert "line 3: PIP-G01 code: The code PIP-G01 stands twice. Keep one of them." in said
    for word in (
        "“pipeline” does not fit the code",
        "“Q” is not one of the choices",
        "surely",
        "NOPE",
        "SELFIE",
        "“title_zh” is empty",
        "“x” is not a whole number",
    ):
        assert word in said


def test_the_shipped_file_leaves_the_numbers_of_local_lists_free():
    """A city that numbers from 51 on never meets a later national row."""
    assert max(int(code[-2:]) for code in rows.load()) < rows.LOCAL_NUMBER_FROM


def test_each_day_has_its_version():
    """Before the first release the first one is what there is."""
    assert rows.version_on(date(2026, 11, 2)) == "v1"
    assert rows.version_on(date(2001, 1, 1)) == "v1"


def test_a_snapshot_is_json_and_fit_for_a_hashed_event():
    """A hazard keeps the row as it was; whole numbers and text only, as the ledger wants it."""
    kept = rows.snapshot(rows.row("VLV-G01"))

    assert json.loads(canonical(kept)) == kept
    assert kept["response_hours"] == "0.5"
    assert kept["confidence"] == "P"
    assert {
        "version",
        "title",
        "level",
        "urgency",
        "deadline_days",
        "interim_control",
        "evidence",
        "basis",
        "authority_division",
    } <= kept.keys()
