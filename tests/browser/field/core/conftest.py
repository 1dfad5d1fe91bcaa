"""One installation and one driver a file, tablets for each test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.field.core.ground import LI, Ground, standing_ground
from tests.harness.cast import PASSWORD
from tests.harness.tablet_browser import Tablet, tablet

if TYPE_CHECKING:
    from playwright.sync_api import Playwright


@pytest.fixture(scope="module")
def driver() -> Iterator["Playwright"]:
    """What steers the browsers of this file."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """One installation a file."""
    with standing_ground(tmp_path_factory.mktemp("field")) as made:
        yield made


@pytest.fixture
def ground(standing: Ground) -> Iterator[Ground]:
    """The installation with an honest line."""
    standing.make_honest()
    yield standing
    standing.make_honest()


@pytest.fixture(scope="module")
def issued(driver: "Playwright", standing: Ground, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The profile of a tablet with the app on it and Li signed in, switched off: to be copied."""
    profile = tmp_path_factory.mktemp("issued") / "profile"
    with tablet(driver, profile, standing.line) as one:
        one.install()
        one.sign_in(LI, PASSWORD)
    return profile


@pytest.fixture
def tablets(driver: "Playwright", ground: Ground, tmp_path: Path) -> Iterator[Callable[..., Tablet]]:
    """Makes tablets; each is switched off at the end, and must not have complained."""
    made: list[Tablet] = []
    with ExitStack() as stack:

        def make(profile: Path | None = None) -> Tablet:
            folder = profile or tmp_path / f"tablet-{len(made)}"
            one = stack.enter_context(tablet(driver, folder, ground.line))
            made.append(one)
            return one

        yield make
        assert [complaint for one in made for complaint in one.complaints] == []
