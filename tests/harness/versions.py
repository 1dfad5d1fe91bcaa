"""Another version of a shipped workflow, made in the test: the file's own words with something changed, read and proved as any file is."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from hazard_flow.hazards.rules import Rules, install_rules
from hazard_flow.resources import resource_dir
from hazard_flow.workflow.definition import Workflow
from hazard_flow.workflow.loader import load_text, newest
from hazard_flow.workflow.proof import prove
from hazard_flow.workflow.yaml_lines import parse
from tests.harness import founding
from tests.harness.city import City

Edit = Callable[[dict[str, Any]], object]


def changed_text(edit: Edit = lambda _: None, *, key: str = "general", version: int | None = None) -> bytes:
    """The newest shipped file of a workflow after an edit, as bytes; by default it carries the next version."""
    latest = newest(key, founding.rules().workflows.values())
    source = Path(resource_dir("workflows") / f"{latest.id}.yaml").read_text("utf-8")
    file = parse(source)[0].plain()
    file["version"] = version or latest.version + 1
    edit(file)
    apart = json.loads(json.dumps(file))  # YAML would write an alias where the edit used a part twice
    return yaml.safe_dump(apart, allow_unicode=True, sort_keys=False, width=400).encode()


def changed(edit: Edit = lambda _: None, *, key: str = "general", version: int | None = None) -> Workflow:
    """The same, loaded; a change the proof refuses is a mistake of the test."""
    rules = founding.rules()
    workflow = load_text(
        changed_text(edit, key=key, version=version), file="changed.yaml", vocabulary=rules.vocabulary
    )
    found = prove({"changed.yaml": workflow}, [*rules.workflows.values(), workflow], rules.vocabulary)
    assert found.problems == ()
    return workflow


def release(city: City, *workflows: Workflow) -> Rules:
    """From now on the city also knows these; new hazards open under the newest."""
    known = city.database.info["hazards.rules"]
    more = {(one.key, one.version): one for one in workflows}
    rules = replace(known, workflows={**known.workflows, **more})
    install_rules(city.database.info, rules)
    return rules
