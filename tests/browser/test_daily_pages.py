"""The pages of household checks and of works near pipes, as a person sees them: both languages, light and dark, desk and tablet."""

import random
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser import test_every_page as every
from tests.browser.test_every_page import LOOKS, Look, View
from tests.harness import daily_scenes
from tests.harness.desk import choose_language, sitting
from tests.harness.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WHO = ("赵经理", "李巡检", "唐监管")
SAMPLE = 4
KEY = re.compile(r"\b(?:households|construction)\.[a-z_]+(?:\.[a-z_]+)*\b")


@pytest.fixture(scope="module")
def views(small_site: Site) -> list[View]:
    """Every page of both, with something on it."""
    street, works = daily_scenes.a_street(small_site.city), daily_scenes.works_at_a_pipe(small_site.city)
    return [
        View("households", "/households", "赵经理"),
        View("households-users", "/households/users", "李巡检"),
        View("households-users-none", "/households/users?q=nothing", "唐监管"),
        View("households-plan", "/households/plan", "赵经理"),
        *(View(f"households-{name}", path, "李巡检") for name, path in street.items()),
        View("households-batch-manager", street["batch"], "赵经理"),
        View("construction", "/construction", "李巡检"),
        View("construction-none", "/construction?q=nothing", "唐监管"),
        View("construction-new", "/construction/new", "李巡检"),
        *(View(f"construction-{name}", path, "李巡检") for name, path in works.items()),
        View("construction-officer", works["guarded"], "唐监管"),
    ]


@pytest.fixture(scope="module")
def seats(browser: "Browser", small_site: Site) -> dict[str, Any]:
    """The cookies of everybody who looks, signed in once."""
    found: dict[str, Any] = {}
    for name in WHO:
        with sitting(browser, small_site) as desk:
            desk.sign_in(small_site.username(name))
            found[name] = desk.page.context.storage_state()
    return found


@pytest.mark.always
@pytest.mark.timeout(600)
@pytest.mark.parametrize("look", LOOKS, ids="-".join)
def test_pages_of_daily_work_can_be_read_by_everybody(
    browser: "Browser", small_site: Site, views: list[View], seats: dict[str, Any], look: Look
):
    choose_language(small_site, WHO, look.locale)
    pages = views if every.SHOTS or look == LOOKS[0] else random.sample(views, SAMPLE)
    faults: list[str] = []
    for who in WHO:
        with sitting(browser, small_site, **look._asdict(), storage=seats[who]) as desk:
            for view in (one for one in pages if one.who == who):
                faults += [f"{view.name}: {fault}" for fault in every.seen(desk, view, look)]
                faults += [
                    f"{view.name}: untranslated {key}"
                    for key in KEY.findall(desk.page.locator("body").inner_text())
                ]
    assert faults == []
