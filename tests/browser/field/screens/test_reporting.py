"""Reporting on the tablet: nothing typed or taken is lost on the way back, what is missing is said at once, marks stay apart."""

from typing import TYPE_CHECKING

import pytest

from tests.harness.in_hand import Hand, in_hand, shot
from tests.harness.site import Site
from tests.harness.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


@pytest.fixture
def hand(browser: "Browser", small_site: Site) -> "Iterator[Hand]":
    """An inspector signed in on a tablet beside a valve well."""
    with in_hand(browser, small_site) as made:
        made.sign_in("李巡检")
        yield made


def begin(hand: Hand, number: int = 1) -> None:
    """Begin a report with one photo."""
    hand.take("label.go", shot(number))
    hand.page.wait_for_selector(".strip button.shot")


def written(hand: Hand) -> dict[str, object]:
    """The one draft as it lies in the store."""
    [draft] = hand.drafts()
    return dict(draft)


def test_a_turned_away_camera_leaves_no_draft_behind(hand: Hand):
    with hand.page.expect_file_chooser():
        hand.tap("label.go")
    hand.page.evaluate("document.getElementById('report').dispatchEvent(new Event('cancel'))")
    hand.page.wait_for_selector(".prog")
    hand.tap(".cap > header .btn")
    hand.page.wait_for_selector(".hero")

    assert hand.drafts() == []


def test_every_change_is_there_after_the_page_is_gone(hand: Hand):
    begin(hand)
    hand.page.fill("input[maxlength='200']", "青梧路 12 号北侧")
    hand.tap("text=密闭或有限空间")
    wait_for(lambda: written(hand)["form"], lambda form: form.get("condition") == "confined")
    hand.step(2)
    hand.page.fill("textarea", "井内有积水，闻到气味")
    wait_for(lambda: written(hand)["form"], lambda form: "description" in form)
    hand.page.reload()
    hand.page.wait_for_selector("textarea")

    assert hand.page.input_value("textarea") == "井内有积水，闻到气味"
    hand.tap("footer .btn >> nth=0")
    hand.page.wait_for_selector(".strip button.shot")
    assert hand.page.input_value("input[maxlength='200']") == "青梧路 12 号北侧"
    assert hand.page.get_attribute("text=密闭或有限空间", "aria-pressed") == "true"
    [photo] = written(hand)["photos"]  # type: ignore[misc]
    assert photo["filename"] == "IMG_0001.jpg"  # the ending that its bytes have


def test_what_is_missing_is_listed_at_once_with_the_way_to_each(hand: Hand):
    hand.open("report/new")
    hand.page.wait_for_selector(".prog")
    hand.step(2)
    hand.step(3)

    assert hand.page.is_disabled("footer .btn.pri")
    assert hand.page.inner_text("footer .missing") == "还差：照片、地点、隐患问题"
    hand.tap("text=至少拍一张照片 >> xpath=.. >> .btn")
    hand.page.wait_for_selector(".prog li:nth-child(1).now")


def test_going_lower_than_the_catalogue_asks_for_the_reason(hand: Hand):
    begin(hand, 2)
    hand.tap(".found-one >> text=VW-1")
    hand.step(2)
    hand.tap(".cat")  # the first of the catalogue is a major one
    hand.tap("#level-B")
    assert "写明理由" in hand.page.inner_text(".lvs + p")
    hand.step(3)
    assert hand.page.inner_text("footer .missing") == "还差：降级理由"


def test_a_hazard_outside_the_catalogue_goes_with_its_own_words(hand: Hand, small_site: Site):
    begin(hand, 3)
    hand.page.fill("input[maxlength='200']", "望渠路桥北侧")
    hand.step(2)
    hand.tap("text=目录里没有，自己描述")
    hand.page.fill("input[maxlength='60']", "架空管防腐层剥落")
    hand.page.fill("textarea", "约 0.3 平方米，可见锈迹")
    hand.page.fill("input[inputmode=decimal]", "1.4")
    hand.tap("text=ppm")
    hand.step(3)
    hand.submit()
    [receipt] = hand.sent()

    found = small_site.client("李巡检").get(f"/api/v1/hazards/{receipt['number']}").json
    assert (found["title"], found["place"], found["description"]) == (
        "架空管防腐层剥落",
        "望渠路桥北侧",
        "约 0.3 平方米，可见锈迹",
    )
    assert (found["details"]["leak_reading"], found["details"]["leak_unit"]) == ("1.400", "ppm")


