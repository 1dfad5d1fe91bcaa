"""With a camera the page may open: the before-photo laid over the live picture, and a code read from it."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import segno
from PIL import Image

from tests.harness.browser import chromium_path, environment
from tests.harness.in_hand import Hand, in_hand
from tests.harness.site import Site
from tests.harness.waiting import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser

OPTIONS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--use-fake-ui-for-media-stream"]


@pytest.fixture(scope="module")
def filming(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Browser]":
    """A browser whose camera films a label with the code VW-1."""
    from playwright.sync_api import sync_playwright

    film = tmp_path_factory.mktemp("film") / "label.mjpeg"
    film.write_bytes(frame("VW-1"))
    fake = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"]
    with sync_playwright() as driver:
        made = driver.chromium.launch(
            executable_path=chromium_path(), args=[*OPTIONS, *fake], env=environment()
        )
        yield made
        made.close()


def frame(text: str) -> bytes:
    """One frame of the film, as a camera without much contrast sees a label."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="png", scale=9, border=4)
    wall = Image.new("RGB", (1280, 720), (176, 178, 172))
    wall.paste(Image.open(drawn).convert("RGB"), (480, 200))
    out = io.BytesIO()
    wall.save(out, "JPEG", quality=85)
    return out.getvalue()


@pytest.fixture
def hand(filming: "Browser", small_site: Site) -> Iterator[Hand]:
    """A tablet with a camera."""
    with in_hand(filming, small_site) as made:
        made.context.grant_permissions(["camera", "geolocation"])
        yield made


def test_the_live_picture_finds_the_asset(hand: Hand):
    hand.sign_in("李巡检")
    hand.open("scan")
    hand.page.wait_for_selector("h2 >> text=青梧路阀井")


def test_the_photo_before_lies_over_the_live_picture(hand: Hand, small_site: Site):
    city = small_site.city
    hazard = city.bring_to(city.report("填料处渗漏"), "rectifying")
    [before] = city.evidence(hazard)
    hand.sign_in("王班长")
    hand.wait_for_event(f"(await import('/field/static/core/data.js')).taskPhotoUrl('{before.sha256}')")
    hand.open(f"task/{hazard.number}")
    hand.tap(".act .btn >> text='申请复查'")
    hand.page.wait_for_selector(".view video + img.ghost")
    hand.page.locator("input.sl[type=range]").first.fill("80")
    assert hand.page.locator("img.ghost").evaluate("one => one.style.opacity") == "0.8"
    hand.tap(".shutter-knob")
    [photo] = wait_for(lambda: hand.drafts()[0]["photos"], bool)

    assert photo["pair_of"] == before.sha256
    assert photo["kind"] == "PHOTO_AFTER"
    assert photo["mime"] == "image/jpeg"
    assert Path(photo["filename"]).suffix == ".jpg"


def test_leaving_lets_go_of_the_camera(hand: Hand):
    hand.page.add_init_script(
        """const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        window.tracks = [];
        navigator.mediaDevices.getUserMedia = async (wanted) => {
            const stream = await open(wanted);
            window.tracks.push(...stream.getTracks());
            return stream;
        };"""
    )
    hand.sign_in("李巡检")
    hand.open("scan")
    wait_for(lambda: hand.page.evaluate("window.tracks.length"), bool)
    hand.tap("nav >> text=首页")
    hand.page.wait_for_selector(".hero")

    assert wait_for(
        lambda: hand.page.evaluate("window.tracks.map((one) => one.readyState)"),
        lambda s: set(s) == {"ended"},
    )
