"""What is shipped: a wheel that, installed alone in a clean environment, does the main job without the checkout."""

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ASSETS = [
    "htmx.min.js",
    "icons.svg",
    "fonts/NotoSansSC_400Regular.ttf",
    "fonts/NotoSansSC_700Bold.ttf",
    "fonts/OFL.txt",
]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built without a trip to any registry."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment holding the wheel; its libraries are those of this one, so nothing is fetched."""
    home = tmp_path_factory.mktemp("clean") / "venv"
    base = getattr(sys, "_base_executable", None) or sys.executable
    subprocess.run([base, "-m", "venv", "--without-pip", home], check=True, timeout=60)
    python = home / "bin" / "python"
    pip = [base, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True, timeout=120)
    libraries = home / "lib" / f"python{sysconfig.get_python_version()}" / "site-packages"
    # Only the libraries: this checkout's own editable link stays behind because .pth files are not followed twice.
    (libraries / "libraries.pth").write_text(sysconfig.get_paths()["purelib"] + "\n", "utf-8")
    return home


def run(home: Path, *command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run an installed command far from the checkout, with nobody's settings."""
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(cwd), "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        [home / "bin" / command[0], *command[1:]], cwd=cwd, env=environment,
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


def test_the_wheel_carries_what_the_program_reads(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("workflows", "migrations", "report_templates"):
        tracked = {
            f"hazard_flow/_bundled/{path.relative_to(ROOT)}"
            for path in (ROOT / folder).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert tracked
        assert tracked <= names
    assert {f"hazard_flow/web/static/vendor/{name}" for name in ASSETS} <= names


def test_the_wheel_carries_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    top = {name.split("/")[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == {"hazard_flow"}
    unwanted = ("__pycache__", "node_modules", "vendor-dev", "hazard_flow/dev.py", ".stamp", ".db")
    assert [name for name in names if any(part in name for part in unwanted)] == []


def test_every_licence_travels_along(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert {name.rsplit("/", 1)[1] for name in names if "/vendor/licences/" in name} == {
        "exifr.txt",
        "htmx.txt",
        "idb.txt",
        "jsqr.txt",
        "leaflet.txt",
        "signature_pad.txt",
        "tabler-icons.txt",
        "uplot.txt",
    }


def test_the_installed_program_is_the_wheel_not_the_checkout(installed, tmp_path):
    done = run(installed, "python", "-c", "import hazard_flow; print(hazard_flow.__file__)", cwd=tmp_path)
    assert done.stdout.startswith(str(installed))


def test_the_installed_command_explains_itself(installed, tmp_path):
    done = run(installed, "hazard-flow", "--help", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "demo" in done.stdout


def test_the_installed_command_checks_the_bundled_workflows(installed, tmp_path):
    found = sorted((installed / "lib").rglob("_bundled/workflows/*.v*.yaml"))
    assert found
    done = run(installed, "hazard-flow", "workflow", "check", *map(str, found), cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.timeout(300)
def test_the_installed_command_builds_the_whole_demo(installed, tmp_path):
    done = run(installed, "hazard-flow", "demo", "--once", "--data-dir", str(tmp_path / "demo"), cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "demo" / "demo.json").exists()
    shutil.rmtree(tmp_path / "demo")


def test_the_wheel_carries_the_brokers_configuration(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    shipped = {"hazard-flow.conf", "hazard-flow.acl", "hazard-flow-devices.acl"}
    assert {f"hazard_flow/telemetry/broker/{name}" for name in shipped} <= names