def test_an_unreadable_photo_is_named_and_the_others_stay(hand: Hand):
    begin(hand, 4)
    broken = {"name": "IMG_BROKEN.JPG", "mimeType": "image/jpeg", "buffer": shot(5)["buffer"][:900]}
    with hand.page.expect_file_chooser() as chosen:
        hand.tap(".view .vb")
    chosen.value.set_files([broken, shot(6)])  # type: ignore[list-item] # a payload is a dictionary
    hand.page.wait_for_selector("[role=alert] >> text=IMG_BROKEN.JPG")

    wait_for(lambda: len(written(hand)["photos"]), lambda n: n == 2)  # type: ignore[arg-type]


def test_a_mark_is_a_vector_beside_the_photo(hand: Hand):
    begin(hand, 7)
    [before] = written(hand)["photos"]  # type: ignore[misc]
    hand.tap("text=圆圈")
    hand.page.locator(".framed svg").focus()
    hand.page.keyboard.press("Enter")
    hand.page.keyboard.press("ArrowRight")
    hand.tap("text=箭头")
    box = hand.page.locator(".framed svg").bounding_box()
    assert box is not None
    hand.page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.3)
    hand.page.mouse.down()
    hand.page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.5, steps=4)
    hand.page.mouse.up()
    [after] = wait_for(lambda: written(hand)["photos"], lambda photos: len(photos[0]["marks"] or []) == 2)

    assert (after["sha256"], after["display_sha256"]) == (before["sha256"], before["display_sha256"])
    circle, arrow = after["marks"]
    assert circle == {"shape": "circle", "x1": 430, "y1": 410, "x2": 610, "y2": 590}
    assert arrow["shape"] == "arrow"
    assert [round(arrow[end], -1) for end in ("x1", "y1", "x2", "y2")] == [200, 300, 600, 500]


def test_without_a_position_it_can_be_reported_all_the_same(browser: "Browser", small_site: Site):
    with in_hand(browser, small_site, knows_where=False) as hand:
        hand.sign_in("李巡检")
        begin(hand, 8)
        hand.page.wait_for_selector("text=同样可以上报")
        hand.page.fill("input[type=search]", "vw-1")
        hand.tap(".found-one")
        hand.step(2)
        hand.tap(".cat")
        hand.step(3)
        hand.submit()
        [receipt] = hand.sent()

    found = small_site.client("李巡检").get(f"/api/v1/hazards/{receipt['number']}").json
    assert (
        found["place"] == "青梧路 12 号"
    )  # of the asset, as its position is: the tablet itself had none to give


def test_signed_out_it_is_kept_and_becomes_mine_when_i_say_so(browser: "Browser", small_site: Site):
    with in_hand(browser, small_site) as hand:
        hand.open()
        hand.page.wait_for_selector("#signin")
        hand.tap("text=不登录，先上报")
        begin(hand, 9)
        hand.page.fill("input[maxlength='200']", "听潮路阀井旁")
        hand.step(2)
        hand.tap("text=目录里没有，自己描述")
        hand.page.fill("input[maxlength='60']", "井盖缺失")
        hand.page.fill("textarea", "井盖缺失，已设警戒")
        hand.step(3)
        hand.submit()
        hand.sign_in("李巡检")
        assert hand.records() == []
        hand.open("outbox")
        hand.tap("text=是我的")
        [receipt] = hand.sent()

    assert small_site.client("李巡检").get(f"/api/v1/hazards/{receipt['number']}").json["title"] == "井盖缺失"
