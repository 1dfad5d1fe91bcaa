"""Three photos of seven megabytes, no network, kill -9: exactly one hazard and every bit of it, whatever the line does."""

import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.field.core.ground import Ground
from tests.browser.field.core.scenarios import SCENARIOS
from tests.harness.tablet_browser import tablet

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

ROUNDS = 30
#: the rounds of each half can go on side by side: a machine of two cores is done in half the time
HALVES = (tuple(SCENARIOS)[:4], tuple(SCENARIOS)[4:])
#: a quarter of a minute on a machine of one's own, minutes on one that is shared
pytestmark = pytest.mark.timeout(600)


@pytest.mark.drawn(0.35)
@pytest.mark.parametrize("name", SCENARIOS)
def test_field_report_arrives_once_and_whole(
    name: str, ground: Ground, driver: "Playwright", issued: Path, tmp_path: Path
):
    carry_out(name, ground, driver, issued, tmp_path / "tablet", f"单次 {name}")


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("names", HALVES, ids=["of_the_line", "of_people_and_servers"])
def test_field_report_arrives_in_every_one_of_thirty_rounds(
    names: tuple[str, ...], standing: Ground, driver: "Playwright", issued: Path, tmp_path: Path
):
    for number in range(1, ROUNDS + 1):
        for name in names:
            standing.make_honest()
            seconds = carry_out(name, standing, driver, issued, tmp_path / "tablet", f"第 {number} 轮 {name}")
            print(f"round {number:>2} {name:<26} {seconds:5.1f} s", flush=True)


def carry_out(
    name: str, ground: Ground, driver: "Playwright", issued: Path, profile: Path, word: str
) -> float:
    """One scenario on a tablet of its own, from a cold start without a network; how long it took, in seconds."""
    shutil.copytree(issued, profile, symlinks=True)
    began = time.monotonic()
    with tablet(driver, profile, ground.line, offline=True) as one:
        SCENARIOS[name](ground, one, word)
        assert one.complaints == []
    shutil.rmtree(profile)
    return time.monotonic() - began
