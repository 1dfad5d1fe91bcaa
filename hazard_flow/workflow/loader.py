"""Workflow files in, frozen `Workflow` values out; a file with any problem is refused with all of them."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from hazard_flow.workflow.checks import check_workflow
from hazard_flow.workflow.definition import STAGES, State, Workflow
from hazard_flow.workflow.documents import BY_ISSUER, SYSTEM
from hazard_flow.workflow.problems import LANGUAGE, RELEASED, WORDS, Problem, Unreadable, WorkflowRefused
from hazard_flow.workflow.proof import prove
from hazard_flow.workflow.read_actions import read_actions
from hazard_flow.workflow.read_timers import read_ladders, read_timers
from hazard_flow.workflow.reading import NAME, Reading
from hazard_flow.workflow.released import check_released, recorded
from hazard_flow.workflow.switches import check_switches
from hazard_flow.workflow.vocabulary import Vocabulary
from hazard_flow.workflow.yaml_lines import Node, YamlFault, parse

_KEYS = (
    "workflow",
    "version",
    "name",
    "source",
    "applies_to",
    "initial",
    "states",
    "actions",
    "ladders",
    "clocks",
)
_REQUIRED = ("workflow", "version", "name", "source", "applies_to", "initial", "states", "actions", "ladders")
_STATE_KEYS = ("stage", "name", "holder", "timers", "final", "concealed", "issues")
#: `general.v1.yaml`
PATTERN = "*.v*.yaml"


def load_file(path: Path, vocabulary: Vocabulary) -> Workflow:
    """The workflow of one file.

    Raises WorkflowRefused with every problem of the file, Unreadable where it is not UTF-8 YAML, OSError where it cannot be opened.
    Switch targets are checked and the proof is made where all files are known: `load_all`, `check.check_files`.
    """
    return load_text(path.read_bytes(), file=str(path), vocabulary=vocabulary)


def load_text(content: bytes, *, file: str, vocabulary: Vocabulary) -> Workflow:
    """The workflow written in these bytes; `file` names it in problems."""
    try:
        root, faults = parse(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Unreadable(
            Problem(file, line, WORDS, "the file is not UTF-8 text", "save it as UTF-8")
        ) from error
    except YamlFault as fault:
        raise Unreadable(
            Problem(
                file,
                fault.line,
                WORDS,
                f"not readable as YAML: {fault.message}",
                "check indentation, quotes and brackets",
            )
        ) from fault
    reading = Reading(file, vocabulary)
    for line, message, mend in faults:
        reading.refuse(line, WORDS, message, mend)
    workflow = _workflow(root, reading, hashlib.sha256(content).hexdigest())
    if reading.problems or workflow is None:
        raise WorkflowRefused(reading.problems)
    return workflow


def load_all(folder: Path, vocabulary: Vocabulary) -> Mapping[tuple[str, int], Workflow]:
    """Every workflow of a folder by (key, version), each proved. Raises WorkflowRefused with the problems of all files."""
    found: dict[tuple[str, int], Workflow] = {}
    files: dict[tuple[str, int], str] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob(PATTERN)):
        try:
            workflow = load_file(path, vocabulary)
        except WorkflowRefused as refused:
            problems += refused.problems
            continue
        except Unreadable as unreadable:
            problems.append(unreadable.problem)
            continue
        version = (workflow.key, workflow.version)
        if path.name != f"{workflow.id}.yaml":
            problems.append(
                Problem(str(path), 1, WORDS, f"the file holds {workflow.id}", f"call it {workflow.id}.yaml")
            )
        if version in found:
            problems.append(
                Problem(
                    str(path),
                    1,
                    RELEASED,
                    f"{workflow.id} is already in {files[version]}",
                    "give the change a new version",
                )
            )
        found[version], files[version] = workflow, str(path)
    for version, workflow in found.items():
        problems += check_switches(workflow, found, file=files[version])
    problems += check_released(
        {files[version]: workflow for version, workflow in found.items()}, recorded(folder)
    )
    if not problems:
        judged = {files[version]: workflow for version, workflow in found.items()}
        problems += prove(judged, found.values(), vocabulary).problems
    if problems:
        raise WorkflowRefused(problems)
    return found


def newest(key: str, workflows: Iterable[Workflow]) -> Workflow:
    """The highest version of a workflow. Raises KeyError where there is none."""
    versions = [workflow for workflow in workflows if workflow.key == key]
    if not versions:
        raise KeyError(key)
    return max(versions, key=lambda workflow: workflow.version)


def _workflow(root: Node, reading: Reading, sha256: str) -> Workflow | None:
    if not reading.keys(root, allowed=_KEYS, required=_REQUIRED, what="a workflow file"):
        return None
    got = root.entries
    states = {
        name: _state(name, entry, line, reading)
        for name, entry, line in reading.named(got.get("states"), "states")
    }
    workflow = Workflow(
        key=_key(got.get("workflow"), reading),
        version=_version(got.get("version"), reading),
        label=reading.label(got.get("name"), "the workflow"),
        source=reading.text(got.get("source"), "source") or "",
        applies_to={
            key: str(value) for key, value in reading.plain_map(got.get("applies_to"), "applies_to").items()
        },
        initial=(reading.word(got["initial"], states, "state") or "") if "initial" in got else "",
        states=states,
        actions=read_actions(got.get("actions"), states, reading),
        ladders=read_ladders(got.get("ladders"), reading),
        clocks=read_timers(got.get("clocks"), "clocks", reading, clock=True),
        sha256=sha256,
        lines=root.key_lines,
    )
    reading.problems += check_workflow(workflow, file=reading.file, lines=root, vocabulary=reading.vocabulary)
    return workflow


def _key(node: Node | None, reading: Reading) -> str:
    key = reading.text(node, "workflow") or ""
    if node is not None and not NAME.fullmatch(key):
        reading.refuse(
            node, WORDS, f"{key!r} is not a key for a workflow", "small letters, digits and _; a letter first"
        )
    return key


def _version(node: Node | None, reading: Reading) -> int:
    if node is None:
        return 0
    if isinstance(node.value, bool) or not isinstance(node.value, int) or node.value < 1:
        reading.refuse(node, LANGUAGE, f"{node.plain()!r} is not a version", "a whole number from 1")
        return 0
    return node.value


def _state(name: str, node: Node, line: int, reading: Reading) -> State:
    title = f"the state {name}"
    reading.keys(node, allowed=_STATE_KEYS, required=("stage", "name"), what=title, line=line)
    got = node.entries
    return State(
        key=name,
        stage=(reading.word(got["stage"], STAGES, "stage") or "") if "stage" in got else "",
        label=reading.label(got.get("name"), title),
        holder=reading.word(got["holder"], reading.vocabulary.who - {"holder"}, "role or relation")
        if "holder" in got
        else None,
        timers=read_timers(got.get("timers"), title, reading),
        final=reading.yes(got.get("final"), f"final of {title}"),
        concealed=reading.yes(got.get("concealed"), f"concealed of {title}"),
        issues=_made(got["issues"], title, reading) if "issues" in got else None,
        line=line,
    )


def _made(node: Node, title: str, reading: Reading) -> str | None:
    """The document made on entering a state; one that a body must issue needs somebody who acts."""
    template = reading.word(node, reading.vocabulary.templates, "template")
    kind = reading.vocabulary.documents.get(template or "")
    if template == BY_ISSUER or (kind is not None and kind.issued_by != SYSTEM):
        reading.refuse(
            node, WORDS, f"{title} issues {template}, and nobody acts there", "say it in the action"
        )
    return template
