"""The set-up command works on a bare machine: standard library only, at once the second time, clear where it cannot go on."""

import ast
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hazard_flow import dev

ROOT = Path(__file__).parents[2]


def run_dev(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run dev.py as on the command line, isolated from installed libraries."""
    return subprocess.run(
        [sys.executable, "-S", "-m", "hazard_flow.dev", *arguments],
        cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_it_imports_only_the_standard_library():
    tree = ast.parse((ROOT / "hazard_flow" / "dev.py").read_text("utf-8"))
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    named |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in named} <= sys.stdlib_module_names


def test_the_package_itself_imports_nothing():
    tree = ast.parse((ROOT / "hazard_flow" / "__init__.py").read_text("utf-8"))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]


def test_it_explains_itself_without_any_library():
    done = run_dev("--help")
    assert done.returncode == 0
    assert "hazard_flow.dev demo" in done.stdout
    assert run_dev("nonsense").returncode == 2


def test_setting_up_again_takes_less_than_a_second():
    assert run_dev("setup").returncode == 0
    started = time.monotonic()
    assert run_dev("setup").returncode == 0
    assert time.monotonic() - started < 1


def test_without_root_and_sudo_it_hands_the_line_to_an_administrator(monkeypatch):
    monkeypatch.setattr(dev.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(
        dev.shutil, "which", lambda name, **_: "/usr/bin/apt-get" if name == "apt-get" else None
    )
    nothing = dev.Supply("libpango-1.0-0", lambda: False)

    with pytest.raises(SystemExit, match=r"apt-get install -y --no-install-recommends libpango-1\.0-0"):
        dev.install_debian_packages([nothing])


def test_without_apt_it_names_what_is_missing(monkeypatch):
    monkeypatch.setattr(dev.shutil, "which", lambda *_, **__: None)

    with pytest.raises(SystemExit, match="mosquitto"):
        dev.install_debian_packages([dev.Supply("mosquitto", lambda: False)])


def test_what_is_there_needs_no_administrator(monkeypatch):
    monkeypatch.setattr(dev.shutil, "which", lambda *_, **__: None)

    dev.install_debian_packages([dev.Supply("mosquitto", lambda: True)])


def test_the_sprite_holds_every_icon_listed():
    listed = {line.strip() for line in (ROOT / "hazard_flow/web/icons.txt").read_text("utf-8").splitlines()}
    sprite = (dev.VENDOR / "icons.svg").read_text("utf-8")
    for name in {name for name in listed if name and not name.startswith("#")}:
        assert f'<symbol id="i-{name}"' in sprite


def test_ci_runs_the_same_two_commands():
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert script.index("hazard_flow.dev check") < script.index("hazard_flow.dev test")
