"""`import` and `export`: files in and out of an installation, with exit codes a script can go by."""

from pathlib import Path

import pytest

from tests.cli.test_commands import run
from tests.harness.local_rules import CATALOGUE, POLICY
from tests.harness.notices import notice


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "policy.csv").write_text(POLICY, "utf-8")
    (folder / "catalogue.csv").write_text(CATALOGUE, "utf-8")
    (folder / "calendar.yaml").write_bytes(notice(holidays=["01-04"], workdays=["01-10"]).data)
    return folder


@pytest.mark.parametrize(
    ("kind", "file"),
    [("policy", "policy.csv"), ("catalogue", "catalogue.csv"), ("calendar", "calendar.yaml")],
)
def test_tried_stored_and_then_nothing_new(tmp_path, files, kind, file):
    """A dry run stores nothing, the import stores all of it, the same again nothing."""
    dry, first, again = (
        run(tmp_path, "import", kind, str(files / file), *more) for more in (["--dry-run"], [], [])
    )

    assert [one.exit_code for one in (dry, first, again)] == [0, 0, 0], dry.output + first.output
    assert "Dry run" in dry.output
    assert "试算" in dry.output
    assert "Stored" in first.output
    assert "Nothing new" in again.output


def test_a_wrong_file_is_told_row_by_row_in_both_languages(tmp_path, files):
    bad = files / "bad.csv"
    bad.write_text(
        POLICY + "relapse_window_days,9901,soon,2026-01-01,,办法,V,\nnothing,9901,1,,,办法,V,\n", "utf-8"
    )

    done = run(tmp_path, "import", "policy", str(bad))

    assert done.exit_code == 1
    for words in (
        f"{bad}:6: value:",
        "“soon” is not a whole number",
        "不是不带符号的整数",
        f"{bad}:7: key:",
        "Nothing stored: 2",
    ):
        assert words in done.output
    assert (
        "Nothing new" not in run(tmp_path, "import", "policy", str(files / "policy.csv"), "--dry-run").output
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["import", "nothing", "policy.csv"],
        ["import", "policy", "absent.csv"],
        ["import", "policy", "."],
        ["import", "policy", "calendar.xlsx"],
        ["import", "policy", "policy.csv", "--division", "Yunze"],
        ["export", "nothing", "x.csv"],
        ["export", "policy", "x.pdf"],
        ["export", "policy", "absent/x.csv"],
    ],
)
def test_what_cannot_be_read_or_written_is_another_exit(tmp_path, files, arguments):
    (files / "calendar.xlsx").write_bytes(b"PK")
    verb, kind, file, *rest = arguments

    done = run(tmp_path, verb, kind, str(files / file), *rest)

    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.output
    assert any("\u4e00" <= c <= "\u9fff" for c in done.output)


def test_what_is_exported_can_be_imported_elsewhere(tmp_path, files):
    for kind, file in (
        ("policy", "policy.csv"),
        ("catalogue", "catalogue.csv"),
        ("calendar", "calendar.yaml"),
    ):
        assert run(tmp_path, "import", kind, str(files / file)).exit_code == 0
        out = files / f"{kind}.out.yaml"
        assert run(tmp_path, "export", kind, str(out)).exit_code == 0
        there = run(tmp_path / "elsewhere", "import", kind, str(out))
        assert there.exit_code == 0, there.output
        assert "Nothing new" in run(tmp_path, "import", kind, str(out)).output


def test_a_division_is_given_once_for_all_rows(tmp_path, files):
    short = files / "short.csv"
    short.write_text(
        "key,value,valid_from,source,confidence\nrelapse_window_days,90,2026-01-01,办法,V\n", "utf-8"
    )

    assert run(tmp_path, "import", "policy", str(short)).exit_code == 1
    assert run(tmp_path, "import", "policy", str(short), "--division", "990100").exit_code == 0
    run(tmp_path, "export", "policy", str(files / "out.csv"), "--division", "99")
    assert "relapse_window_days,9901,90" in (files / "out.csv").read_text("utf-8")


def test_the_shipped_rows_come_along_on_request(tmp_path, files):
    for kind, words in (
        ("policy", "planned_interruption_notice,,48 h"),
        ("catalogue", ",PIP-M02,"),
        ("calendar", "2026-02-14,yes"),
    ):
        out = files / f"{kind}.csv"
        run(tmp_path, "export", kind, str(out), "--with-shipped")
        assert words in out.read_text("utf-8")
