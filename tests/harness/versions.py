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


def renamed(old: str, new: str) -> Edit:
    """An edit: a state has another name, everywhere."""

    def edit(file: dict[str, Any]) -> None:
        file["states"] = {(new if name == old else name): state for name, state in file["states"].items()}
        for action in file["actions"].values():
            if isinstance(action["from"], list):
                action["from"] = [new if name == old else name for name in action["from"]]
            if action.get("to") == old:
                action["to"] = new
            names = action.get("switch", {}).get("map", {})
            if old in names:
                names[new] = names.pop(old)
        for clock in file["clocks"].values():
            clock["until"] = [new if name == old else name for name in clock["until"]]

    return edit


def stricter(file: dict[str, Any]) -> None:
    """An edit: two hours to classify an A, and the one above hears of it six hours after."""
    file["states"]["reported"]["timers"]["classify"]["within"] = {"A": "2 h", "B": "1 day", "C": "2 days"}
    file["ladders"]["idle"][1]["after"] = "6 h"


def release(city: City, *workflows: Workflow) -> Rules:
    """From now on the city also knows these; new hazards open under the newest."""
    known = city.database.info["hazards.rules"]
    more = {(one.key, one.version): one for one in workflows}
    rules = replace(known, workflows={**known.workflows, **more})
    install_rules(city.database.info, rules)
    return rules
