"""Versions side by side: released by the very hash of the file, or not; and what only hazards remember."""

from dataclasses import replace
from pathlib import Path

from hazard_flow.rulebook.versions import families
from tests.harness import founding
from tests.harness.versions import changed


def test_released_means_these_very_bytes(tmp_path: Path):
    rules = founding.rules()
    general = rules.newest("general")
    (tmp_path / "released.yaml").write_text(f"{general.id}: {general.sha256}\nmajor.v1: {'0' * 64}\n")

    found = {one.key: one for one in families(rules, {}, folder=tmp_path, locale="zh")}

    assert [(v.id, v.is_released, v.is_newest) for v in found["general"].versions] == [
        (general.id, True, True)
    ]
    assert not found["major"].versions[0].is_released
    assert (found["general"].behind, found["general"].command) == (0, "")


def test_older_versions_with_hazards_ask_to_be_moved(tmp_path: Path):
    rules, newer = founding.rules(), changed()
    rules = replace(rules, workflows={**rules.workflows, ("general", newer.version): newer})
    counts = {("general", newer.version): 4, ("general", newer.version - 1): 3, ("hospital", 2): 1}

    found = {one.key: one for one in families(rules, counts, folder=tmp_path, locale="en")}

    assert [(v.version, v.open, v.is_newest) for v in found["general"].versions] == [
        (newer.version, 4, True),
        (newer.version - 1, 3, False),
    ]
    assert found["general"].command == f"hazard-flow workflow migrate general --to {newer.version} --dry-run"
    gone = found["hospital"]
    assert (gone.label, gone.versions[0].is_here, gone.command) == ("hospital", False, "")


def test_a_record_that_cannot_be_read_releases_nothing(tmp_path: Path):
    (tmp_path / "released.yaml").write_text("general.v1: [")

    found = families(founding.rules(), {}, folder=tmp_path, locale="zh")

    assert not any(version.is_released for family in found for version in family.versions)
