"""Pages that stay true: readings, alarms, curve and map change before the eyes of whoever looks, in a real browser, without a reload."""

import os
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.devices import feed, furnish, say
from tests.browser.test_every_page import LOOKS, SHOTS
from tests.harness.browser import violations
from tests.harness.desk import Desk, choose_language, sitting
from tests.harness.site import Site
from tests.harness.waiting import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SHOWN = (
    LOOKS
    if SHOTS
    else [
        look
        for look in LOOKS
        if (look.locale, look.theme, look.size) in {("zh", "light", "tablet"), ("en", "dark", "desk")}
    ]
)
WAIT_MS = 20_000


def drawn(site: Site, code: str) -> None:
    """Wait until the worker has evaluated what the device said."""
    client = site.client("何安全")
    wait_for(lambda: client.get(f"/api/v1/devices/{code}").json["values"], bool)


def look(desk: Desk, name: str) -> None:
    assert violations(desk.page) == []
    assert desk.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
        f"{name} scrolls sideways"
    )
    if SHOTS:
        size = desk.page.viewport_size
        assert size is not None
        # grown instead of stitched: a page that follows never holds still
        height = desk.page.evaluate("document.documentElement.scrollHeight")
        desk.page.set_viewport_size({"width": size["width"], "height": max(size["height"], height)})
        desk.page.screenshot(path=os.path.join(SHOTS, f"{name}.png"))
        desk.page.set_viewport_size(size)


@pytest.mark.parametrize("look_as", SHOWN, ids=lambda one: f"{one.locale}-{one.theme}-{one.size}")
def test_the_pages_are_readable_while_a_feed_runs(browser: "Browser", small_site: Site, look_as: Any):
    ids = furnish(small_site)
    drawn(small_site, "L-103")
    drawn(small_site, "L-201")
    for value in (31, 34, 33):
        say(small_site, "L-103", {"m": {"ch4_lel": value}})
    client = small_site.client("何安全")
    wait_for(lambda: client.get("/api/v1/devices/L-103").json["alarm_level"], lambda level: level == 1)
    choose_language(small_site, ["何安全"], look_as.locale)
    tail = f"{look_as.locale}.{look_as.theme}.{look_as.size}"
    with (
        feed(small_site),
        sitting(browser, small_site, locale=look_as.locale, theme=look_as.theme, size=look_as.size) as desk,
    ):
        desk.sign_in(small_site.username("何安全"))
        for name, path, seen in (
            ("devices", "/devices", "[data-live][data-state=on]"),
            ("device", f"/devices/{ids['L-103']}?range=24h", "[data-curve] canvas"),
            (
                "device-pressure",
                f"/devices/{ids['L-201']}?quantity=pressure_in&range=6h",
                "[data-curve] canvas",
            ),
            ("device-silent", f"/devices/{ids['L-203']}", "[data-curve] canvas"),
            ("devices-silent", "/devices?state=no_data", "[data-live][data-state=on]"),
            ("devices-nothing", "/devices?q=nothing", "[data-live][data-state=on]"),
            ("map", "/devices/map", "[data-map] .pin.is-alarm"),
            ("device-form", f"/devices/{ids['L-101']}/edit", "form.register"),
            ("home", "/", "#devices-tile"),
        ):
            assert desk.open(path) == 200
            desk.page.locator(seen).first.wait_for(timeout=WAIT_MS)
            look(desk, f"{name}.{tail}")
        assert desk.complaints == []


def test_a_reading_changes_before_the_readers_eyes(browser: "Browser", small_site: Site):
    ids = furnish(small_site)
    choose_language(small_site, ["何安全"], "zh")
    with sitting(browser, small_site) as desk:
        desk.sign_in(small_site.username("何安全"))
        desk.open("/devices?q=L-101")
        desk.page.locator("[data-live][data-state=on]").wait_for(timeout=WAIT_MS)
        desk.page.evaluate("document.body.dataset.kept = 'yes'")
        say(small_site, "L-101", {"m": {"ch4_lel": 7.7}})
        desk.page.locator(f"tr[data-device='{ids['L-101']}'] .reading", has_text="7.7").wait_for(
            timeout=WAIT_MS
        )
        assert desk.page.locator("body[data-kept]").count() == 1
        assert desk.complaints == []


