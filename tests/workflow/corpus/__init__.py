"""Broken workflow files, one planted fault each: mutations of the shipped files and whole files made by hand."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from hazard_flow.resources import resource_dir

HERE = Path(__file__).parent
SHIPPED = ("general", "major", "household")


@dataclass(frozen=True)
class Broken:
    """A file with one fault: its text, the rule that must refuse it and the line (from 1) it is told in."""

    what: str
    text: str
    rule: int
    line: int


def shipped(base: str) -> str:
    return (resource_dir("workflows") / f"{base}.v1.yaml").read_text("utf-8")


def under_a_fresh_key(text: str, base: str, key: str) -> str:
    assert f"workflow: {base}\n" in text
    return text.replace(f"workflow: {base}\n", f"workflow: {key}\n", 1)


def corpus() -> list[Broken]:
    """Every broken file."""
    tables = [HERE.parent / "faults.yaml", HERE / "paths.yaml", HERE / "people.yaml", HERE / "effects.yaml"]
    plants = [plant for table in tables for plant in yaml.safe_load(table.read_text("utf-8"))]
    planted = [_planted(number, plant) for number, plant in enumerate(plants)]
    return planted + [_hand_made(path) for path in sorted((HERE / "hand_made").glob("*.yaml"))]


def _planted(number: int, plant: dict[str, Any]) -> Broken:
    base = plant.get("base", "general")
    text = shipped(base)
    if not plant.get("released"):
        text = under_a_fresh_key(text, base, f"broken_{number}")
    changes = [[plant["old"], plant["new"]], *(plant[key] for key in ("also", "more") if key in plant)]
    for old, new in changes:
        assert old in text, f"{plant['what']}: the shipped file changed; plant the fault elsewhere: {old!r}"
        text = text.replace(old, new, 1)
    # a text that stands more than once is looked for behind another
    start = text.index(plant["after"]) if "after" in plant else 0
    line = text[: text.index(plant["where"], start)].count("\n") + 1
    return Broken(
        f"{plant['rule']}: {plant['what']}", text, plant["rule"], line + plant["where"].startswith("\n")
    )


def _hand_made(path: Path) -> Broken:
    """The fault stands in the line that ends in `# rule N`."""
    text = path.read_text("utf-8")
    line, rule = next(
        (number, int(row.rsplit("# rule ", 1)[1]))
        for number, row in enumerate(text.splitlines(), 1)
        if "# rule " in row
    )
    return Broken(f"{rule}: {path.stem}", text, rule, line)
