"""Going from screen to screen by keyboard and ear: focus and title say where one is, and going back finds what was left."""

from typing import TYPE_CHECKING

from tests.harness.in_hand import in_hand, shot
from tests.harness.site import Site
from tests.harness.waiting import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_each_screen_announces_itself(browser: "Browser", small_site: Site):
    with in_hand(browser, small_site, locale="en", size="desk") as hand:
        hand.sign_in("李巡检")
        for screen, title in (
            ("tasks", "My tasks"),
            ("outbox", "Outbox"),
            ("scan", "Scan"),
            ("me", "Me"),
            ("home", "Home"),
        ):
            hand.page.click(f"nav a[href='#/{screen}']")
            wait_for(hand.page.title, lambda said, title=title: said == f"{title} · Hazard Flow")
            assert hand.page.evaluate("document.activeElement.id") == "main"
            assert hand.page.locator("nav [aria-current=page]").get_attribute("href") == f"#/{screen}"


def test_the_keyboard_alone_begins_a_report(browser: "Browser", small_site: Site):
    with in_hand(browser, small_site, size="desk") as hand:
        hand.sign_in("李巡检")
        hand.page.locator("#report").focus()
        with hand.page.expect_file_chooser() as chosen:
            hand.page.keyboard.press("Enter")
        chosen.value.set_files([shot(81)])
        hand.page.wait_for_selector(".strip button.shot")
        hand.page.locator(".found-one").first.focus()
        hand.page.keyboard.press("Enter")
        hand.page.locator("footer .btn.pri").focus()
        hand.page.keyboard.press("Enter")
        hand.page.wait_for_selector(".cat")


def test_back_finds_what_was_left(browser: "Browser", small_site: Site):
    with in_hand(browser, small_site) as hand:
        hand.sign_in("李巡检")
        hand.take("label.go", shot(82))
        hand.page.wait_for_selector(".strip button.shot")
        hand.step(2)
        hand.tap(".cat >> nth=2")
        hand.step(3)
        hand.page.go_back()
        hand.page.wait_for_selector(".cat[aria-checked=true]")
        hand.page.go_back()
        hand.page.wait_for_selector(".strip button.shot")
        hand.tap(".cap > header .btn")
        hand.page.wait_for_selector(".hero")
        hand.tap(".door-to >> text=继续草稿")
        hand.page.wait_for_selector(".prog")

        [draft] = hand.drafts()
        assert len(draft["photos"]) == 1
        assert draft["form"]["code"]


def test_the_language_is_the_tablets_own(browser: "Browser", small_site: Site):
    with in_hand(browser, small_site) as hand:
        hand.sign_in("李巡检")
        hand.open("me")
        hand.tap("#lang-en")
        wait_for(lambda: hand.page.locator("html").get_attribute("lang"), lambda lang: lang == "en")
        hand.tap("#theme-dark")
        hand.page.reload()
        hand.page.wait_for_selector("text=Language and look")

        assert hand.page.get_attribute("html", "data-theme") == "dark"
        assert hand.page.get_attribute("#lang-en", "aria-pressed") == "true"
