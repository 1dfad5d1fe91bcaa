"""CPU of a sealed closure file beside the same pages printed by a fresh headless Chromium; two processes; verifying; memory.

A hazard of the demo city with six of its photographs. Ours: laid out in the confined process and sealed B-B with a key held in memory,
all processor time of both processes. Theirs: Chromium started anew for each file, as a server without a browser pool would, the same HTML,
style sheets, pictures and fonts from files; its children are counted too. Warm figures: each begins after a file nobody counts.
"""

import ctypes
import os
import re
import resource
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from rich.progress import track

from hazard_flow import app
from hazard_flow.bench import Bar, Line, Options
from hazard_flow.evidence.models import Evidence
from hazard_flow.hazards.models import Hazard
from hazard_flow.ledger.keys import load_key
from hazard_flow.ledger.new_key import make_key
from hazard_flow.reports import closing, gather
from hazard_flow.reports.manuscript import Manuscript, sha256
from hazard_flow.reports.seal.pades import PadesSealer
from hazard_flow.reports.templates import fill, load_template
from hazard_flow.reports.verifying.whole import verify
from hazard_flow.reports.worker import Press, Rendered
from hazard_flow.resources import PACKAGE, resource_dir
from hazard_flow.settings import load_settings
from hazard_flow.simulation.city import build
from hazard_flow.simulation.process import ServerMissing
from hazard_flow.storage.scope import SYSTEM

FILES, PRINTS, TOGETHER, KEPT = 12, 6, 16, 199
PHOTOS = 6
BAR_CPU, BAR_TWO, BAR_VERIFY_MS, BAR_MEMORY = (
    Bar(0.9, False),
    Bar(1.7, True),
    Bar(60.0, False),
    Bar(1.05, False),
)
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_FONTS = PACKAGE / "web/static/vendor/fonts"
_SUBREAPER = 36  # prctl: processes left behind by a child become ours, and so does what they used


