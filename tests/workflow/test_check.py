"""`workflow check`: exit codes and rows."""

from pathlib import Path

from hazard_flow.identity.roles import ROLE_LABELS
from hazard_flow.workflow.check import check_files
from hazard_flow.workflow.vocabulary import Vocabulary


def test_the_shipped_files_pass(folder: Path) -> None:
    assert check_files(sorted(folder.glob("*.v*.yaml"))) == (0, [])


def test_a_broken_copy_elsewhere_is_refused_with_file_line_rule_and_mend(
    folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "mine.yaml"
    text = (folder / "general.v1.yaml").read_text("utf-8").replace("workflow: general", "workflow: mine")
    path.write_text(text.replace("to_workflow: major", "to_workflow: grand"), "utf-8")
    code, rows = check_files([path])
    assert code == 1
    assert {"file", "line", "rule", "message", "mend"} == rows[0].keys()
    assert (rows[0]["file"], rows[0]["rule"]) == (str(path), 10)
    assert "grand" in rows[0]["message"]


def test_a_released_version_may_not_change(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "general.v1.yaml"
    path.write_text((folder / "general.v1.yaml").read_text("utf-8") + "# one more word\n", "utf-8")
    code, rows = check_files([path])
    assert (code, [row["rule"] for row in rows]) == (1, [12])
    path.write_bytes((folder / "general.v1.yaml").read_bytes())
    assert check_files([path]) == (0, [])


def test_an_unreadable_file_is_told_apart(tmp_path: Path) -> None:
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\x89PNG\r\n")
    assert check_files([binary])[0] == 2
    assert check_files([tmp_path / "missing.yaml"])[0] == 2
    assert check_files([tmp_path])[0] == 2


def test_switches_may_lead_between_files_checked_together(folder: Path, tmp_path: Path) -> None:
    for name in ("general", "major"):
        text = (folder / f"{name}.v1.yaml").read_text("utf-8")
        text = text.replace(f"workflow: {name}\n", f"workflow: my_{name}\n").replace(
            "to_workflow: major", "to_workflow: my_major"
        )
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
    assert check_files([tmp_path / "general.yaml", tmp_path / "major.yaml"]) == (0, [])
    assert check_files([tmp_path / "general.yaml"])[0] == 1


def test_role_names_are_the_same_everywhere(vocabulary: Vocabulary) -> None:
    for name, label in {**vocabulary.roles, **vocabulary.relations}.items():
        assert ROLE_LABELS[name] == label, name


def test_evidence_codes_have_names(vocabulary: Vocabulary) -> None:
    from hazard_flow.evidence.kinds import KINDS

    assert tuple(vocabulary.book.evidence_codes) == tuple(KINDS)
