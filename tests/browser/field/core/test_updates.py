"""A new version waits until somebody says so, comes whole or not at all, and takes nothing away."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hazard_flow.offline.shell.assets import STATIC
from tests.browser.field.core.capturing import draft_with, submit, take
from tests.browser.field.core.ground import LI, Ground, standing_ground
from tests.browser.field.core.judging import once_and_whole
from tests.browser.field.core.scenarios import confirmed
from tests.harness.cast import PASSWORD
from tests.harness.fault_proxy import Fault
from tests.harness.photos import tiny_jpeg
from tests.harness.tablet_browser import Tablet
from tests.harness.waiting import wait_for

_CACHES = "caches.keys().then((names) => names.filter((name) => name.startsWith('hf-shell-')))"
_LOOK = (
    "navigator.serviceWorker.getRegistration('/field').then((r) => r.update()).then(() => true, () => false)"
)
_WAITING = "navigator.serviceWorker.getRegistration('/field').then((r) => Boolean(r.waiting))"
_INSTALLING = "navigator.serviceWorker.getRegistration('/field').then((r) => Boolean(r.installing))"
_VERSION = "import('/field/version.js').then(({ VERSION }) => VERSION)"
_RESTART = """import("/field/static/core/updates.js").then(({ restartNow }) => restartNow()).catch((error) => error.code)"""


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The app's files as the server has them."""
    folder = tmp_path_factory.mktemp("release") / "static"
    shutil.copytree(STATIC, folder)
    return folder


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory, release: Path) -> Iterator[Ground]:
    """An installation whose app can be released anew."""
    with standing_ground(tmp_path_factory.mktemp("field"), static=release) as made:
        yield made


def release_anew(release: Path) -> None:
    """One byte of one file is enough."""
    with (release / "app.js").open("a") as file:
        file.write("\n")


def test_a_new_version_waits_for_the_draft_and_loses_nothing(
    ground: Ground, release: Path, tablets: Callable[..., Tablet]
):
    one = tablets()
    one.install()
    one.sign_in(LI, PASSWORD)
    before = one.page.evaluate(_VERSION)
    ground.line.rule = lambda method, path, headers: Fault.ERROR_PAGE if path.startswith("/api/") else None
    draft = draft_with(one, {"description": "新版本之前", "place": "青梧路 12 号"})
    photo = take(one, draft, tiny_jpeg())
    submit(one, draft)
    other = one.open("/field/outbox", new=True)
    one.call("updates", "setDraftOpen", True)
    release_anew(release)

    one.page.evaluate(_LOOK)
    wait_for(lambda: one.page.evaluate(_WAITING), bool)

    assert len(one.page.evaluate(_CACHES)) == 2
    assert one.page.evaluate(_RESTART) == other.evaluate(_RESTART) == "draft_open"
    one.page.reload()
    assert one.page.evaluate(_VERSION) == before
    # the reload closed the draft: its lock went with the page
    assert other.evaluate(_RESTART) is True
    after = wait_for(lambda: asked(one, _VERSION), lambda version: version not in (None, before))
    assert wait_for(lambda: asked(one, _CACHES), lambda names: names == [f"hf-shell-{after}"])
    assert wait_for(lambda: asked(one, _VERSION, page=other), lambda version: version == after)

    ground.line.rule = None
    one.call("sender", "kick", "online")
    assert len(confirmed(one)) == 1
    once_and_whole(ground, "新版本之前", [photo], owner=LI)


def test_a_version_that_does_not_come_whole_does_not_come(
    ground: Ground, release: Path, tablets: Callable[..., Tablet]
):
    one = tablets()
    one.install()
    before = one.page.evaluate(_VERSION)
    release_anew(release)
    ground.line.rule = lambda method, path, headers: Fault.PORTAL if path.endswith("outbox.js") else None

    one.page.evaluate(_LOOK)
    wait_for(lambda: one.page.evaluate(_INSTALLING), lambda busy: not busy)

    assert one.page.evaluate(_WAITING) is False
    one.offline()
    assert one.open().evaluate(_VERSION) == before


def test_the_cache_holds_the_app_and_nothing_of_anybody(ground: Ground, tablets: Callable[..., Tablet]):
    one = tablets()
    one.install()
    one.sign_in(LI, PASSWORD)
    one.call("data", "refreshData")
    one.open("/field/tasks")

    kept = one.page.evaluate(
        "caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name).then((c) => c.keys()))))"
        ".then((found) => found.flat().map((request) => new URL(request.url).pathname))"
    )

    assert "/field" in kept
    assert [path for path in kept if not path.startswith(("/field", "/static/"))] == []
    assert [path for path in kept if path.startswith("/field/tasks")] == []
    assert "李巡检" not in one.page.evaluate("caches.match('/field').then((answer) => answer.text())")


def asked(tablet: Tablet, expression: str, *, page: Any = None) -> Any:
    """The answer, or None while the page is being loaded anew."""
    from playwright.sync_api import Error

    try:
        return (page or tablet.page).evaluate(expression)
    except Error:
        return None
