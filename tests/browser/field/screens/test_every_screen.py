"""Every screen and state of the field app, looked at in real Chromium: axe finds nothing, nothing runs over the edge, targets are large.

A run looks at three of the looks; with SHOTS_DIR set, at all of them, and a picture of each screen is left there for people to look at.
"""

import itertools
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

import pytest

from tests.harness.browser import violations
from tests.harness.in_hand import Hand, in_hand, shot
from tests.harness.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

SHOTS = os.environ.get("SHOTS_DIR")
KEY = re.compile(r"\bfield\.[a-z_]+(?:\.[a-z_0-9]+)*\b")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
TARGET_PX = 44
#: every image that is loading; one marked lazy and out of sight never loads, and its `decode()` would never end
DECODED = """() => Promise.all([...document.images].filter((one) => one.complete || one.loading !== "lazy")
  .map((one) => one.decode().catch(() => {})))"""
#: everything a finger aims at that is smaller than it should be; a link within a sentence may be as small as its line
SMALL = """(least) => [...document.querySelectorAll("#app a, #app button, #app input, #app textarea, #app select, #app summary")]
  .filter((one) => one.checkVisibility() && !one.closest(".vh, .skip"))
  .filter((one) => !one.matches("p a, li > span a, .bare, [type=checkbox], .search input"))
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && (box.height < least - 0.5 || box.width < least - 0.5))
  .map(([one, box]) => `${one.tagName}.${one.className} ${one.textContent.slice(0, 24)} ` +
    `${Math.round(box.width)}x${Math.round(box.height)}`)"""


class Look(NamedTuple):
    """How it is looked at."""

    locale: Literal["zh", "en"]
    theme: Literal["light", "dark"]
    size: Literal["upright", "lying", "desk"]


ALL = [Look(*one) for one in itertools.product(("zh", "en"), ("light", "dark"), ("upright", "lying", "desk"))]  # type: ignore[arg-type]
SOME = [Look("zh", "light", "upright"), Look("en", "dark", "lying"), Look("en", "light", "desk")]


@dataclass
class Looking:
    """Somebody who looks at one screen after the other and writes down what is wrong."""

    hand: Hand
    look: Look
    faults: list[str] = field(default_factory=list)

    def see(self, name: str) -> None:
        """The screen as it stands."""
        page = self.hand.page
        page.mouse.move(0, 0)
        # a strip of thumbnails or a late image still moves things about
        page.evaluate(DECODED)
        found = [f"{v['rule']} ({v['impact']}) {v['where'][:3]}" for v in violations(page)]
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            found.append(f"{wide} px too wide")
        found += [f"small target {one}" for one in page.evaluate(SMALL, TARGET_PX)]
        text = cast("str", page.locator("body").inner_text())
        found += [f"untranslated {key}" for key in sorted(set(KEY.findall(text)))]
        if page.locator("html").get_attribute("lang") != ("zh-CN" if self.look.locale == "zh" else "en"):
            found.append("another language")
        if " · " not in page.title():
            found.append(f"title {page.title()!r}")
        if page.locator("h1").count() != 1:
            found.append(f"{page.locator('h1').count()} headings of the first rank")
        self.faults += [f"{name}: {one}" for one in found]
        if SHOTS:
            folder = Path(SHOTS)
            folder.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=folder / f"{name}.{'.'.join(self.look)}.png")


@pytest.fixture(scope="module")
def numbers(small_site: Site) -> dict[str, str]:
    """Hazards at several points of their way."""
    city = small_site.city
    found = {
        state: city.bring_to(city.report(f"调压箱锈蚀（{state}）", asset="VW-1"), state).number
        for state in ("assigned", "rectifying", "submitted")
    }
    found["household"] = city.household().number
    return found


