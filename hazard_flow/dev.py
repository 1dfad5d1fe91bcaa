"""From a bare checkout to a running demo, a finished test run or a clean bill of health, with one command.

    python3 -m hazard_flow.dev demo [--port P] [--data-dir D] [--once]
    python3 -m hazard_flow.dev test [pytest's options]
    python3 -m hazard_flow.dev check
    python3 -m hazard_flow.dev soak NAME
    python3 -m hazard_flow.dev setup | lock

Only the standard library is imported: this file runs before anything is installed. It needs Python 3.11 and pip; what else
is missing it fetches from Debian, the Python index and the npm registry as this machine is set up to reach them.
"""

import ctypes
import fcntl
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
WEB = ROOT / "hazard_flow" / "web"
VENDOR = WEB / "static" / "vendor"
VENDOR_DEV = WEB / "vendor-dev"

#: What travels from the npm packages into the program, by its place under static/vendor/.
VENDORED = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "licences/htmx.txt": "htmx.org/LICENSE",
    "uplot.js": "uplot/dist/uPlot.iife.min.js",
    "uplot.css": "uplot/dist/uPlot.min.css",
    "licences/uplot.txt": "uplot/LICENSE",
    "jsqr.js": "jsqr/dist/jsQR.js",
    "licences/jsqr.txt": "jsqr/LICENSE",
    "signature_pad.js": "signature_pad/dist/signature_pad.min.js",
    "licences/signature_pad.txt": "signature_pad/LICENSE",
    "leaflet.js": "leaflet/dist/leaflet.js",
    "leaflet.css": "leaflet/dist/leaflet.css",
    "licences/leaflet.txt": "leaflet/LICENSE",
    "idb.js": "idb/build/index.js",
    "licences/idb.txt": "idb/LICENSE",
    "exifr.js": "exifr/dist/lite.esm.mjs",
    "licences/exifr.txt": "exifr/LICENSE",
    "licences/tabler-icons.txt": "@tabler/icons/LICENSE",
    "fonts/NotoSansSC_400Regular.ttf": "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf",
    "fonts/NotoSansSC_700Bold.ttf": "@expo-google-fonts/noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf",
    "fonts/OFL.txt": "@expo-google-fonts/noto-sans-sc/LICENSE_FONT",
}
#: What only tests and the sprite need, under vendor-dev/: never in the wheel.
VENDORED_DEV = {
    "axe.min.js": "axe-core/axe.min.js",
    "axe-LICENSE.txt": "axe-core/LICENSE",
    "tabler-nodes-outline.json": "@tabler/icons/tabler-nodes-outline.json",
}


@dataclass(frozen=True)
class Supply:
    """One thing Debian supplies, and how to see whether it is there, from whatever source."""

    package: str
    present: Callable[[], bool]


def main(argv: list[str]) -> int:
    """Run one task; the rest of the arguments are handed to it."""
    tasks = {"demo": demo, "test": test, "check": check, "soak": soak, "setup": setup, "lock": lock}
    if not argv or argv[0] not in tasks:
        print(__doc__)
        return 0 if argv[:1] in (["-h"], ["--help"]) else 2
    if sys.version_info < (3, 11):  # noqa: UP036 - nothing has checked the floor before this line
        stop("Python 3.11 or newer is needed", "需要 Python 3.11 或更新版本")
    return tasks[argv[0]](argv[1:])


# --- tasks ---------------------------------------------------------------------------------------------


def demo(options: list[str]) -> int:
    """Set up, then become `hazard-flow demo`."""
    prepare(supplies=[*FOR_PDF, *FOR_DEMO], assets=True)
    become(VENV / "bin" / "hazard-flow", "demo", *options)


def test(options: list[str]) -> int:
    """Set up, then become pytest in the checkout; without names of tests, on the sample that each change must pass."""
    prepare(supplies=[*FOR_PDF, *FOR_DEMO, *FOR_TEST], assets=True)
    os.chdir(ROOT)
    sampled = [] if any(not option.startswith("-") for option in options) else ["--sampled"]
    # In the order tests/conftest.py gives them: long ones first. A third process would save two minutes and make browsers miss their time.
    become(
        PYTHON, "-m", "pytest", "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder", *sampled, *options
    )


