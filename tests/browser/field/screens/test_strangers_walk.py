"""Somebody who has never seen the app reports a hazard: six touches, forty seconds, and it is there with its photo."""

import gzip
import json
import re
import time
from typing import TYPE_CHECKING

import pytest

from tests.harness.in_hand import in_hand, scene, shot
from tests.harness.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Response

TAPS_MAX = 6
SECONDS_MAX = 40
FIRST_LOAD_BYTES_MAX = 250 * 1024
FONTS = (".ttf", ".woff", ".woff2")


@pytest.mark.always
@pytest.mark.parametrize("size", ["upright", "lying"])
def test_a_hazard_is_reported_in_six_touches(browser: "Browser", small_site: Site, size: str):
    with in_hand(browser, small_site, size=size) as hand:
        hand.sign_in("李巡检")
        hand.taps, began = 0, time.monotonic()

        hand.open()
        hand.take("label.go", shot(11))
        hand.tap(".found-one >> text=VW-1")
        hand.step(2)
        hand.tap(".cat")
        hand.step(3)
        hand.submit()
        took = time.monotonic() - began

        [receipt] = hand.sent()

    assert hand.taps <= TAPS_MAX
    assert took <= SECONDS_MAX
    answer = small_site.client("李巡检").get(f"/api/v1/hazards/{receipt['number']}").json
    assert answer["title"]
    assert answer["asset"] is not None
    assert answer["lon"] == pytest.approx(119.4001)
    [kept] = small_site.client("李巡检").get(f"/api/v1/hazards/{receipt['number']}/evidence").json["items"]
    assert kept["size"] == len(scene(11))


def test_the_first_load_is_small(browser: "Browser", small_site: Site):
    fetched: dict[str, int] = {}

    def weigh(response: "Response") -> None:
        path = response.url.removeprefix(small_site.url)
        if response.ok and not path.startswith("/api/") and not path.split("?")[0].endswith(FONTS):
            fetched[path] = response.request.sizes()["responseBodySize"]

    with in_hand(browser, small_site) as hand:
        hand.page.on("response", weigh)
        hand.open("sign-in")
        hand.page.wait_for_load_state("networkidle")

    assert "/field/static/app.js" in fetched
    assert sum(fetched.values()) <= FIRST_LOAD_BYTES_MAX, fetched
    # the decoder and the signature pad come when they are needed
    assert not [path for path in fetched if "jsqr" in path or "signature" in path]


def test_all_that_is_kept_to_open_offline_is_as_small(small_site: Site):
    nobody = small_site.stranger()
    [table] = re.findall(r"const SHELL = (\[.*?\]);", nobody.get("/field/sw.js").body.decode())
    urls = [one["url"] for one in json.loads(table)]

    assert "/static/vendor/jsqr.js" in urls
    assert sum(len(gzip.compress(nobody.get(url).body)) for url in urls) <= FIRST_LOAD_BYTES_MAX
