"""Judging a stranger's file in a process of its own: whatever it does to the libraries that read it, it does not do to the server."""

import io
import json
import os
import subprocess
import sys
import threading
from typing import Any

from hazard_flow.errors import OutsideWorld
from hazard_flow.reports.frames import write_frame
from hazard_flow.resources import PACKAGE

MODULE = "hazard_flow.reports.verifying"
SECONDS_MAX = 60.0
#: of an uploaded file; a closure file with 40 photos is 12 MB
FILE_BYTES_MAX = 32_000_000
_KEPT_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH")
#: one at a time: the page is open to everybody, and the processor is needed for hazards
_turn = threading.Semaphore(1)


class Busy(Exception):
    """Another file is being judged; worth asking again in some seconds."""


def judge_apart(pdf: bytes, *, trust_pem: str = "") -> dict[str, Any]:
    """The report as JSON values, or `{"unreadable": why}`. Raises Busy, and OutsideWorld when the process gave no answer."""
    if not _turn.acquire(timeout=SECONDS_MAX / 2):
        raise Busy
    try:
        return _judged(pdf, trust_pem)
    finally:
        _turn.release()


def _judged(pdf: bytes, trust_pem: str) -> dict[str, Any]:
    job = io.BytesIO()
    write_frame(job, {"trust": trust_pem}, [pdf])
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    try:
        done = subprocess.run(
            [sys.executable, "-m", MODULE],
            input=job.getvalue(),
            capture_output=True,
            timeout=SECONDS_MAX,
            check=False,
            env=kept | {"PYTHONPATH": str(PACKAGE.parent), "LANG": "C.UTF-8"},
        )
    except subprocess.TimeoutExpired:
        return {"unreadable": f"took longer than {SECONDS_MAX:g} s"}
    if done.returncode:
        raise OutsideWorld(f"the file could not be judged: {done.stderr[-300:].decode('utf-8', 'replace')}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
