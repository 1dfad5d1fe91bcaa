"""The page of the language names every key, and its example does what it says: one file edited, checked, released, lived through."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hazard_flow import resources
from hazard_flow.cli.workflows import workflow as command
from hazard_flow.hazards.rules import install_rules, installed_rules
from hazard_flow.notifications.wording import word
from hazard_flow.workflow import proof, released
from hazard_flow.workflow.definition import Duration, Keyed
from hazard_flow.workflow.loader import load_all
from hazard_flow.workflow.needs_rules import VALUE_KEYS
from hazard_flow.workflow.schema import json_schema
from hazard_flow.workflow.vocabulary import Vocabulary
from tests.harness.city import City, city, place
from tests.harness.founding import ZONE, on_sqlite_only

__all__ = ["city", "place"]

LINES_MAX = 130


@pytest.fixture
def page(folder: Path) -> str:
    return (folder / "README.md").read_text("utf-8")


@pytest.fixture
def installed(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The workflows folder of an installation of its own: a copy, found as the wheel's is."""
    copy = tmp_path / "bundled" / "workflows"
    shutil.copytree(folder, copy)
    for other in ("report_templates", "migrations"):
        (copy.parent / other).symlink_to(resources.resource_dir(other))
    monkeypatch.setattr(resources, "_BUNDLED", copy.parent)
    monkeypatch.setattr(proof, "_remembered", {})
    return copy


def test_it_is_one_page(page: str) -> None:
    assert len(page.splitlines()) <= LINES_MAX


def test_it_names_every_key(page: str, vocabulary: Vocabulary) -> None:
    code = re.findall(r"```.*?```|`[^`]+`", page, re.DOTALL)
    named = {word for span in code for word in re.findall(r"[a-z_]+", span)}
    assert keys_of(json_schema(vocabulary)) - named == set()


def keys_of(schema: dict[str, Any]) -> set[str]:
    """Every key of the language that is no field, no word of fields.yaml and no choice of its own."""
    parts = schema["$defs"]
    action, rung = parts["action"]["properties"], parts["rung"]["properties"]
    found = {
        *schema["properties"],
        *parts["state"]["properties"],
        *parts["timer"]["properties"],
        *action,
        *rung,
    }
    found |= {
        *parts["clock"]["properties"],
        *action["at_most"]["properties"],
        *action["approved"]["properties"],
    }
    found |= {*action["switch"]["properties"], *VALUE_KEYS, "optional", "confirmed", "place_or_asset"}
    return found | {"after_photo_for_each", "also", "unless"}


def blocks(page: str) -> list[str]:
    """The pieces of YAML of the example, as they stand in the file."""
    example = page[page.index("## Add a state with a timer") :]
    found = re.findall(r"^( *)```yaml\n(.*?)\n\1```$", example, re.DOTALL | re.MULTILINE)
    return [
        "\n".join(line.removeprefix(indent) for line in block.splitlines()) + "\n" for indent, block in found
    ]


def edited(page: str, text: str, *, maps: bool = True) -> str:
    """The steps of the example, done to a file."""
    state, actions, goal = blocks(page)
    text = text.replace("\nversion: 1\n", "\nversion: 2\n", 1)
    after = text.index("\n  blocked:\n") + 1
    text = text[:after] + state + text[after:]
    text = text.replace("\nactions:\n", f"\nactions:\n{actions}", 1)
    for name in ("escalate_to_major", "upgrade_unnotified") if maps else ():
        at = text.index("map: {", text.index(f"\n  {name}:")) + len("map: {")
        text = f"{text[:at]}{goal.strip()}, {text[at:]}"
    return text