@pytest.mark.always
@pytest.mark.timeout(400)
@pytest.mark.parametrize("look", ALL if SHOTS else SOME, ids="-".join)
def test_screens_can_be_used_by_everybody(
    browser: "Browser", small_site: Site, numbers: dict[str, str], look: Look
):
    faults: list[str] = []
    with in_hand(browser, small_site, locale=look.locale, theme=look.theme, size=look.size) as hand:
        looking = Looking(hand, look, faults)
        first_sight(looking)
        hand.sign_in("王班长")
        reporting(looking)
        tasks_and_acts(looking, numbers)
        trouble(looking, small_site)
        around(looking)
    with in_hand(
        browser, small_site, locale=look.locale, theme=look.theme, size=look.size, knows_where=False
    ) as hand:
        hand.sign_in("徐复查")
        rechecking(Looking(hand, look, faults), numbers)
    assert not faults, "\n".join(faults)


def first_sight(looking: Looking) -> None:
    """Nobody signed in."""
    hand = looking.hand
    hand.open()
    hand.page.wait_for_selector("#signin")
    looking.see("sign-in")
    hand.tap("#signin button[type=submit]")
    looking.see("sign-in-error")
    hand.open("home")
    hand.page.wait_for_selector(".hero")
    looking.see("home-nobody")


def reporting(looking: Looking) -> None:
    """The three steps, and what stands after them, offline."""
    hand = looking.hand
    looking.see("home")
    hand.installed()
    hand.open("report/new")
    hand.page.wait_for_selector(".found-one")
    looking.see("report-1-empty")
    hand.take(".view .shutter", shot(71))
    hand.page.wait_for_selector(".framed svg")
    hand.tap(".tools .btn >> nth=1")
    hand.page.locator(".framed svg").focus()
    hand.page.keyboard.press("Enter")
    hand.page.wait_for_selector(".framed ellipse")
    looking.see("report-1-marked")
    hand.step(2)
    hand.page.wait_for_selector(".cat")
    looking.see("report-2")
    hand.step(3)
    looking.see("report-3-gaps")
    hand.open(f"report/{hand.drafts()[0]['id']}/1")
    hand.tap(".found-one >> text=VW-1")
    hand.page.wait_for_selector(".av.l")
    looking.see("report-1-placed")
    hand.step(2)
    hand.tap(".cat >> nth=1")
    hand.page.wait_for_selector(".cat[aria-checked=true]")
    hand.tap("#level-C")
    looking.see("report-2-lower")
    hand.page.fill("textarea", "现场已停用，等级从低")
    hand.open("home")
    hand.page.wait_for_selector(".hero")
    looking.see("home-draft")
    hand.open(f"report/{hand.drafts()[0]['id']}/3")
    hand.page.wait_for_selector("footer .btn.pri:not([disabled])")
    looking.see("report-3")
    hand.offline()
    hand.wait_for_event("!navigator.onLine")
    hand.submit()
    looking.see("stored-offline")
    hand.open("home")
    hand.page.wait_for_selector(".out")
    looking.see("home-offline")
    hand.open("outbox")
    hand.page.wait_for_selector(".out")
    looking.see("outbox-offline")
    hand.tap(".out")
    hand.page.wait_for_selector(".rows .chip")
    looking.see("record-waiting")
    hand.offline(False)
    hand.sent()
    hand.open("outbox")
    hand.page.wait_for_selector(".chip.fine")
    looking.see("outbox-confirmed")


def tasks_and_acts(looking: Looking, numbers: dict[str, str]) -> None:
    """Lists, one task, and a form with what is missing."""
    hand = looking.hand
    hand.call("core/data", "refreshData")
    hand.open("tasks")
    hand.page.wait_for_selector(".task")
    looking.see("tasks")
    hand.page.fill("input[type=search]", "nothing like this")
    hand.page.wait_for_selector(".void")
    looking.see("tasks-no-match")
    for state in ("assigned", "rectifying"):
        hand.open(f"task/{numbers[state]}")
        hand.page.wait_for_selector(".steps")
        looking.see(f"task-{state}")
    hand.tap(".act .btn.pri")
    hand.page.wait_for_selector(".cap footer .missing")
    looking.see("act-submit")
    hand.tap("footer .btn.pri")
    hand.page.wait_for_selector(".bad")
    looking.see("act-submit-errors")
    hand.open("task/YH-000000-20200101-0001")
    hand.page.wait_for_selector(".void")
    looking.see("task-gone")


