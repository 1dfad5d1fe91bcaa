"""A tablet: a real Chromium with a profile of its own on the disk, which may be cut off, killed and opened again."""

import contextlib
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.harness.browser import chromium_path, environment
from tests.harness.fault_proxy import FaultProxy
from tests.harness.waiting import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Playwright

CORE = "/field/static/core"
UPRIGHT, SIDEWAYS = (834, 1112), (1112, 834)
ARGUMENTS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
)
WAIT_MS = 20_000
#: calls an exported function of a module; arguments and results are plain data
_CALL = "async ([module, name, args]) => (await import(module))[name](...args)"


class Tablet:
    """One tablet at an address; `open` and `kill` as often as a test wants."""

    def __init__(
        self, driver: "Playwright", profile: Path, line: FaultProxy, size: tuple[int, int] = UPRIGHT
    ) -> None:
        self._driver = driver
        self.profile = profile
        self.line = line
        self.url = line.url
        self._size = size
        self._context: BrowserContext | None = None
        self.complaints: list[str] = []

    @property
    def context(self) -> "BrowserContext":
        """The running browser."""
        assert self._context is not None, "the tablet is off"
        return self._context

    @property
    def page(self) -> "Page":
        """The tab opened first."""
        return self.context.pages[0]

    def switch_on(self, *, offline: bool = False) -> None:
        """Start the browser; no page of ours is open yet."""
        self.line.is_down = offline
        width, height = self._size
        self._context = self._driver.chromium.launch_persistent_context(
            str(self.profile),
            executable_path=chromium_path(),
            args=list(ARGUMENTS),
            env=environment(),
            viewport={"width": width, "height": height},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            accept_downloads=True,
        )
        self._context.set_default_timeout(WAIT_MS)
        self._context.set_offline(offline)

    def open(self, path: str = "/field", *, new: bool = False) -> "Page":
        """Open the app in the first tab, or another one, and wait until its modules answer."""
        page = self.context.new_page() if new or not self.context.pages else self.page
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(self.url + path, wait_until="load")
        return page

    def install(self) -> None:
        """Open the app once with a network, so that it is on the tablet."""
        page = self.open()
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        wait_for(lambda: page.evaluate("!!navigator.serviceWorker.controller"), bool, seconds=20)

    def offline(self, is_offline: bool = True) -> None:
        """Take the network away, or give it back: in the air, and for what the browser thinks of it."""
        self.line.is_down = is_offline
        self.context.set_offline(is_offline)

    def call(self, module: str, name: str, *args: Any, page: "Page | None" = None) -> Any:
        """Call an exported function of a core module: `call("outbox", "listRecords")`."""
        return (page or self.page).evaluate(_CALL, [f"{CORE}/{module}.js", name, list(args)])

    def sign_in(self, username: str, password: str, *, page: "Page | None" = None) -> Any:
        """As the app does it."""
        return self.call("session", "signIn", username, password, page=page)

    def kill(self) -> None:
        """kill -9 of the whole browser: nothing is flushed, nobody is asked."""
        for pid in _processes_of(self.profile):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_for(lambda: _processes_of(self.profile), lambda left: not left, seconds=20)
        self.switch_off()
        for lock in self.profile.glob("Singleton*"):
            lock.unlink()

    def switch_off(self) -> None:
        """Close the browser, if it still runs."""
        context, self._context = self._context, None
        if context is not None:
            with contextlib.suppress(Exception):
                context.close()


@contextmanager
def tablet(
    driver: "Playwright", profile: Path, line: FaultProxy, *, offline: bool = False
) -> Iterator[Tablet]:
    """A tablet that is switched on, until the block ends. Tablets on one line lose it together."""
    made = Tablet(driver, profile, line)
    made.switch_on(offline=offline)
    try:
        yield made
    finally:
        made.switch_off()


def _processes_of(profile: Path) -> list[int]:
    """The browser's processes, known by the profile they were started with; those that are only waited for do not count."""
    wanted, found = f"--user-data-dir={profile}".encode(), []
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if folder.name.isdigit() and wanted in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found
