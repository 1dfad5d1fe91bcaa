"""A tablet that several people use: what is mine is locked to me, and three ways lead out."""

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.harness.in_hand import Hand, in_hand, shot
from tests.harness.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def report(hand: Hand, number: int) -> None:
    """A report from beginning to end."""
    hand.open()
    hand.take("label.go", shot(number))
    hand.tap(".found-one >> text=VW-1")
    hand.step(2)
    hand.tap(".cat")
    hand.step(3)
    hand.submit()


def leave(hand: Hand, way: str) -> None:
    """Sign out in one of the three ways."""
    hand.open("me")
    hand.tap("summary >> text=退出登录")
    hand.tap(f"[aria-label='退出: {way}']")


def test_what_is_kept_is_locked_to_its_owner(browser: "Browser", small_site: Site):
    with in_hand(browser, small_site) as hand:
        hand.sign_in("李巡检")
        hand.installed()
        hand.offline()
        report(hand, 61)
        leave(hand, "锁定在本机并退出")
        hand.page.wait_for_selector("#signin >> text=本机有李巡检的 1 条未传记录")
        hand.offline(False)

        hand.sign_in("郑巡检")
        hand.page.wait_for_selector(".flag >> text=李巡检的 1 条")
        hand.open("outbox")
        hand.page.wait_for_selector("text=他人的记录（已锁定）")
        assert hand.records() == []
        sign_out(hand)

        hand.sign_in("李巡检")
        [receipt] = hand.sent()

    assert small_site.client("李巡检").get(f"/api/v1/hazards/{receipt['number']}").status == 200


def sign_out(hand: Hand) -> None:
    """With nothing unsent there is one button."""
    hand.open("me")
    hand.tap("summary >> text=退出登录")
    hand.tap("details .btn >> text=退出登录")
    hand.page.wait_for_selector("#signin")


def test_sending_first_stays_while_it_cannot(browser: "Browser", small_site: Site):
    with in_hand(browser, small_site) as hand:
        hand.sign_in("李巡检")
        hand.installed()
        hand.offline()
        report(hand, 62)
        leave(hand, "先传完再退出")
        hand.page.wait_for_selector("[role=alert] >> text=还有 1 条没有传完")
        hand.offline(False)
        hand.tap("[aria-label='退出: 先传完再退出']")
        hand.page.wait_for_selector("#signin")

        assert hand.call("core/session", "lockedRecords") == []


def test_an_export_holds_the_frozen_record_and_its_files(browser: "Browser", small_site: Site):
    with in_hand(browser, small_site) as hand:
        hand.sign_in("李巡检")
        hand.installed()
        hand.offline()
        report(hand, 63)
        [record] = hand.records()
        with hand.page.expect_download() as given:
            leave(hand, "导出后退出")
        archive = Path(given.value.path()).read_bytes()
        hand.page.wait_for_selector("#signin >> text=1 条未传记录")

    files = zipfile.ZipFile(io.BytesIO(archive))
    assert files.testzip() is None
    assert files.read(f"{record['id']}/manifest.json").decode() == record["body"]
    assert shot(63)["buffer"] in {files.read(name) for name in files.namelist()}


def test_a_session_that_ended_asks_for_its_owner(browser: "Browser", small_site: Site):
    with in_hand(browser, small_site) as hand:
        hand.sign_in("李巡检")
        hand.context.clear_cookies()
        report(hand, 64)
        hand.page.wait_for_selector(".banner >> text=1 条等您登录后发送")
        hand.tap(".banner .btn")
        assert hand.page.input_value("#signin input[autocomplete=username]") == small_site.username("李巡检")
        hand.sign_in("李巡检")
        hand.sent()


def test_a_wrong_password_says_what_to_do(browser: "Browser", small_site: Site):
    with in_hand(browser, small_site) as hand:
        hand.open("sign-in")
        hand.tap("#signin button[type=submit]")
        hand.page.wait_for_selector("[role=alert] >> text=请填写账号和密码")
        hand.page.fill("#signin input[autocomplete=username]", "nobody-here")
        hand.page.fill("#signin input[autocomplete=current-password]", "wrong")
        hand.tap("#signin button[type=submit]")
        hand.page.wait_for_selector("[role=alert] >> text=请核对后再试")


def test_words_alone_are_work_and_outlive_the_sign_out(browser: "Browser", small_site: Site):
    with in_hand(browser, small_site) as hand:
        hand.sign_in("李巡检")
        draft = hand.call("parts/drafts", "startReport", {})
        untouched = hand.call("parts/drafts", "startReport", {})
        hand.open(f"report/{draft['id']}/2")
        hand.page.fill("#app textarea", "井盖下有气泡声")
        hand.open("home")
        sign_out(hand)

        hand.sign_in("李巡检")
        left = {one["id"]: one["form"] for one in hand.drafts()}

    assert left[draft["id"]]["description"] == "井盖下有气泡声"
    assert untouched["id"] not in left
