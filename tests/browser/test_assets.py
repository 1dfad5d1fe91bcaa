"""The register at a desk: an asset is entered, corrected, its label scanned; a file with a fault is told row by row and stores nothing."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tests.harness.assets import registered, supplied
from tests.harness.browser import violations
from tests.harness.desk import choose_language, sitting
from tests.harness.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SHOTS = os.environ.get("SHOTS_DIR")


def test_an_asset_is_entered_and_corrected_at_a_desk(browser: "Browser", small_site: Site):
    with sitting(browser, small_site) as desk:
        desk.sign_in(small_site.username("何安全"))
        desk.open("/assets/new?kind=regulator")
        page = desk.page
        page.fill("#code", "TY-0332")
        page.fill("#name_zh", "听潮路调压箱")
        page.select_option("#regulator_type", "box")
        page.fill("#inlet_kpa", "many")
        page.click("form.asset-form button.pri")
        page.wait_for_selector("[role=alert] >> text=进口压力")
        page.fill("#inlet_kpa", "300")
        page.click("form.asset-form button.pri")
        page.wait_for_selector("h1 >> text=听潮路调压箱")
        page.wait_for_selector("dd >> text=300 kPa")
        desk.follow("header a[href$='/edit']")
        page.fill("#inlet_kpa", "350")
        page.click("form.asset-form button.pri")
        page.wait_for_selector("text=进口压力：300 kPa → 350 kPa")
        assert desk.complaints == []


def test_a_file_with_a_fault_stores_nothing_and_says_where(browser: "Browser", small_site: Site):
    file = "code,kind,name_zh,lon,lat,crs\nFX-1,valve_well,好的阀井,119.4,32.4,WGS84\nFX-2,valve_well,坏的阀井,219.4,32.4,WGS84\n"
    chosen = {"name": "wells.csv", "mimeType": "text/csv", "buffer": file.encode()}
    with sitting(browser, small_site) as desk:
        desk.sign_in(small_site.username("何安全"))
        desk.open("/assets/import")
        desk.page.set_input_files("#file", chosen)  # type: ignore[arg-type]
        desk.page.click("button[value=store]")
        desk.page.wait_for_selector("text=“lon”应在 -180 至 180 之间")
        assert desk.page.locator("td.num").first.inner_text() == "3"
        desk.page.set_input_files("#file", {**chosen, "buffer": file.replace("219", "119").encode()})  # type: ignore[arg-type]
        desk.page.click("button[value=store]")
        desk.page.wait_for_selector("text=已入库：新增 2，更正 0")
    assert small_site.client("何安全").get("/api/v1/assets/FX-1").status == 200


def test_pictures_for_people_to_look_at(browser: "Browser", small_site: Site):
    """Only where somebody asked for them."""
    shown = registered(small_site)
    supplied(small_site)
    found = {
        "title": "干管上方违章占压",
        "description": "干管上方堆土，巡线时发现",
        "asset_id": str(shown["pipe"]),
    }
    reported = small_site.client("王班长").post("/api/v1/hazards", found)
    assert reported.status in (201, 422), reported.body
    if not SHOTS:
        return
    paths = {
        "list": "/assets", "pipe": f"/assets/{shown['pipe']}", "user": f"/assets/{shown['user']}", "kinds": "/assets/new",
        "supply": "/supply", "form": f"/assets/{shown['user']}/edit", "labels": "/assets/labels", "import": "/assets/import",
    }  # fmt: skip
    for locale, theme, size in (
        ("zh", "light", "desk"),
        ("zh", "light", "tablet"),
        ("en", "dark", "desk"),
        ("en", "dark", "tablet"),
    ):
        choose_language(small_site, ["何安全"], locale)
        with sitting(browser, small_site, locale=locale, theme=theme, size=size) as desk:
            desk.sign_in(small_site.username("何安全"))
            for name, path in paths.items():
                assert desk.open(path) == 200
                assert (name, violations(desk.page)) == (name, [])
                desk.page.screenshot(path=Path(SHOTS) / f"{name}-{locale}-{theme}-{size}.png", full_page=True)
    choose_language(small_site, ["何安全"], "zh")
