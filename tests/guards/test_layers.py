"""The layers hold, and each contract really bites: broken on purpose in a copy, the check must fail and name it."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]

#: contract id → (module to break, line to plant). `clock`, `i18n`, `storage.engine` and `workflow.definition` stay for ever.
PLANTED = {
    "layers": ("hazard_flow/clock.py", "import hazard_flow.storage"),
    "flask": ("hazard_flow/storage/engine.py", "import flask"),
    "one-importer-flask-login": ("hazard_flow/storage/engine.py", "import flask_login"),
    "one-importer-transitions": ("hazard_flow/storage/engine.py", "import transitions"),
    "one-importer-apscheduler": ("hazard_flow/clock.py", "from apscheduler.schedulers import background"),
    "one-importer-weasyprint": ("hazard_flow/i18n.py", "import weasyprint"),
    "one-importer-pyhanko": ("hazard_flow/clock.py", "import pyhanko.sign"),
    "one-importer-pypdfium2": ("hazard_flow/clock.py", "import pypdfium2"),
    "one-importer-paho": ("hazard_flow/storage/engine.py", "import paho.mqtt.client"),
    "one-importer-cheroot": ("hazard_flow/clock.py", "import cheroot.wsgi"),
    "one-importer-dateutil": ("hazard_flow/clock.py", "import dateutil.rrule"),
    "one-importer-openpyxl": ("hazard_flow/clock.py", "import openpyxl"),
    "one-importer-shapely": ("hazard_flow/clock.py", "import shapely"),
    "few-importers-segno": ("hazard_flow/clock.py", "import segno"),
    "one-importer-orjson": ("hazard_flow/ledger/canonical.py", "import orjson"),
    "one-importer-filetype": ("hazard_flow/evidence/display.py", "import filetype"),
    "one-importer-pillow-heif": ("hazard_flow/evidence/display.py", "import pillow_heif"),
    "one-importer-obstore": ("hazard_flow/storage/engine.py", "import obstore"),
    "one-importer-rfc3161": ("hazard_flow/clock.py", "import rfc3161_client"),
    "few-importers-cryptography": ("hazard_flow/clock.py", "import cryptography.x509"),
    "few-importers-numpy": ("hazard_flow/clock.py", "import numpy"),
    "pure-workflow": ("hazard_flow/workflow/definition.py", "import sqlalchemy"),
    "dev-alone": ("hazard_flow/dev.py", "import hazard_flow.i18n"),
}


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The Python sources alone, in a folder of their own."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "hazard_flow", tmp_path / "hazard_flow", ignore=_only_python)
    return tmp_path


def _only_python(folder: str, names: list[str]) -> set[str]:
    skipped = {"__pycache__", "node_modules", "vendor", "vendor-dev", "_bundled"}
    return {name for name in names if name in skipped or ("." in name and not name.endswith(".py"))}


def lint(checkout: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on a copy, without its cache."""
    program = Path(sys.executable).parent / "lint-imports"
    return subprocess.run(
        [program, "--no-cache"], cwd=checkout, capture_output=True, text=True, check=False,
        env={"PYTHONPATH": str(checkout), "COLUMNS": "300"},
    )  # fmt: skip


def test_every_contract_is_planted():
    assert set(PLANTED) == {contract["id"] for contract in CONTRACTS}


def test_the_layers_hold(copied):
    done = lint(copied)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("contract", [pytest.param(c, id=c["id"]) for c in CONTRACTS])
def test_a_broken_contract_is_found(copied, contract):
    path, line = PLANTED[contract["id"]]
    module = copied / path
    module.write_text(f"{module.read_text('utf-8')}\n{line}\n", "utf-8")

    done = lint(copied)

    assert done.returncode == 1, done.stdout
    assert f"{contract['name']} BROKEN" in done.stdout


def test_a_package_nobody_placed_is_found(copied):
    (copied / "hazard_flow" / "helpers.py").write_text('"""Misplaced."""\n', "utf-8")

    done = lint(copied)

    assert done.returncode == 1
    assert "helpers" in done.stdout