def trouble(looking: Looking, site: Site) -> None:
    """What was not accepted, what stopped, what cannot be drawn, no room left."""
    hand, city = looking.hand, site.city
    hazard = city.bring_to(city.report("阀井井圈开裂"), "assigned")
    hand.call("core/data", "refreshData")
    hand.offline()
    hand.open(f"task/{hazard.number}")
    hand.tap(".act summary")
    hand.tap(".act .btn:has(use[href$='i-arrow-back-up'])")
    hand.page.wait_for_selector(".cap footer")
    hand.tap("[data-field=return_reason] .opt >> nth=1")
    hand.page.fill("[data-field=note] textarea", "现场不是这个阀井")
    hand.submit()
    city.accept(hazard)
    hand.offline(False)
    hand.contested()
    hand.call("core/data", "refreshData")
    hand.open("outbox")
    hand.page.wait_for_selector(".rows .btn.pri")
    looking.see("outbox-contested")
    hand.tap(".rows .btn.pri")
    hand.page.wait_for_selector(".facts >> nth=1")
    looking.see("record-contested")

    def refuse(route: "Route") -> None:
        route.fulfill(
            status=400, content_type="application/problem+json", body='{"code": "bad_request", "errors": []}'
        )

    hand.page.route("**/api/v1/submissions/**", refuse)
    hand.open("report/new")
    hand.take(".view .shutter", shot(72))
    hand.tap(".found-one >> text=VW-1")
    hand.step(2)
    hand.tap(".cat")
    hand.step(3)
    hand.submit()
    hand.page.wait_for_selector(".stored .chip.dark")
    looking.see("stored-needs-you")
    hand.open("home")
    hand.page.wait_for_selector(".out >> nth=1")
    looking.see("home-needs-you")
    hand.page.unroute("**/api/v1/submissions/**")
    no_room_for_photos(looking)
    hand.context.add_init_script("navigator.storage.estimate = async () => ({ usage: 96e8, quota: 1e10 })")
    hand.open("home")
    hand.page.reload()
    hand.page.wait_for_selector(".side .bar")
    looking.see("home-little-room")
    hand.open("report/00000000-0000-7000-8000-000000000000/1")
    hand.page.wait_for_selector(".void")
    looking.see("draft-gone")


def no_room_for_photos(looking: Looking) -> None:
    """The disk takes no more: the photo is named, the draft stands."""
    hand = looking.hand
    hand.open("report/new")
    hand.page.wait_for_selector(".found-one")
    hand.page.evaluate(
        """() => {
            const put = IDBObjectStore.prototype.put;
            IDBObjectStore.prototype.put = function (...given) {
                if (this.name === "blobs") throw new DOMException("no room", "QuotaExceededError");
                return put.apply(this, given);
            };
        }"""
    )
    hand.take(".view .shutter", shot(73))
    hand.page.wait_for_selector("[role=alert] >> text=IMG_0073.JPG")
    looking.see("report-1-storage-full")
    hand.page.reload()
    hand.page.wait_for_selector(".found-one")


def around(looking: Looking) -> None:
    """Scanning, the person, the new version."""
    hand = looking.hand
    hand.open("scan")
    hand.page.wait_for_selector(".view .unseen")
    looking.see("scan-no-camera")
    hand.page.fill("input[type=search]", "vw-1")
    hand.tap(".found-one")
    hand.page.wait_for_selector(".doors")
    looking.see("scan-found")
    hand.page.evaluate("async () => (await import('/field/static/parts/frame.js')).banners.newVersion()")
    hand.page.wait_for_selector(".banner")
    looking.see("update-ready")
    hand.open("me")
    hand.tap("summary")
    looking.see("me")


def rechecking(looking: Looking, numbers: dict[str, str]) -> None:
    """Item by item, without a position."""
    hand = looking.hand
    hand.open(f"task/{numbers['submitted']}")
    hand.tap(".act .btn.pri")
    hand.page.wait_for_selector(".item")
    hand.tap("#item-0-pass")
    looking.see("recheck")
    hand.tap("#item-1-fail")
    looking.see("recheck-failing")
