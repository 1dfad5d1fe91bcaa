"""Wrong things typed and chosen at the desk: the page comes back with every fault by name, keeps what was typed, stores nothing."""

from typing import TYPE_CHECKING, Literal

import pytest

from tests.harness import bad_files
from tests.harness.desk import Desk, choose, choose_language, photo, sitting
from tests.harness.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def reported(desk: Desk, values: dict[str, object], *files: tuple[str, bytes]) -> int:
    """Fill and send the report form, past what the browser itself would stop; the answer's status."""
    desk.open("/hazards/new")
    form = desk.page.locator("#form-report")
    form.evaluate(
        "f => { f.noValidate = true; f.querySelectorAll('[maxlength]').forEach(e => e.removeAttribute('maxlength')) }"
    )
    choose(form, values)
    if files:
        form.locator("input[name=photos]").set_input_files(
            [{"name": name, "mimeType": "image/jpeg", "buffer": data} for name, data in files]
        )
    return desk.send(form, "/hazards")


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_a_report_with_faults_comes_back_with_each_named_and_nothing_lost(
    browser: "Browser", small_site: Site, locale: Literal["zh", "en"]
):
    choose_language(small_site, ["李巡检"], locale)
    with sitting(browser, small_site, locale=locale) as desk:
        desk.sign_in(small_site.username("李巡检"))
        before = small_site.stored()
        typed = {"title": "x" * 61, "description": "短", "asset_id": "VW-404", "leak_reading": "many"}

        status = reported(desk, typed)

        assert status == 422
        page = desk.page
        assert page.locator("[role=alert] li").count() >= 2
        assert page.locator("[name=description]").input_value() == "短"
        assert page.locator("[name=leak_reading]").input_value() == "many"
        said = page.locator("[role=alert]").first.inner_text()
        assert any("\u4e00" <= c <= "\u9fff" for c in said) == (locale == "zh"), said
        links = page.locator("[role=alert] a[href^='#']")
        for n in range(links.count()):
            assert page.locator(str(links.nth(n).get_attribute("href"))).count() == 1, links.nth(
                n
            ).inner_text()
        assert small_site.stored() == before
        assert desk.complaints == []


@pytest.mark.parametrize("number", [0, 2, 4, 6])
def test_a_file_that_is_no_photo_is_named_at_its_place(browser: "Browser", small_site: Site, number: int):
    choose_language(small_site, ["李巡检"], "zh")
    name, data, expected, _ = bad_files.REFUSED[number]
    with sitting(browser, small_site) as desk:
        desk.sign_in(small_site.username("李巡检"))
        before = small_site.stored()

        status = reported(desk, {"description": "阀井漏气，读数偏高", "place": "青梧路 12 号"}, (name, data))

        assert status == expected
        assert name in desk.page.locator("[role=alert]").first.inner_text()
        assert desk.page.locator("[name=description]").input_value() == "阀井漏气，读数偏高"
        assert small_site.stored() == before


def test_wrong_passwords_do_not_say_what_was_wrong(browser: "Browser", small_site: Site):
    said = []
    with sitting(browser, small_site) as desk:
        for username in (small_site.username("孙巡检"), "nobody-of-that-name"):
            desk.open("/sign-in")
            desk.page.fill("#username", username)
            desk.page.fill("#password", "not-the-password")
            with desk.page.expect_response(lambda r: r.request.method == "POST") as told:
                desk.page.click("#signin button.pri")
            assert told.value.status == 401
            said.append(desk.page.locator("[role=alert]").first.inner_text())
    assert said[0] == said[1]


def test_another_enterprise_s_hazard_is_a_plain_not_found(browser: "Browser", small_site: Site):
    hazard = small_site.city.report("外单位不可见样本")
    [piece] = small_site.city.evidence(hazard)
    with sitting(browser, small_site) as desk:
        desk.sign_in(small_site.username("马安全"))
        for path in (
            f"/hazards/{hazard.number}",
            "/hazards/YH-000000-20200101-0001",
            f"/evidence/{hazard.number}/{piece.sha256}",
        ):
            assert desk.open(path) == 404
            assert "外单位不可见样本" not in desk.page.content()
        assert desk.open("/people") == 403
        assert desk.open("/hazards?cursor=nonsense") == 400
        assert desk.open("/hazards?limit=9999") == 400


def test_markup_in_what_people_type_stays_text(browser: "Browser", small_site: Site):
    choose_language(small_site, ["李巡检"], "zh")
    evil = "<img src=x onerror=alert(1)>\"'{{7*7}}"
    with sitting(browser, small_site) as desk:
        desk.sign_in(small_site.username("李巡检"))
        status = reported(
            desk,
            {"title": evil[:60], "description": evil + "阀井漏气", "place": evil},
            ("photo.jpg", photo()["buffer"]),
        )
        assert status in (200, 303)
        assert evil[:20] in desk.page.locator("h1").inner_text()
        for path in ("/", "/hazards", "/hazards/board"):
            assert desk.open(path) == 200
            assert desk.page.locator("img[src=x]").count() == 0
        assert desk.complaints == []
