"""`hazard-flow workflow check FILE…`: would these files load? Needs no database; files may lie anywhere."""

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hazard_flow.resources import resource_dir
from hazard_flow.workflow.definition import Workflow
from hazard_flow.workflow.loader import PATTERN, load_all, load_file
from hazard_flow.workflow.problems import WORDS, Problem, Unreadable, WorkflowRefused
from hazard_flow.workflow.proof import prove
from hazard_flow.workflow.released import check_released, recorded
from hazard_flow.workflow.switches import check_switches
from hazard_flow.workflow.vocabulary import Vocabulary, default_vocabulary

ACCEPTED, REFUSED, UNREADABLE = 0, 1, 2


def check_files(
    paths: Sequence[Path | str], *, vocabulary: Vocabulary | None = None
) -> tuple[int, list[dict[str, Any]]]:
    """Judge workflow files against the installed words and switch targets.

    Returns the exit code (0 accepted, 1 refused, 2 a file is unreadable) and a row `{file, line, rule, message, mend}` for each problem.
    """
    words = vocabulary or default_vocabulary()
    installed = _installed(words)
    loaded: dict[str, Workflow] = {}
    problems: list[Problem] = []
    unreadable = False
    for path in map(Path, paths):
        try:
            loaded[str(path)] = load_file(path, words)
        except WorkflowRefused as refused:
            problems += refused.problems
        except Unreadable as fault:
            problems.append(fault.problem)
            unreadable = True
        except OSError as error:
            problems.append(
                Problem(str(path), 0, WORDS, f"cannot be opened: {error.strerror}", "check the path")
            )
            unreadable = True
    known = {**installed, **{(workflow.key, workflow.version): workflow for workflow in loaded.values()}}
    hashes = recorded(resource_dir("workflows"))
    hashes = {**{workflow.id: workflow.sha256 for workflow in installed.values()}, **hashes}
    problems += check_released(loaded, hashes)
    for file, workflow in loaded.items():
        faults = check_switches(workflow, known, file=file)
        problems += faults or prove({file: workflow}, known.values(), words).problems
    code = UNREADABLE if unreadable else REFUSED if problems else ACCEPTED
    return code, [_row(problem) for problem in sorted(set(problems))]


def _installed(words: Vocabulary) -> dict[tuple[str, int], Workflow]:
    """The installed workflows; where one of them is broken (perhaps the one being written), those that can be read."""
    folder = resource_dir("workflows")
    try:
        return dict(load_all(folder, words))
    except WorkflowRefused:
        found = {}
        for path in sorted(folder.glob(PATTERN)):
            with contextlib.suppress(WorkflowRefused, Unreadable):
                workflow = load_file(path, words)
                found[workflow.key, workflow.version] = workflow
        return found


def _row(problem: Problem) -> dict[str, Any]:
    return {
        "file": problem.file,
        "line": problem.line,
        "rule": problem.rule,
        "message": problem.message,
        "mend": problem.mend,
    }
