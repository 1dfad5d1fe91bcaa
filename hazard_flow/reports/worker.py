"""Making PDFs from the web or worker process without holding WeasyPrint: a few short-lived processes at the other end of a pipe.

A renderer that hangs is killed at its deadline, one that crashes is replaced; either way the caller gets an error and the next job a fresh
process. An idle one is ended after two minutes, so an idle server holds no layout engine and no fonts.
"""

import contextlib
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from hazard_flow.errors import OutsideWorld
from hazard_flow.reports.frames import read_frame, write_frame
from hazard_flow.resources import PACKAGE

MODULE = "hazard_flow.reports.render"
SECONDS_MAX = 90
IDLE_SECONDS = 120
#: WeasyPrint was measured not to leak over 200 reports; a fresh process now and then costs a second and keeps it so.
JOBS_MAX = 200
#: No font of the host: the same record must give the same bytes on every machine.
FONTCONFIG = '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><cachedir>{0}</cachedir></fontconfig>'
_KEPT_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "SYSTEMROOT")


@dataclass(frozen=True)
class Attachment:
    """A file carried inside the PDF (PDF/A-3, relationship Data)."""

    name: str
    description: str
    data: bytes


@dataclass(frozen=True)
class SealPlace:
    """Where a seal goes: page from 0, and its corners in points from the lower left corner of the page."""

    page: int
    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True)
class Rendered:
    """A finished PDF."""

    pdf: bytes
    pages: int
    #: What the layout engine disliked (an image without description, an unknown property); empty in a good template.
    complaints: tuple[str, ...]
    #: Where the template left room for a seal (`id="seal"` to `id="seal-end"`), if it did.
    seal_place: SealPlace | None = None


class Press:
    """Renders reports in `size` processes started on demand; safe to share between threads. Close it, or use it in `with`."""

    def __init__(
        self, *, size: int = 1, seconds_max: float = SECONDS_MAX, idle_seconds: float = IDLE_SECONDS
    ) -> None:
        self._seconds_max = seconds_max
        self._idle_seconds = idle_seconds
        self._renderers = [_Renderer() for _ in range(size)]
        self._free: queue.LifoQueue[_Renderer] = queue.LifoQueue()
        for renderer in self._renderers:
            self._free.put(renderer)

    def render(
        self,
        template: str,
        data: Mapping[str, Any],
        *,
        identifier: str,
        created_at: datetime,
        zone: str,
        assets: Sequence[tuple[str, bytes]] = (),
        attachments: Sequence[Attachment] = (),
        xmp: Mapping[str, str] | None = None,
        seconds_max: float | None = None,
    ) -> Rendered:
        """The PDF of a report. Assets are (MIME type, bytes), addressed in the template as `asset:<sha256>`.

        The same arguments give the same bytes. Raises OutsideWorld: permanent when the report itself is at fault (template,
        data, a missing asset), else a crash or the time limit, and worth another try.
        """
        seconds_max = seconds_max or self._seconds_max
        header = {
            "template": template,
            "data": data,
            "identifier": identifier,
            "created": created_at.isoformat(),
            "zone": zone,
            "assets": [mime for mime, _ in assets],
            "attachments": [{"name": a.name, "description": a.description} for a in attachments],
            "xmp": dict(xmp or {}),
            "cpu_seconds_max": int(seconds_max) + 1,
        }
        blobs = [data for _, data in assets] + [a.data for a in attachments]
        renderer = self._free.get()
        try:
            said, answer = renderer.ask(header, blobs, seconds_max)
        finally:
            renderer.end_after(self._idle_seconds)
            self._free.put(renderer)
        if not said["ok"]:
            raise OutsideWorld(f"the report {template!r} could not be made: {said['detail']}", permanent=True)
        place = SealPlace(*said["seal"]) if said["seal"] else None
        return Rendered(answer[0], said["pages"], tuple(said["complaints"]), place)

    def processes(self) -> list[int]:
        """The ids of the processes running now; none while idle."""
        return [pid for renderer in self._renderers if (pid := renderer.pid) is not None]

    def close(self) -> None:
        """End the processes."""
        for renderer in self._renderers:
            renderer.end()

    def __enter__(self) -> "Press":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Renderer:
    """One process at most, started by the first job. Only one thread asks at a time; the idle timer may end it between jobs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._idle: threading.Timer | None = None
        self._jobs = 0

    @property
    def pid(self) -> int | None:
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def ask(
        self, header: Mapping[str, Any], blobs: list[bytes], seconds_max: float
    ) -> tuple[dict[str, Any], list[bytes]]:
        with self._lock:
            self._forget_idle()
            process = self._running()
            late = threading.Event()
            watchdog = threading.Timer(seconds_max, _kill_late, (process, late))
            watchdog.daemon = True
            watchdog.start()
            try:
                assert process.stdin is not None
                assert process.stdout is not None
                write_frame(process.stdin, header, blobs)
                answer = read_frame(process.stdout)
            except (OSError, EOFError, ValueError) as error:
                detail = self._last_words()
                self._end()
                why = f"took longer than {seconds_max:g} s" if late.is_set() else f"stopped: {detail}"
                raise OutsideWorld(f"the report renderer {why}") from error
            finally:
                watchdog.cancel()
            self._jobs += 1
            if self._jobs >= JOBS_MAX:
                self._end()
            return answer

    def end_after(self, seconds: float) -> None:
        """End the process unless another job comes first."""
        with self._lock:
            self._forget_idle()
            self._idle = threading.Timer(seconds, self.end)
            self._idle.daemon = True
            self._idle.start()

    def end(self) -> None:
        with self._lock:
            self._forget_idle()
            self._end()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._folder = tempfile.TemporaryDirectory(prefix="hazard-flow-render-")
            folder = Path(self._folder.name)
            (folder / "fonts.conf").write_text(FONTCONFIG.format(folder / "cache"), "utf-8")
            # Nothing of our environment goes along: it may hold the database's address and keys.
            environment = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ} | {
                "HOME": str(folder),
                "TMPDIR": str(folder),
                "XDG_CACHE_HOME": str(folder),
                "FONTCONFIG_FILE": str(folder / "fonts.conf"),
                "PYTHONPATH": str(PACKAGE.parent),
                "PYTHONHASHSEED": "0",
                "LANG": "C.UTF-8",
            }
            with (folder / "stderr").open("wb") as words:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", MODULE],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=words,
                    cwd=folder,
                    env=environment,
                )
        return self._process

    def _last_words(self) -> str:
        assert self._folder is not None
        with (Path(self._folder.name) / "stderr").open("rb") as words:
            words.seek(max(0, words.seek(0, os.SEEK_END) - 400))
            return words.read().decode("utf-8", "replace").strip() or "no message"

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    _close(pipe)
            self._process.wait()
        if self._folder is not None:
            self._folder.cleanup()
        self._process, self._folder, self._jobs = None, None, 0

    def _forget_idle(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None


def _kill_late(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    process.kill()


def _close(pipe: IO[bytes]) -> None:
    with contextlib.suppress(OSError):  # bytes meant for a process that died
        pipe.close()
