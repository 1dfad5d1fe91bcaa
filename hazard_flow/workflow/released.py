"""Rule 12: a released file never changes. workflows/released.yaml keeps `key.vN: sha256` of every release."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from hazard_flow.workflow.definition import Workflow
from hazard_flow.workflow.problems import RELEASED, WORDS, Problem, WorkflowRefused
from hazard_flow.workflow.yaml_lines import YamlFault, parse

NAME = "released.yaml"
_HEAD = "# Released workflow files and the SHA-256 of their bytes; written by `hazard-flow workflow release FILE`, never by hand.\n"
_ENTRY = re.compile(r"[a-z][a-z0-9_]{0,39}\.v[1-9][0-9]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def recorded(folder: Path) -> Mapping[str, str]:
    """The hash of every release by `key.vN`; empty before the first. Raises WorkflowRefused where the record is not readable."""
    path = folder / NAME
    if not path.exists():
        return {}
    try:
        root, _ = parse(path.read_text("utf-8"))
    except (YamlFault, UnicodeDecodeError) as fault:
        raise WorkflowRefused(
            [Problem(str(path), getattr(fault, "line", 1), WORDS, f"not readable: {fault}", "restore it")]
        ) from fault
    found = {name: str(node.value) for name, node in root.entries.items()}
    wrong = [
        Problem(
            str(path),
            root.key_lines[name],
            WORDS,
            f"{name}: {value!r} is no release",
            "restore it: `general.v1: sha256`",
        )
        for name, value in found.items()
        if not _ENTRY.fullmatch(name) or not _SHA256.fullmatch(value)
    ]
    if wrong:
        raise WorkflowRefused(wrong)
    return found


def check_released(judged: Mapping[str, Workflow], hashes: Mapping[str, str]) -> list[Problem]:
    """Workflows (by file) whose key and version are released with other bytes."""
    return [
        Problem(
            file, 1, RELEASED, f"{workflow.id} is released and this file is not byte for byte the released one",
            f"restore it, or give the change the next version: version: {workflow.version + 1}",
        )
        for file, workflow in judged.items()
        if hashes.get(workflow.id, workflow.sha256) != workflow.sha256
    ]  # fmt: skip


def check_overlap(workflow: Workflow, installed: Iterable[Workflow], *, file: str) -> list[Problem]:
    """Installed workflows of another key that lay claim to the same hazards, neither being the narrower: nobody could say which holds."""
    line, mine = workflow.lines.get("applies_to", 1), workflow.applies_to
    found = {
        other.key: other
        for other in installed
        if other.key != workflow.key and _overlap(mine, other.applies_to)
    }
    return [
        Problem(
            file, line, WORDS, f"{workflow.id} and {other.id} both apply to {', '.join(f'{k}: {v}' for k, v in other.applies_to.items())}",
            "a narrower applies_to, such as a source of its own, or the next version of the other",
        )
        for other in found.values()
    ]  # fmt: skip


def _overlap(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    if any(one[key] != other[key] for key in one.keys() & other.keys()):
        return False
    return not (one.keys() < other.keys() or other.keys() < one.keys())


def record(folder: Path, workflow: Workflow) -> bool:
    """Note a release; False where it already stands there. The caller has proved it. Raises WorkflowRefused where the bytes differ."""
    hashes = dict(recorded(folder))
    problems = check_released({f"{workflow.id}.yaml": workflow}, hashes)
    if problems:
        raise WorkflowRefused(problems)
    if workflow.id in hashes:
        return False
    hashes[workflow.id] = workflow.sha256
    lines = "".join(f"{name}: {hashes[name]}\n" for name in sorted(hashes))
    (folder / NAME).write_text(_HEAD + lines, "utf-8")
    return True