def test_a_site_on_the_map_turns_when_its_detector_alarms(browser: "Browser", small_site: Site):
    furnish(small_site)
    choose_language(small_site, ["何安全"], "zh")
    with sitting(browser, small_site) as desk:
        desk.sign_in(small_site.username("何安全"))
        desk.open("/devices/map")
        desk.page.locator("[data-map] .spot").first.wait_for(timeout=WAIT_MS)
        desk.page.locator("[data-live][data-state=on]").wait_for(timeout=WAIT_MS)
        for value in (61, 62, 63):
            say(small_site, "L-201", {"m": {"ch4_lel": value}})
        desk.page.locator("[data-map] .pin.is-alarm.l2").first.wait_for(timeout=WAIT_MS)
        desk.page.locator("#sites .alarm").first.wait_for(timeout=WAIT_MS)
        assert desk.complaints == []


def test_a_part_of_the_curve_is_looked_at_closely_and_left_again(browser: "Browser", small_site: Site):
    ids = furnish(small_site)
    drawn(small_site, "L-101")
    choose_language(small_site, ["何安全"], "en")
    with sitting(browser, small_site) as desk:
        desk.sign_in(small_site.username("何安全"))
        desk.open(f"/devices/{ids['L-101']}")
        over = desk.page.locator("[data-curve] .u-over")
        over.wait_for(timeout=WAIT_MS)
        place = over.bounding_box()
        assert place is not None
        with desk.page.expect_response(lambda answer: "/history?" in answer.url) as told:
            desk.page.mouse.move(place["x"] + place["width"] * 0.5, place["y"] + 50)
            desk.page.mouse.down()
            desk.page.mouse.move(place["x"] + place["width"] * 0.75, place["y"] + 60, steps=5)
            desk.page.mouse.up()
        steps = {item["step_seconds"] for item in told.value.json()["items"]}
        assert steps
        assert max(steps) <= 60
        with desk.page.expect_response(lambda answer: "/history?" in answer.url) as told:
            desk.page.locator("[data-curve] .u-over").dblclick(position={"x": 40, "y": 40})
        assert {item["step_seconds"] for item in told.value.json()["items"]} == {300}
        assert desk.complaints == []


def test_without_scripts_the_page_is_whole(browser: "Browser", small_site: Site):
    ids = furnish(small_site)
    drawn(small_site, "L-101")
    choose_language(small_site, ["何安全"], "en")
    with sitting(browser, small_site) as desk:
        desk.sign_in(small_site.username("何安全"))
        context = browser.new_context(
            java_script_enabled=False, storage_state=desk.page.context.storage_state()
        )
        page = context.new_page()
        page.goto(f"{small_site.url}/devices/{ids['L-101']}")
        assert page.locator("[data-curve] svg.spark path").count() > 0
        assert page.locator("[data-live]").is_hidden()
        page.goto(f"{small_site.url}/devices/map")
        assert page.locator("#sites li").count() >= 2
        context.close()


def test_more_onlookers_than_places_all_stay_up_to_date(browser: "Browser", small_site: Site):
    """Five pages of three people: some hold a stream, the others come back every few seconds; the site answers throughout."""
    ids = furnish(small_site)
    names = ["何安全", "李巡检", "王班长"]
    choose_language(small_site, names, "zh")
    pages = []
    for name in names:
        context = browser.new_context()
        desk = Desk(context.new_page(), small_site.url)
        desk.sign_in(small_site.username(name))
        pages.append(desk.page)
        pages.append(context.new_page())
    for page in pages:
        page.goto(f"{small_site.url}/devices?q=L-101")
    threading.Event().wait(1.5)
    say(small_site, "L-101", {"m": {"ch4_lel": 9.1}})
    for page in pages:
        page.locator(f"tr[data-device='{ids['L-101']}'] .reading", has_text="9.1").wait_for(timeout=40_000)
    assert small_site.client("何安全").get("/api/v1/devices?limit=1").status == 200
    for page in pages[::2]:
        page.context.close()
