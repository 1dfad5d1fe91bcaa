"""A safety director tries a draft in a real browser: refused with its lines, mended, then compared with what really happened."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hazard_flow.hazards.models import Hazard
from tests.browser.test_every_page import SHOTS
from tests.harness.browser import violations
from tests.harness.desk import Desk, choose_language, sitting
from tests.harness.site import Site
from tests.harness.versions import changed_text
from tests.harness.waiting import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def told_to_one(file: dict[str, Any]) -> None:
    """The first rung of the make-safe ladder no longer tells the team leader."""
    file["ladders"]["unsafe"][0]["tell"] = ["duty_desk"]


@pytest.mark.parametrize(("locale", "theme", "size"), [("zh", "light", "tablet"), ("en", "dark", "desk")])
def test_a_draft_is_tried(browser: "Browser", small_site: Site, locale: Any, theme: Any, size: str):
    choose_language(small_site, ["何安全"], locale)
    # the make-safe limit of half an hour ran out before the report: its first rung speaks at once
    found_at = small_site.city.now - timedelta(minutes=45)
    hazard = small_site.city.report("阀井漏气，读数偏高", found_at=found_at.isoformat())
    wait_for(lambda: _fired(small_site, hazard), bool)
    with sitting(browser, small_site, locale=locale, theme=theme, size=size) as desk:
        desk.sign_in(small_site.username("何安全"))
        broken = changed_text(told_to_one).decode().replace("to: closed", "to: nowhere")

        assert _try(desk, broken) == 422
        refused = desk.page.locator("#outcome")
        assert refused.locator("li").count() > 0
        _look(desk, f"replay-refused.{locale}.{theme}.{size}")

        assert _try(desk, changed_text(told_to_one).decode()) == 200
        assert desk.page.locator("svg.weeks rect.bar").count() > 0
        assert desk.page.locator(f"a[href='/hazards/{hazard.number}']").count() == 1
        _look(desk, f"replay-result.{locale}.{theme}.{size}")
        assert desk.complaints == []


def test_a_number_of_the_drawing_opens_its_list_by_keyboard(browser: "Browser", small_site: Site):
    choose_language(small_site, ["何安全"], "zh")
    hazard = small_site.city.bring_to(small_site.city.report(), "submitted")
    with sitting(browser, small_site) as desk:
        desk.sign_in(small_site.username("何安全"))
        desk.open("/help/workflows/general")
        desk.page.locator("svg.flow a[aria-label^='待复查']").focus()
        desk.page.keyboard.press("Enter")
        desk.page.wait_for_url("**/hazards?*state=submitted*")
        assert hazard.number in desk.page.locator("main").inner_text()


def _fired(site: Site, hazard: Hazard) -> bool:
    return any(event.type == "timer.escalated" for event in site.city.events(hazard))


def _try(desk: Desk, text: str) -> int:
    desk.open("/workflows/replay")
    desk.page.fill("#text", text)
    return desk.send(desk.page.locator("form.trial"), "/workflows/replay")


def _look(desk: Desk, name: str) -> None:
    assert [v["rule"] for v in violations(desk.page)] == []
    wide = desk.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        desk.page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)