def soak(options: list[str]) -> int:
    """Set up, then run the full counts that CI only samples."""
    prepare(supplies=[*FOR_PDF, *FOR_DEMO, *FOR_TEST], assets=True)
    become(VENV / "bin" / "hazard-flow", "soak", *options)


def setup(_options: list[str]) -> int:
    """Fetch all there is to fetch, and stop."""
    prepare(supplies=[*FOR_PDF, *FOR_DEMO, *FOR_TEST], assets=True)
    return 0


def check(_options: list[str]) -> int:
    """The fast checks: form, types, layers, both languages, shipped workflows. Runs all, then names what failed."""
    prepare(supplies=FOR_PDF, assets=False)
    tool = VENV / "bin"
    guard = ["tests/guards/test_messages.py", "-q", "-p", "no:randomly", "-p", "no:cacheprovider"]
    workflows = sorted(str(path) for path in (ROOT / "workflows").glob("*.v*.yaml"))
    steps: dict[str, list[str | Path]] = {
        "form": [tool / "ruff", "format", "--check", "."],
        "lint": [tool / "ruff", "check", "."],
        "types": [tool / "mypy"],
        "layers": [tool / "lint-imports"],
        "languages": [PYTHON, "-m", "pytest", *guard],
        "workflows": [tool / "hazard-flow", "workflow", "check", *workflows],
    }
    failed = []
    for name, command in steps.items():
        started = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        verdict = "ok" if done.returncode == 0 else "FAILED"
        say(f"{name:<10} {verdict:<7} {time.monotonic() - started:5.1f} s")
        if done.returncode:
            failed.append(name)
            print(done.stdout + done.stderr, flush=True)
    say(f"failed: {', '.join(failed)}" if failed else "all checks passed")
    return 1 if failed else 0