def test_the_example_is_refused_until_every_step_is_done(page: str, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "general.v2.yaml"
    path.write_text(edited(page, (folder / "general.v1.yaml").read_text("utf-8"), maps=False), "utf-8")
    result = CliRunner().invoke(command, ["check", str(path)])
    assert result.exit_code == 1
    assert result.output.count("lacks waiting") == 2
    assert "mend: map: {waiting: …}" in result.output


@on_sqlite_only
def test_the_example_is_checked_released_and_lived_through(
    page: str, installed: Path, vocabulary: Vocabulary, city: City
) -> None:
    """Nothing but the one file is written: its words are in the file, and pages and messages use them."""
    path = installed / "general.v2.yaml"
    path.write_text(edited(page, (installed / "general.v1.yaml").read_text("utf-8")), "utf-8")
    run = CliRunner()
    assert run.invoke(command, ["check", str(path)]).output == "1 accepted 通过\n"
    assert "general.v2 released" in run.invoke(command, ["release", str(path)]).output

    rules = installed_rules(ZONE)
    install_rules(city.database.info, rules)
    hazard = city.report("阀井井盖破损")
    assert (hazard.workflow, hazard.workflow_version) == ("general", 2)
    city.assign(hazard, due_at=city.day(25))
    city.accept(hazard)
    city.control(hazard)
    before = city.timers(hazard)["rectify"]
    city.act("王班长", hazard, "wait_for_parts", reason="等待井盖到货")

    waiting = city.look(hazard)
    assert (waiting.state, waiting.stage) == ("waiting", "rectifying")
    assert rules.newest("general").states["waiting"].timers["parts"].within == Keyed(
        default=Duration(10, "day")
    )
    timers = city.timers(hazard)
    assert timers["rectify"].due_at == before.due_at, "waiting does not stop the deadline"
    assert timers["rectify"].started_at == before.started_at

    city.fast_forward(days=11)
    assert next(f.told for f in city.firings(hazard, "parts")) == ("王班长",)
    said = {
        locale: word(m.template, m.params, locale, rules=rules, zone=ZONE, now=city.now).subject
        for locale in ("zh", "en")
        for m in city.inbox("王班长")
        if m.template == "escalation" and m.params["name"] == "parts"
    }
    assert "待料时限" in said["zh"]
    assert "To wait for parts" in said["en"]

    city.act("王班长", hazard, "parts_came")
    assert city.look(hazard).state == "rectifying"
    assert "parts" not in city.timers(hazard)
    city.submit(hazard)
    assert city.look(hazard).state == "submitted"


def test_every_shipped_file_can_be_released(installed: Path, vocabulary: Vocabulary) -> None:
    run = CliRunner()
    files = sorted(installed.glob("*.v*.yaml"))
    for path in files:
        result = run.invoke(command, ["release", str(path)])
        assert result.exit_code == 0, result.output
        assert f"{path.stem} released" in result.output
    workflows = load_all(installed, vocabulary)
    assert released.recorded(installed) == {one.id: one.sha256 for one in workflows.values()}
    again = run.invoke(command, ["release", str(files[0])])
    assert (again.exit_code, "was released before" in again.output) == (0, True)

    files[1].write_text(files[1].read_text("utf-8") + "# one word more\n", "utf-8")
    refused = run.invoke(command, ["check", str(files[1])])
    assert refused.exit_code == 1
    assert "rule 12" in refused.output


def test_two_workflows_may_not_lay_claim_to_the_same_hazards(installed: Path) -> None:
    """`check` accepts an untouched copy under another key; released, nobody could say which of the two holds."""
    run = CliRunner()
    for base in ("general", "household", "major"):
        text = (installed / f"{base}.v1.yaml").read_text("utf-8")
        path = installed / "copy.v1.yaml"
        path.write_text(text.replace(f"workflow: {base}\n", "workflow: copy\n", 1), "utf-8")
        assert run.invoke(command, ["check", str(path)]).exit_code == 0
        result = run.invoke(command, ["release", str(path)])
        assert result.exit_code == 1, result.output
        assert f"copy.v1 and {base}.v1 both apply to" in result.output
        path.unlink()
    narrower = (
        (installed / "general.v1.yaml")
        .read_text("utf-8")
        .replace("workflow: general\n", "workflow: copy\n", 1)
    )
    path.write_text(narrower.replace("{level: general}", "{level: general, source: campaign}", 1), "utf-8")
    assert run.invoke(command, ["release", str(path)]).exit_code == 0


def test_a_file_elsewhere_is_not_released(installed: Path, tmp_path: Path) -> None:
    stray = tmp_path / "general.v1.yaml"
    stray.write_bytes((installed / "general.v1.yaml").read_bytes())
    result = CliRunner().invoke(command, ["release", str(stray)])
    assert result.exit_code != 0
    assert released.recorded(installed) == {}
