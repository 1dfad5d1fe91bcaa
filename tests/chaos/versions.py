"""Other versions of this program beside the one under test: a copy that knows one more workflow, and an earlier commit."""

import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from hazard_flow.hazards.rules import Rules, install_rules
from hazard_flow.resources import PACKAGE
from hazard_flow.workflow.definition import Workflow
from tests.chaos.place import Place
from tests.harness import founding
from tests.harness.versions import changed, changed_text

PARTS = ("hazard_flow", "workflows", "migrations", "report_templates")
#: how far back an earlier commit is looked for
COMMITS = 60


def newer(folder: Path) -> tuple[Path, Workflow]:
    """A copy of this program that also has the next version of `general`; where it lies, and what it knows more."""
    made = folder / "newer"
    for part in PARTS:
        shutil.copytree(
            PACKAGE.parent / part, made / part, ignore=shutil.ignore_patterns("__pycache__", "node_modules")
        )
    workflow = changed()
    (made / "workflows" / f"{workflow.id}.yaml").write_bytes(changed_text())
    return made, workflow


def earlier(folder: Path) -> Path:
    """The program as it was some commits ago, with the same tables; skips where there is no history to look into."""
    made, here = folder / "earlier", _tree("HEAD", "migrations/versions")
    commits = _git("log", f"-{COMMITS}", "--format=%H", "--", "hazard_flow").split() if here else []
    fitting = [commit for commit in commits[1:] if _tree(commit, "migrations/versions") == here]
    if not fitting:
        pytest.skip("no earlier commit with the same tables is to be had here")
    made.mkdir()
    archive = folder / "earlier.tar"
    _git("archive", "-o", str(archive), fitting[-1], *PARTS)
    with tarfile.open(archive) as packed:
        packed.extractall(made)
    print(f"an earlier version: {fitting[-1][:10]}", flush=True)
    return made


def environment(program: Path) -> dict[str, str]:
    """For a process that is to run that program."""
    return {"PYTHONPATH": os.pathsep.join([str(program), str(PACKAGE.parent)])}


def knows(place: Place, workflow: Workflow) -> None:
    """From now on the test opens hazards under this workflow, as the newer version would."""
    rules: Rules = founding.rules()
    more = {**rules.workflows, (workflow.key, workflow.version): workflow}
    install_rules(place.database.info, Rules(workflows=more, vocabulary=rules.vocabulary, zone=rules.zone))


def _tree(commit: str, path: str) -> str:
    return _git("rev-parse", "--verify", "--quiet", f"{commit}:{path}").strip()


def _git(*words: str) -> str:
    """What git says; nothing where it has nothing to say."""
    try:
        done = subprocess.run(
            ["git", *words], cwd=PACKAGE.parent, capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout if done.returncode == 0 else ""
