"""Reading the label of an asset: from the live picture, from a photo, by typing; and what is not known is never guessed."""

import io
from typing import TYPE_CHECKING

import segno
import sqlalchemy as sa
from PIL import Image

from hazard_flow.assets.models import Asset
from hazard_flow.storage.scope import SYSTEM
from tests.harness.in_hand import in_hand
from tests.harness.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FilePayload


def label_of(text: str) -> "FilePayload":
    """A photo of a printed label: a code, a little turned, on a grey wall."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="png", scale=8, border=4)
    code = Image.open(drawn).convert("RGB").rotate(6, expand=True, fillcolor=(255, 255, 255))
    wall = Image.new("RGB", (1400, 1000), (172, 176, 170))
    wall.paste(code, (420, 260))
    out = io.BytesIO()
    wall.save(out, "JPEG", quality=80)
    return {"name": "label.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def test_a_photo_of_the_label_finds_the_asset(browser: "Browser", small_site: Site):
    with in_hand(browser, small_site) as hand:
        hand.sign_in("李巡检")
        hand.open("scan")
        hand.take("label.btn >> text=拍照识别", label_of(f"{small_site.url}/assets/VW-1"))
        hand.page.wait_for_selector("h2 >> text=青梧路阀井")
        hand.tap("text=在此上报隐患")
        hand.page.wait_for_selector(".prog li:nth-child(1).now")
        hand.page.wait_for_selector("text=VW-1 · 扫码识别")


def test_a_label_as_it_is_printed_finds_the_asset_with_no_network(browser: "Browser", small_site: Site):
    with small_site.database.reading(SYSTEM) as session:
        asset = session.scalars(sa.select(Asset).where(Asset.code == "VW-9")).one()
    with in_hand(browser, small_site) as hand:
        hand.sign_in("李巡检")
        hand.open("scan")
        hand.take("label.btn >> text=拍照识别", label_of(f"{small_site.url}/a/{asset.label_key}#VW-9"))
        hand.page.wait_for_selector("h2 >> text=听潮路阀井")


def test_the_code_goes_into_the_report_that_asked_for_it(browser: "Browser", small_site: Site):
    with in_hand(browser, small_site) as hand:
        hand.sign_in("李巡检")
        hand.open("report/new")
        hand.tap("a.btn >> text=扫码")
        hand.page.wait_for_selector("text=输入编号")
        hand.page.fill("input[type=search]", "vw-1")
        hand.tap(".found-one")
        hand.page.wait_for_selector("text=VW-1 · 按编号选定")
        [draft] = hand.drafts()

    assert draft["form"]["asset"] == "VW-1"


def test_an_unknown_code_is_shown_and_may_serve_as_the_place(browser: "Browser", small_site: Site):
    with in_hand(browser, small_site) as hand:
        hand.sign_in("李巡检")
        hand.open("scan")
        hand.take("label.btn >> text=拍照识别", label_of("TY-0332"))
        hand.page.wait_for_selector("[role=alert] >> text=本机没有这个编号：TY-0332")
        hand.tap("text=作为位置说明")
        hand.page.wait_for_selector(".prog")
        assert hand.page.input_value("input[maxlength='200']") == "TY-0332"


def test_a_photo_without_a_code_says_so(browser: "Browser", small_site: Site):
    blank = io.BytesIO()
    Image.new("RGB", (640, 480), (90, 120, 110)).save(blank, "JPEG")
    with in_hand(browser, small_site) as hand:
        hand.sign_in("李巡检")
        hand.open("scan")
        hand.take(
            "label.btn >> text=拍照识别",
            {"name": "wall.jpg", "mimeType": "image/jpeg", "buffer": blank.getvalue()},
        )
        hand.page.wait_for_selector("[role=alert] >> text=没有认出二维码")