def lock(_options: list[str]) -> int:
    """Write requirements.lock anew: newest versions the floors allow, every hash, no address of any index."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", home / "venv"], check=True)
        subprocess.run([*pip(home / "venv" / "bin" / "python"), "install", "--quiet", "uv"], check=True)
        compile_: list[str | Path] = [
            home / "venv" / "bin" / "uv",
            "--quiet",
            "pip",
            "compile",
            "--universal",
            "--no-header",
        ]
        wanted = ["--python-version", "3.11", "--group", "dev", "--generate-hashes", "--no-emit-index-url"]
        done = subprocess.run(
            [*compile_, *wanted, "--no-annotate", "--upgrade", "pyproject.toml"],
            cwd=ROOT, env=index_for_uv(), stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
    lines = [line for line in done.stdout.splitlines() if not re.match(r"\s*(#|--(index|extra|find))", line)]
    header = "# Made by `python3 -m hazard_flow.dev lock` from pyproject.toml; not to be edited by hand.\n"
    LOCK.write_text(header + "\n".join(lines) + "\n", "utf-8")
    say(f"requirements.lock: {sum('==' in line for line in lines)} packages")
    return 0


# --- setting up ----------------------------------------------------------------------------------------


def prepare(*, supplies: Iterable[Supply], assets: bool) -> None:
    """Make everything a task needs; at once where it is already there. Two at a time wait for each other."""
    with (ROOT / "pyproject.toml").open("rb") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        install_debian_packages(supplies)
        make_venv()
        install_python_packages()
        if assets:
            fetch_assets()
            write_sprite()


def install_debian_packages(supplies: Iterable[Supply]) -> None:
    """As root, else through sudo, else print the one line for an administrator and stop."""
    missing = sorted({supply.package for supply in supplies if not supply.present()})
    if not missing:
        return
    install = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    if not shutil.which("apt-get"):
        stop(
            f"These are missing (Debian's names): {' '.join(missing)}",
            f"缺少以下软件(Debian 名称):{' '.join(missing)}",
        )
    first: list[str] = []
    if os.geteuid() != 0:
        if not shutil.which("sudo"):
            line = f"apt-get update && {' '.join(install)}"
            stop(
                f"Debian packages are missing; as root run:\n  {line}",
                f"缺少系统软件包,请以 root 运行:\n  {line}",
            )
        first = ["sudo", "--preserve-env=DEBIAN_FRONTEND"]
    say(f"installing from Debian: {' '.join(missing)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    patient = ["-q", "-o", "Dpkg::Use-Pty=0", "-o", "DPkg::Lock::Timeout=600"]
    run([*first, "apt-get", *patient, "update"], environment)
    run([*first, "apt-get", *patient, *install[1:]], environment)


def make_venv() -> None:
    """Without pip inside: Debian keeps ensurepip in a package of its own, and pip installs from outside as well."""
    if PYTHON.exists():
        return
    say("making .venv")
    run([base_python(), "-m", "venv", "--without-pip", str(VENV)])


def install_python_packages() -> None:
    """The locked packages with their hashes, then this checkout itself, editable; each only if it changed."""
    if stale(VENV, "lock", [LOCK]):
        say("installing the locked Python packages")
        run([*pip(PYTHON), "install", "--quiet", "--no-deps", "--require-hashes", "-r", str(LOCK)])
        stamp(VENV, "lock", [LOCK])
    project = [ROOT / "pyproject.toml", ROOT / "hazard_flow" / "__init__.py"]
    if stale(VENV, "project", project):
        say("installing this checkout")
        run([*pip(PYTHON), "install", "--quiet", "--no-deps", "--no-build-isolation", "-e", str(ROOT)])
        stamp(VENV, "project", project)


def fetch_assets() -> None:
    """Front-end libraries and fonts: through npm, by the hashes of package-lock.json, the few files we use kept."""
    sources = [WEB / "package.json", WEB / "package-lock.json", Path(__file__)]
    wanted = [*(VENDOR / name for name in VENDORED), *(VENDOR_DEV / name for name in VENDORED_DEV)]
    if not stale(VENDOR_DEV, "assets", sources) and all(path.exists() for path in wanted):
        return
    install_debian_packages([Supply("npm", on_path("npm")), Supply("nodejs", on_path("node"))])
    say("fetching front-end libraries and fonts")
    with tempfile.TemporaryDirectory() as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(WEB / name, folder)
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
        # A home that cannot be written to (or none) must not stop us: npm's cache goes with the folder.
        home = os.environ.get("HOME", "")
        cache = (
            {}
            if home and os.access(home, os.W_OK)
            else {"npm_config_cache": f"{folder}/cache", "HOME": folder}
        )
        run(["npm", "ci", *options], {**os.environ, **cache}, cwd=folder)
        modules = Path(folder) / "node_modules"
        for place, names in ((VENDOR, VENDORED), (VENDOR_DEV, VENDORED_DEV)):
            for name, source in names.items():
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(modules / source, place / name)
    stamp(VENDOR_DEV, "assets", sources)


def write_sprite() -> None:
    """icons.svg with the icons that web/icons.txt names, each as `<symbol id="i-NAME">`."""
    listed, drawn = WEB / "icons.txt", VENDOR_DEV / "tabler-nodes-outline.json"
    sprite = VENDOR / "icons.svg"
    if not listed.exists() or (sprite.exists() and not stale(VENDOR_DEV, "sprite", [listed, drawn])):
        return
    names = sorted({line.strip() for line in listed.read_text("utf-8").splitlines()} - {""})
    names = [name for name in names if not name.startswith("#")]
    nodes = json.loads(drawn.read_text("utf-8"))
    unknown = [name for name in names if name not in nodes]
    if unknown:
        stop(
            f"web/icons.txt names icons that do not exist: {unknown}",
            f"web/icons.txt 中的图标不存在:{unknown}",
        )
    style = 'viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"'
    symbols = [f'<symbol id="i-{name}" {style} {ROUND}>{shapes(nodes[name])}</symbol>' for name in names]
    body = "\n".join(symbols)
    sprite.write_text(f'<svg xmlns="http://www.w3.org/2000/svg">\n{body}\n</svg>\n', "utf-8")
    stamp(VENDOR_DEV, "sprite", [listed, drawn])


ROUND = 'stroke-linecap="round" stroke-linejoin="round"'


def shapes(nodes: Iterable[tuple[str, Mapping[str, str]]]) -> str:
    """SVG text of one icon's nodes: `[["path", {"d": "…"}], …]`."""
    drawn = []
    for tag, given in nodes:
        attributes = " ".join(f'{key}="{value}"' for key, value in given.items())
        drawn.append(f"<{tag} {attributes}/>")
    return "".join(drawn)


# --- what Debian supplies ------------------------------------------------------------------------------


