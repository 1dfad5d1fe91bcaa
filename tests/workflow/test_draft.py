"""A draft is proved beside the installed files, whatever number it bears."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from hazard_flow.workflow.definition import Workflow
from hazard_flow.workflow.draft import read_draft
from hazard_flow.workflow.loader import load_all
from hazard_flow.workflow.problems import Unreadable, WorkflowRefused
from hazard_flow.workflow.vocabulary import Vocabulary

Known = Mapping[tuple[str, int], Workflow]


@pytest.fixture(scope="module")
def known(folder: Path, vocabulary: Vocabulary) -> Known:
    return load_all(folder, vocabulary)


def read(content: str, known: Known, vocabulary: Vocabulary) -> Workflow:
    return read_draft(content.encode(), file="draft.yaml", known=known, vocabulary=vocabulary)


@pytest.fixture(scope="module")
def text(folder: Path) -> str:
    return (folder / "general.v1.yaml").read_text("utf-8")


def test_an_edited_file_that_kept_its_number_is_read(text: str, known: Known, vocabulary: Vocabulary) -> None:
    draft = read(text.replace("C: 2 days", "C: 4 days"), known, vocabulary)
    assert draft.id == "general.v1"
    assert draft.sha256 != known["general", 1].sha256


def test_one_the_proof_refuses_is_refused(text: str, known: Known, vocabulary: Vocabulary) -> None:
    own_work = text.replace("    other_than: [responsible]\n", "").replace(
        ", other_than: [responsible, reporter_if_alone]", ""
    )
    with pytest.raises(WorkflowRefused) as refused:
        read(own_work, known, vocabulary)
    assert {problem.rule for problem in refused.value.problems} == {4}


def test_a_switch_into_nothing_is_refused(text: str, known: Known, vocabulary: Vocabulary) -> None:
    with pytest.raises(WorkflowRefused) as refused:
        read(text.replace("to_workflow: major", "to_workflow: severe"), known, vocabulary)
    assert "severe" in str(refused.value)


def test_what_is_no_yaml_is_unreadable(known: Known, vocabulary: Vocabulary) -> None:
    with pytest.raises(Unreadable):
        read("workflow: [", known, vocabulary)
