"""The top level is exactly what was agreed: nobody has to ask what a folder is for."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

AGREED = {
    "LICENSE",
    "README.md",
    "hazard_flow",
    "migrations",
    "pyproject.toml",
    "report_templates",
    "requirements.lock",
    "tests",
    "workflows",
}


def versioned() -> set[str]:
    """First path segments of what git holds or would take in."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    command = [
        "git",
        "-c",
        "safe.directory=*",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return {name.split("/")[0] for name in listed if name and (ROOT / name).exists()}


def test_the_top_level_holds_the_agreed_names_and_nothing_else():
    assert {name for name in versioned() if not name.startswith(".")} == AGREED


def test_dot_files_are_few():
    assert {name for name in versioned() if name.startswith(".")} <= {".ci", ".editorconfig", ".gitignore"}


def test_the_licence_is_apache_2_in_full():
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_locks_carry_hashes_and_no_address():
    python = (ROOT / "requirements.lock").read_text("utf-8")
    web = (ROOT / "hazard_flow" / "web" / "package-lock.json").read_text("utf-8")
    assert python.count("==") > 50
    assert python.count("==") <= python.count("--hash=sha256:")
    assert '"integrity": "sha512-' in web
    for text in (python, web):
        assert "://" not in text
        assert '"resolved"' not in text


def test_no_package_is_called_helpers_or_the_like():
    vague = {"utils", "util", "helpers", "common", "services", "managers", "manager", "misc"}
    named = {path.stem for path in (ROOT / "hazard_flow").rglob("*.py")} | {
        path.name for path in (ROOT / "hazard_flow").rglob("*") if path.is_dir()
    }
    assert not named & vague
