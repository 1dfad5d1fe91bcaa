"""Which documents exist and who may issue them: read from the templates, wrong ones refused, wrong issuers refused in workflow files."""

from pathlib import Path

import pytest

from hazard_flow.identity.roles import OPERATOR_ROLES, REGULATOR_ROLES
from hazard_flow.workflow.documents import (
    GOVERNMENT,
    OPERATOR,
    REGULATOR,
    ROLE_SIDES,
    SYSTEM,
    installed_kinds,
    load_kinds,
)
from hazard_flow.workflow.loader import load_text
from hazard_flow.workflow.problems import WORDS, WorkflowRefused
from hazard_flow.workflow.vocabulary import Vocabulary, default_vocabulary

ASSIGNERS = "who: [dept_manager, safety_director, enterprise_principal, county_officer]"


def test_every_kind_has_a_word_of_its_own() -> None:
    kinds = [kind for kind in installed_kinds().values() if kind.issued_by != SYSTEM]

    assert len({kind.word for kind in kinds}) == len(kinds) == 15
    assert all(kind.word.startswith("燃安") for kind in kinds)
    assert [key for key, kind in installed_kinds().items() if kind.issued_by == SYSTEM] == ["closure"]


def test_the_sides_of_roles_are_those_of_identity() -> None:
    for role in OPERATOR_ROLES:
        assert OPERATOR in ROLE_SIDES[role]
    for role in REGULATOR_ROLES:
        assert ROLE_SIDES[role] == ((GOVERNMENT,) if role == "safety_committee" else (REGULATOR,))
    assert set(ROLE_SIDES) == set(OPERATOR_ROLES) | set(REGULATOR_ROLES)


def test_a_workflow_may_name_every_kind() -> None:
    assert (
        set(installed_kinds()) | {"by_issuer", "statutory_table", "scorecard"}
        == default_vocabulary().templates
    )


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ("report: other\nname: {zh: 甲, en: A}\nissued_by: operator\nword: 燃安甲", "needs `report: trial`"),
        ("report: trial\nname: {zh: 甲}\nissued_by: operator\nword: 燃安甲", "a name in zh and en"),
        (
            "report: trial\nname: {zh: 甲, en: A}\nissued_by: mayor\nword: 燃安甲",
            "issued_by is 'mayor'; one of operator",
        ),
        ("report: trial\nname: {zh: 甲, en: A}\nissued_by: operator", "word is ''"),
        ("report: trial\nname: {zh: 甲, en: A}\nissued_by: operator\nword: RA", "word is 'RA'"),
        (
            "report: trial\nname: {zh: 甲, en: A}\nissued_by: system\nword: 燃安甲",
            "none for `issued_by: system`",
        ),
        ("- a list", "needs `report: trial`"),
    ],
)
def test_a_wrong_head_is_refused_naming_the_file(head: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "trial").mkdir()
    (tmp_path / "trial" / "report.yaml").write_text(head, "utf-8")

    with pytest.raises(ValueError, match=r"trial/report\.yaml") as refused:
        load_kinds(tmp_path)
    assert words in str(refused.value)


@pytest.fixture(scope="module")
def text(folder: Path) -> str:
    return (folder / "general.v1.yaml").read_text("utf-8").replace("workflow: general\n", "workflow: trial\n")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("issues: by_issuer", "issues: rectification_order", "dept_manager has no power to issue rectification_order"),
        ("issues: by_issuer", "issues: listing_notice", "county_officer has no power to issue listing_notice"),
        ("issues: by_issuer", "issues: gas_stop_notice", "county_officer has no power to issue gas_stop_notice"),
        ("issues: by_issuer", "issues: closure", "nobody issues closure"),
        (ASSIGNERS, "who: [safety_director, safety_committee]", "safety_committee has no power"),
        (ASSIGNERS, "who: [safety_director, expert]", "expert has no power"),
        ("issues: closure", "issues: internal_slip", "nobody acts there"),
        ("issues: closure", "issues: by_issuer", "nobody acts there"),
        ("issues: closure", "issues: closing", "unknown template 'closing'"),
    ],
)  # fmt: skip
def test_a_wrong_issuer_is_refused_in_its_line(
    old: str, new: str, words: str, text: str, vocabulary: Vocabulary
) -> None:
    faulty = text.replace(old, new, 1)
    assert faulty != text
    with pytest.raises(WorkflowRefused) as refused:
        load_text(faulty.encode(), file="trial.v1.yaml", vocabulary=vocabulary)
    told = [p for p in refused.value.problems if words in p.message]
    at = text.index(old if old.startswith("issues") else "issues: by_issuer")
    assert [p.line for p in told] == [text[:at].count("\n") + 1] * len(told)
    assert told
    assert all(p.rule == WORDS and p.mend for p in told)


def test_relations_and_the_system_are_judged_when_they_act(text: str, vocabulary: Vocabulary) -> None:
    fine = text.replace(ASSIGNERS, "who: [responsible, safety_director, system]")
    load_text(fine.encode(), file="trial.v1.yaml", vocabulary=vocabulary)