def run(options: Options) -> Sequence[Line]:
    """The figures; ServerMissing without a Chromium."""
    browser = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        raise ServerMissing("chromium")
    with tempfile.TemporaryDirectory(prefix="hazard-flow-bench-") as name:
        folder = Path(name)
        made = make_key(
            folder / "keys", organisation="恒川燃气", country="CN", passphrase="", now=datetime.now(UTC)
        )
        sealer = PadesSealer(load_key(str(made.key_file)))
        manuscript = _manuscript(folder, sealer, made.key_file)
        few = 3 if options.quick else 1
        ours, sealed, rendered = _ours(manuscript, sealer, FILES // few)
        theirs = _theirs(manuscript, browser, folder, PRINTS // few)
        checking = _checking(sealed, FILES // few)
        one, two = (_together(manuscript, sealer, size, TOGETHER // few) for size in (1, 2))
        early, late = _memory(manuscript, sealer, 12 if options.quick else KEPT)
    print(f"{rendered.pages} pages, {PHOTOS} photographs, {len(sealed):,} bytes")
    return [
        Line("sealed_file: cpu_ms", ours, "ms", "Chromium printing the same HTML", ours / theirs, BAR_CPU),
        Line("chromium: cpu_ms", theirs, "ms"),
        Line("two_processes: files_a_second", two, "1/s", "one process", two / one, BAR_TWO),
        Line("verify: cpu_ms", checking, "ms", f"bar {BAR_VERIFY_MS.limit:.0f} ms", None, BAR_VERIFY_MS),
        Line("memory_after_200: mib", late, "MiB", "after 10", late / early, BAR_MEMORY),
    ]


def _manuscript(folder: Path, sealer: PadesSealer, key_file: Path) -> Manuscript:
    settings = load_settings({}, DATA_DIR=folder, SECRET_KEY=os.urandom(32).hex(), SIGNING_KEY=str(key_file))
    app.upgrade(settings)
    application = app.build(settings)
    build(application.database, application.store, application.clock)
    app.make_sealer(application).run(
        application.clock.now()
    )  # a file is made once a checkpoint covers its last event
    photos = sa.func.count(Evidence.id)
    with application.database.reading(SYSTEM) as session:
        wanted = (
            sa.select(Hazard.id)
            .join(Evidence, Evidence.hazard_id == Hazard.id)
            .where(Hazard.closed_at.is_not(None), Evidence.kind.in_(("PHOTO_BEFORE", "PHOTO_AFTER")))
            .group_by(Hazard.id)
            .order_by(photos.desc())
            .limit(1)
        )
        sources = gather.read(session, session.scalars(wanted).one())
    written = closing.manuscript(
        sources, application.store, version=1, public_url="https://gas.example.org", signer=sealer.signer
    )
    return replace(written, data=_with_six(dict(written.data)))


def _with_six(data: dict[str, Any]) -> dict[str, Any]:
    """The same file with the first six of its photographs."""
    left, pairs, others = PHOTOS, [], []
    for pair in data["pairs"]:
        count = sum(pair[side] is not None for side in ("before", "after"))
        if count <= left:
            pairs.append(pair)
            left -= count
    for photo in data["others"][:left]:
        others.append(photo)
        left -= 1
    return data | {"pairs": pairs, "others": others}


def _ours(manuscript: Manuscript, sealer: PadesSealer, count: int) -> tuple[float, bytes, Rendered]:
    with Press() as press:
        rendered, sealed = _made(manuscript, sealer, press)
        taken = []
        for _ in track(range(count), description="bench closure: ours"):
            before = time.process_time() + _cpu_of(press)
            rendered, sealed = _made(manuscript, sealer, press)
            taken.append((time.process_time() + _cpu_of(press) - before) * 1000)
    return statistics.median(taken), sealed, rendered


def _made(manuscript: Manuscript, sealer: PadesSealer, press: Press) -> tuple[Rendered, bytes]:
    rendered = manuscript.print(press)
    assert rendered.seal_place is not None
    sealed = sealer.seal(rendered.pdf, rendered.seal_place, number=manuscript.number, at=datetime.now(UTC))
    return rendered, sealed.pdf


def _cpu_of(press: Press) -> float:
    """Seconds of processor time of the processes that lay out, as the kernel counts them."""
    ticks = 0
    for pid in press.processes():
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _theirs(manuscript: Manuscript, browser: str, folder: Path, count: int) -> float:
    page = _page(manuscript, folder)
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    _print(browser, page, folder)
    taken = []
    for _ in track(range(count), description="bench closure: Chromium"):
        before = _cpu_of_children()
        _print(browser, page, folder)
        taken.append((_cpu_of_children() - before) * 1000)
    return statistics.median(taken)


def _page(manuscript: Manuscript, folder: Path) -> Path:
    """The HTML the layout engine is given, with everything it names beside it in files."""
    template = load_template(resource_dir("report_templates"), manuscript.kind)
    html = fill(template, manuscript.data, zone=ZoneInfo(manuscript.zone), has_glyph=lambda _: True)
    sheets = "\n".join(template.stylesheets)
    for mime, data in manuscript.assets:
        (folder / f"{sha256(data)}.{mime.rpartition('/')[2]}").write_bytes(data)
        html = html.replace(f"asset:{sha256(data)}", f"{sha256(data)}.{mime.rpartition('/')[2]}")
    sheets = sheets.replace("font:regular", (_FONTS / "NotoSansSC_400Regular.ttf").as_uri())
    sheets = sheets.replace("font:bold", (_FONTS / "NotoSansSC_700Bold.ttf").as_uri())
    page = folder / "page.html"
    page.write_text(re.sub("</head>", lambda _: f"<style>{sheets}</style></head>", html, count=1), "utf-8")
    return page


def _print(browser: str, page: Path, folder: Path) -> None:
    out = folder / "printed.pdf"
    out.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as profile:
        subprocess.run(
            [
                browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}",
                "--no-pdf-header-footer", "--generate-pdf-document-outline", f"--print-to-pdf={out}", page.as_uri(),
            ],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        _reap()
    assert out.stat().st_size > 100_000, "Chromium printed the page with its pictures"


def _reap() -> None:
    """Wait for what the browser left behind; it is ours now, and is counted only once it has been waited for."""
    quiet_at = time.monotonic() + 0.5
    while time.monotonic() < quiet_at:
        try:
            ended, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not ended:
            time.sleep(0.02)


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _checking(sealed: bytes, count: int) -> float:
    verify(sealed)
    taken = []
    for _ in range(count):
        before = time.process_time()
        assert verify(sealed).is_intact
        taken.append((time.process_time() - before) * 1000)
    return statistics.median(taken)


def _together(manuscript: Manuscript, sealer: PadesSealer, size: int, count: int) -> float:
    """Files a second with so many processes, each fed by a thread."""
    with Press(size=size) as press:
        for _ in range(size):
            _made(manuscript, sealer, press)
        left = iter(range(count))
        lock = threading.Lock()

        def work() -> None:
            while True:
                with lock:
                    if next(left, None) is None:
                        return
                _made(manuscript, sealer, press)

        threads = [threading.Thread(target=work) for _ in range(size)]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return count / (time.perf_counter() - began)


def _memory(manuscript: Manuscript, sealer: PadesSealer, count: int) -> tuple[float, float]:
    """Resident memory of this process and the one that lays out, in MiB: after ten files, and after all."""
    early = 0.0
    with Press() as press:
        for made in track(range(1, count + 1), description="bench closure: memory"):
            _made(manuscript, sealer, press)
            if made == 10:
                early = _resident(press)
        return early, _resident(press)


def _resident(press: Press) -> float:
    pages = 0
    for pid in (os.getpid(), *press.processes()):
        pages += int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2
