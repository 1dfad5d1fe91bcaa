"""A server that speaks TLS, run beside a test, and a browser that trusts its authority or does not."""

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hazard_flow.cli.listening import bind
from hazard_flow.cli.secure_server import SecureServer
from hazard_flow.web.tls.authority import make
from hazard_flow.web.tls.naming import read
from tests.harness.browser import chromium_path

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BODY_BYTES_MAX = 2_000_000


@contextmanager
def secure(wsgi: Any, folder: Path) -> Iterator[SecureServer]:
    """The application over HTTPS on a port of its own, with an authority of its own in `folder`."""
    if not folder.exists():
        make(folder, read(["127.0.0.1"]), now=datetime.now(UTC))
    server = SecureServer(
        wsgi,
        bind("127.0.0.1", 0),
        certificate=folder / "server.crt",
        key=folder / "server.key",
        body_bytes_max=BODY_BYTES_MAX,
        idle_seconds=60,
    )
    server.prepare()
    thread = threading.Thread(target=server.serve, name="secure", daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join(timeout=10)


def port_of(server: SecureServer) -> int:
    """Where it listens."""
    return int(server.bind_addr[1])


@contextmanager
def browser_at(home: Path, *, trusting: Path | None = None) -> Iterator["Browser"]:
    """A browser of somebody with a home of their own, and in it the certificate they installed."""
    from playwright.sync_api import sync_playwright

    store = home / ".pki" / "nssdb"
    store.mkdir(parents=True)
    subprocess.run(["certutil", "-d", f"sql:{store}", "-N", "--empty-password"], check=True)
    if trusting is not None:
        install = ["certutil", "-d", f"sql:{store}", "-A", "-t", "C,,", "-n", "ours", "-i", str(trusting)]
        subprocess.run(install, check=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=chromium_path(),
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
            env={**os.environ, "HOME": str(home)},
        )
        try:
            yield browser
        finally:
            browser.close()
