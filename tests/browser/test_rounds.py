"""The pages of rounds as people see them: readable in every look, and a sheet that is filled in at the desk."""

import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.test_every_page import LOOKS, Look, View, seen
from tests.harness import rounds_scene
from tests.harness.desk import choose_language, sitting
from tests.harness.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WHO = "王班长"


@pytest.fixture(scope="module")
def shown(small_site: Site) -> dict[str, str]:
    return rounds_scene.fill(small_site.city)


@pytest.fixture(scope="module")
def seat(browser: "Browser", small_site: Site) -> Any:
    with sitting(browser, small_site) as desk:
        desk.sign_in(small_site.username(WHO))
        return desk.page.context.storage_state()


def views(shown: dict[str, str]) -> list[View]:
    return [
        View("rounds", "/rounds", WHO),
        View("rounds-nothing", "/rounds?since=2020-01-01&until=2020-01-02", WHO),
        View("rounds-calendar", "/rounds/calendar", WHO),
        View("rounds-patrol", f"/rounds/{shown['patrol']}", WHO),
        View("rounds-wells", f"/rounds/{shown['wells']}", WHO),
        View("rounds-open", f"/rounds/{shown['open']}", WHO),
        View("rounds-fill", f"/rounds/{shown['open']}/fill", WHO),
        View("rounds-plans", "/rounds/plans", WHO),
        View("rounds-plan", f"/rounds/plans/{shown['plan']}", WHO),
        View("rounds-plan-new", "/rounds/plans/new", WHO),
        View("checklists", "/checklists", WHO),
        View("checklist", "/checklists/regulator_maintenance", WHO),
    ]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "look",
    [LOOKS[0], LOOKS[-1]] if not os.environ.get("SHOTS_DIR") else [LOOKS[0], LOOKS[-1], LOOKS[1]],
    ids="-".join,
)
def test_pages_of_rounds_can_be_read_by_everybody(
    browser: "Browser", small_site: Site, shown: dict[str, str], seat: Any, look: Look
):
    choose_language(small_site, [WHO], look.locale)
    faults: list[str] = []
    with sitting(browser, small_site, **look._asdict(), storage=seat) as desk:
        for view in views(shown):
            faults += [f"{view.name}: {fault}" for fault in seen(desk, view, look)]
    assert faults == []
