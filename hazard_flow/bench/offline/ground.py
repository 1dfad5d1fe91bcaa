"""An installation of its own on the embedded database: settled, one inspector's token, and `hazard-flow serve` as a process."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hazard_flow import app
from hazard_flow.bench.timers.databases import worker_environment
from hazard_flow.bench.timers.trial import end
from hazard_flow.evidence.store import Store
from hazard_flow.identity.operations import add_token
from hazard_flow.settings import load_settings
from hazard_flow.simulation.cast import load_cast
from hazard_flow.simulation.process import free_port
from hazard_flow.simulation.settling import settle
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database

UP_WITHIN_SECONDS = 120.0
_PASSWORD = "not-used-by-anybody"  # noqa: S105 - nobody signs in here
_INSPECTOR = "inspector"


@dataclass(frozen=True)
class Ground:
    """Where reports are sent, and where they are looked for afterwards."""

    port: int
    token: str
    database: Database
    store: Store


@contextmanager
def ground(folder: Path) -> Iterator[Ground]:
    """Up when this begins, ended when it ends."""
    settings = load_settings({}, DATA_DIR=folder, SECRET_KEY=os.urandom(32).hex())
    app.upgrade(settings)
    application = app.build(settings)
    token = _settle(application)
    port = free_port()
    log = (folder / "serve.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "hazard_flow", "serve", "--port", str(port)],
        stdout=log, stderr=log, text=True, env=worker_environment(settings),
    )  # fmt: skip
    try:
        _wait(port, process)
        yield Ground(port, token, application.database, application.store)
    finally:
        end([process])
        log.close()
        application.database.dispose()


def _settle(application: app.Application) -> str:
    now = application.clock.now()
    cast = load_cast()
    with application.database.transaction(SYSTEM) as session:
        settled = settle(session, cast, password=_PASSWORD, now=now)
        key = next(row.username for row in cast.people if _INSPECTOR in row.roles)
        return add_token(session, person=settled.people[key], name="bench", now=now)


def _wait(port: int, process: "subprocess.Popen[str]") -> None:
    until = time.monotonic() + UP_WITHIN_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
    raise RuntimeError("`hazard-flow serve` did not come up")
