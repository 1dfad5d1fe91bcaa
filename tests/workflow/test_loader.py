"""A file with a fault is refused by the number of the broken rule, in the faulty line, with a mend."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from hazard_flow.workflow.definition import Workflow
from hazard_flow.workflow.loader import load_all, load_text, newest
from hazard_flow.workflow.problems import Unreadable, WorkflowRefused
from hazard_flow.workflow.vocabulary import Vocabulary


@pytest.fixture(scope="module")
def text(folder: Path) -> str:
    return (folder / "general.v1.yaml").read_text("utf-8").replace("workflow: general\n", "workflow: trial\n")


def load(text: str, vocabulary: Vocabulary) -> Workflow:
    return load_text(text.encode(), file="trial.v1.yaml", vocabulary=vocabulary)


def test_the_shipped_workflows_load(folder: Path, vocabulary: Vocabulary) -> None:
    workflows = load_all(folder, vocabulary)
    assert set(workflows) == {("general", 1), ("major", 1), ("household", 1)}
    assert newest("major", workflows.values()).id == "major.v1"
    with pytest.raises(KeyError):
        newest("unheard_of", workflows.values())


def test_a_copy_under_another_key_loads(text: str, vocabulary: Vocabulary) -> None:
    workflow = load(text, vocabulary)
    assert list(workflow.states) == [
        "reported", "received", "assigned", "rectifying", "blocked", "submitted", "fixed", "verified", "closed",
    ]  # fmt: skip
    assert workflow.states["submitted"].stage == "rectifying"
    assert len(workflow.sha256) == 64


FAULTS = yaml.safe_load(Path(__file__).with_name("faults.yaml").read_text("utf-8"))


@pytest.mark.parametrize("fault", FAULTS, ids=[fault["what"] for fault in FAULTS])
def test_a_fault_is_refused_by_its_rule_in_its_line(
    text: str, vocabulary: Vocabulary, fault: dict[str, Any]
) -> None:
    old, new, rule, where = fault["old"], fault["new"], fault["rule"], fault["where"]
    assert old in text, "the shipped file changed; plant the fault elsewhere"
    faulty = text.replace(old, new, 1)
    with pytest.raises(WorkflowRefused) as refused:
        load(faulty, vocabulary)
    line = faulty[: faulty.index(where)].count("\n") + 1
    assert (line, rule) in {(p.line, p.rule) for p in refused.value.problems}, str(refused.value)
    assert all(p.mend for p in refused.value.problems if p.rule == rule and p.line == line)


def test_a_state_from_which_nothing_closes_is_refused_by_rule_2(text: str, vocabulary: Vocabulary) -> None:
    faulty = text.replace(
        "from: [verified]\n    to: closed\n    resolution: rectified", "from: [verified]\n    to: null"
    )
    faulty = faulty.replace("from: [verified]\n    to: rectifying", "from: [verified]\n    to: null")
    with pytest.raises(WorkflowRefused) as refused:
        load(faulty, vocabulary)
    assert {2} == {p.rule for p in refused.value.problems}


def test_all_faults_of_a_file_are_told_at_once(text: str, vocabulary: Vocabulary) -> None:
    faulty = (
        text.replace("guards: [control_open]", "guards: [x]")
        .replace("{any: 1}", "{y: 1}")
        .replace("en: Accept}", "fr: z}")
    )
    with pytest.raises(WorkflowRefused) as refused:
        load(faulty, vocabulary)
    assert len(refused.value.problems) >= 4


def test_every_known_word_and_not_more_may_be_near(text: str, vocabulary: Vocabulary) -> None:
    with pytest.raises(WorkflowRefused) as refused:
        load(text.replace("guards: [control_open]", "guards: [control_opn]"), vocabulary)
    assert "did you mean 'control_open'?" in refused.value.problems[0].mend


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe",
        b"a: [1",
        b"a: b: c",
        b"- " * 3 + b"[" * 40,
        b"---\na: 1\n---\nb: 2\n",
        b"\x00",
        b"a: 1\n" * 100_000,
    ],
)
def test_what_is_not_a_yaml_document_is_unreadable(content: bytes, vocabulary: Vocabulary) -> None:
    with pytest.raises(Unreadable):
        load_text(content, file="x.yaml", vocabulary=vocabulary)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"word",
        b"a: 1",
        b"workflow: [x]\nversion: {}\nname: 3\nsource: []\napplies_to: 1\ninitial: {}\nstates: []\nactions: 1\nladders: x\nclocks: []",
        b"states: {a: 1, b: []}\nactions: {x: null, y: [1]}\nladders: {z: [1, {after: []}]}",
    ],
)
def test_nonsense_is_refused_and_never_crashes(content: bytes, vocabulary: Vocabulary) -> None:
    with pytest.raises(WorkflowRefused):
        load_text(content, file="x.yaml", vocabulary=vocabulary)