def library(name: str) -> Callable[[], bool]:
    """Whether the loader finds this shared library."""

    def present() -> bool:
        try:
            ctypes.CDLL(name)
        except OSError:
            return False
        return True

    return present


def on_path(*names: str) -> Callable[[], bool]:
    """Whether one of these programs is on the PATH, administrators' folders included."""
    places = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"])
    return lambda: any(shutil.which(name, path=places) for name in names)


def any_file(pattern: str) -> Callable[[], bool]:
    """Whether a file of this pattern exists."""
    return lambda: bool(glob.glob(pattern))


#: WeasyPrint lays the pages out with Pango and thins the fonts with HarfBuzz.
FOR_PDF = [
    Supply("libpango-1.0-0", library("libpango-1.0.so.0")),
    Supply("libpangoft2-1.0-0", library("libpangoft2-1.0.so.0")),
    Supply("libharfbuzz-subset0", library("libharfbuzz-subset.so.0")),
]
#: Live alarms in the demo go through a real broker.
FOR_DEMO = [Supply("mosquitto", on_path("mosquitto"))]
FOR_TEST = [
    Supply("postgresql", any_file("/usr/lib/postgresql/*/bin/initdb")),
    Supply("chromium", on_path("chromium", "chromium-browser", "google-chrome")),
    # the driver that steers it is linked against a library a small Debian does not have
    Supply("libatomic1", library("libatomic.so.1")),
    Supply("mosquitto-clients", on_path("mosquitto_pub")),
    Supply("prometheus-alertmanager", on_path("prometheus-alertmanager", "alertmanager")),
    Supply("qpdf", on_path("qpdf")),
    Supply("poppler-utils", on_path("pdftotext")),
    # a browser that trusts an authority of our own
    Supply("libnss3-tools", on_path("certutil")),
    Supply("faketime", any_file("/usr/lib/*/faketime/libfaketimeMT.so.1")),
]


# --- small things --------------------------------------------------------------------------------------


def stale(place: Path, name: str, sources: list[Path]) -> bool:
    """Whether one of the sources differs from what `stamp` saw."""
    mark = place / f".{name}.stamp"
    return not mark.exists() or mark.read_text("ascii") != fingerprint(sources)


def stamp(place: Path, name: str, sources: list[Path]) -> None:
    """Remember what was installed, so that the next start is immediate."""
    (place / f".{name}.stamp").write_text(fingerprint(sources), "ascii")


def fingerprint(sources: list[Path]) -> str:
    """One hash over all sources, and over the interpreter they are installed for."""
    digest = hashlib.sha256(f"{sys.version_info[:2]}".encode())
    for path in sources:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def base_python() -> str:
    """The interpreter outside any venv: the one that has pip."""
    return str(getattr(sys, "_base_executable", None) or sys.executable)


def pip(python: Path) -> list[str]:
    """Pip from outside, working inside the given interpreter."""
    return [base_python(), "-m", "pip", "--python", str(python), "--disable-pip-version-check"]


def index_for_uv() -> dict[str, str]:
    """Let uv ask the index that pip is set up for; the address stays in the environment of that one process."""
    told = subprocess.run(
        [base_python(), "-m", "pip", "config", "get", "global.index-url"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    address = os.environ.get("PIP_INDEX_URL") or told.stdout.strip()
    return {**os.environ, **({"UV_DEFAULT_INDEX": address} if address else {})}


def become(program: Path, *arguments: str) -> NoReturn:
    """Replace this process, so that signals and the exit code are the program's own."""
    sys.stdout.flush()
    os.execv(program, [str(program), *arguments])  # noqa: S606 - a fixed program, no shell


def run(command: list[str], environment: Mapping[str, str] | None = None, *, cwd: str | None = None) -> None:
    """Run one set-up step silently; where it fails, show all it said, name it and stop."""
    done = subprocess.run(
        command, env=environment, cwd=cwd, check=False, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    if done.returncode:
        print(done.stdout, flush=True)
        said = " ".join(command)
        stop(
            f"set-up stopped, this failed ({done.returncode}):\n  {said}", f"安装中断,上述命令失败:\n  {said}"
        )


def say(message: str) -> None:
    """One line of progress."""
    print(f"· {message}", flush=True)


def stop(english: str, chinese: str) -> NoReturn:
    """End with a message in both languages."""
    raise SystemExit(f"{english}\n{chinese}")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
