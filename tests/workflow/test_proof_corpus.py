"""Every broken file is refused by the number of the planted rule, in its line and with a mend; untouched copies are accepted."""

from pathlib import Path

import pytest

from hazard_flow.workflow.check import check_files
from tests.workflow.corpus import HERE, SHIPPED, Broken, corpus, shipped, under_a_fresh_key

BROKEN = corpus()


def test_the_corpus_is_large_and_plants_every_rule() -> None:
    assert len(BROKEN) >= 60
    assert {broken.rule for broken in BROKEN} == set(range(1, 13))
    assert len({broken.text for broken in BROKEN}) == len(BROKEN)


@pytest.mark.parametrize("broken", BROKEN, ids=[broken.what for broken in BROKEN])
def test_a_broken_file_is_refused_by_its_rule_in_its_line_with_a_mend(broken: Broken, tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(broken.text, "utf-8", newline="\n")
    code, rows = check_files([path])
    told = "\n".join(f"{row['line']}: rule {row['rule']}: {row['message']}" for row in rows)
    assert code == 1, told
    found = [row for row in rows if (row["rule"], row["line"]) == (broken.rule, broken.line)]
    assert found, f"expected rule {broken.rule} in line {broken.line}:\n{told}"
    assert all(row["mend"] and row["message"] and row["file"] == str(path) for row in rows)


@pytest.mark.parametrize("base", SHIPPED)
def test_an_untouched_copy_under_a_fresh_key_is_accepted(base: str, tmp_path: Path) -> None:
    path = tmp_path / "anywhere.yaml"
    path.write_text(under_a_fresh_key(shipped(base), base, "other"), "utf-8", newline="\n")
    assert check_files([path]) == (0, [])
    path.write_text(under_a_fresh_key(shipped(base), base, base), "utf-8", newline="\n")
    assert check_files([path]) == (0, [])


def test_a_small_sound_workflow_made_by_hand_is_accepted() -> None:
    assert check_files([HERE / "small.yaml"]) == (0, [])
