"""Reporting past one's manager, reporting what came back, and what the catalogue proposes while somebody reports."""

import re
from typing import TYPE_CHECKING

import pytest

from hazard_flow.hazards.effects import CONCEALED_PATH
from tests.harness.browser import violations
from tests.harness.desk import choose, choose_language, photo, sitting
from tests.harness.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PEOPLE = ["李巡检", "唐监管", "何安全"]


@pytest.fixture(autouse=True)
def chinese(small_site: Site):
    choose_language(small_site, PEOPLE, "zh")


def number_of(url: str) -> str:
    return url.rsplit("/", 1)[-1]


def test_a_report_past_the_manager_goes_to_the_regulator_alone(browser: "Browser", small_site: Site):
    city = small_site.city
    with sitting(browser, small_site, size="tablet") as desk:
        desk.sign_in(small_site.username("李巡检"))
        desk.open("/hazards/new")
        desk.follow("a[href='/hazards/new/protected']")
        assert desk.page.locator("ul.promises li").count() == 5
        assert violations(desk.page) == []
        form = desk.page.locator("#form-report")
        choose(form, {"description": "班长要求带压作业不办票，多次反映无果", "place": "青梧路 12 号"})
        form.locator("input[name=photos]").set_input_files([photo()])
        assert desk.send(form, "/hazards") in (200, 303)
        desk.page.wait_for_url(re.compile(r"/hazards/YH-"))
        number = number_of(desk.page.url)
        body = desk.page.locator("main").inner_text()
        assert "受保护的上报人" in body
        assert "李巡检" not in body.replace(desk.page.locator("#act-title ~ .cut").inner_text(), "")
        assert desk.page.evaluate("Object.keys(sessionStorage).length") == 0, "no draft stays behind"
        assert desk.complaints == []
    hazard = next(h for h in city.hazards() if h.number == number)
    assert (hazard.state, hazard.path) == ("received", CONCEALED_PATH)

    with sitting(browser, small_site) as desk:
        desk.sign_in(small_site.username("何安全"))
        assert desk.open(f"/hazards/{number}") == 404

    with sitting(browser, small_site) as desk:
        desk.sign_in(small_site.username("唐监管"))
        desk.open("/hazards?protected=1")
        desk.follow(f"a[href='/hazards/{number}']")
        assert "李巡检" in desk.page.locator("dl.facts").inner_text()
        assert desk.page.locator("[role=note]").count() == 1
        assert violations(desk.page) == []
        form = desk.form("take_up")
        choose(form, {"opinion": "经初核属实，转企业整改"})
        assert desk.send(form) in (200, 303)

    with sitting(browser, small_site) as desk:
        desk.sign_in(small_site.username("何安全"))
        assert desk.open(f"/hazards/{number}") == 200
        text = desk.page.locator("body").inner_text()
        assert "受保护的上报人" in text
        facts_and_record = (
            desk.page.locator("dl.facts").inner_text() + desk.page.locator("ol.tl").first.inner_text()
        )
        assert "李巡检" not in facts_and_record
        assert "李巡检" not in desk.page.locator("#evidence").locator("..").locator("..").inner_text()


def test_a_refused_report_past_the_manager_stays_one(browser: "Browser", small_site: Site):
    with sitting(browser, small_site) as desk:
        desk.sign_in(small_site.username("李巡检"))
        desk.open("/hazards/new/protected")
        form = desk.page.locator("#form-report")
        choose(form, {"description": "短话太", "place": "青梧路 12 号"})
        desk.page.evaluate(
            "for (const f of document.querySelectorAll('[minlength]')) f.removeAttribute('minlength')"
        )
        form.locator("input[name=photos]").set_input_files([photo()])

        assert desk.send(form, "/hazards") == 422

        again = desk.page.locator("#form-report")
        assert again.locator("[name=action]").input_value() == "report_protected"
        assert desk.page.locator("ul.promises").count() == 1


def test_what_came_back_is_reported_from_the_closed_one(browser: "Browser", small_site: Site):
    city = small_site.city
    origin = city.bring_to(
        city.report("浏览器复发样本：井盖移位", title="井盖移位", asset="VW-1", catalogue_code="VLV-G03"),
        "closed",
    )
    with sitting(browser, small_site, size="tablet") as desk:
        desk.sign_in(small_site.username("李巡检"))
        desk.open(f"/hazards/{origin.number}")
        desk.follow(f"a[href='/hazards/new?reopen_of={origin.number}']")
        form = desk.page.locator("#form-report")
        assert form.locator("[name=asset_id]").input_value() == "VW-1"
        assert form.locator("[name=catalogue_code]").input_value() == "VLV-G03"
        assert "井盖移位" in form.locator("[name=title]").input_value()
        assert desk.page.locator(f"main a[href='/hazards/{origin.number}']").count() == 1
        assert violations(desk.page) == []
        choose(form, {"description": "井盖又移位，井圈松动"})
        form.locator("input[name=photos]").set_input_files([photo()])
        assert desk.send(form, "/hazards") in (200, 303)
        desk.page.wait_for_url(re.compile(r"/hazards/YH-"))
        assert desk.page.locator(f".related-list a[href='/hazards/{origin.number}']").count() == 1
        number = number_of(desk.page.url)
        desk.open(f"/hazards/{origin.number}")
        assert desk.page.locator(f".related-list a[href='/hazards/{number}']").count() == 1
        assert violations(desk.page) == []
        assert desk.complaints == []


def test_a_closed_hazard_nobody_has_is_no_origin(browser: "Browser", small_site: Site):
    with sitting(browser, small_site) as desk:
        desk.sign_in(small_site.username("李巡检"))
        assert desk.open("/hazards/new?reopen_of=YH-990102-20200101-9999") == 404


def test_a_catalogue_row_proposes_level_and_says_what_it_asks_for(browser: "Browser", small_site: Site):
    with sitting(browser, small_site) as desk:
        desk.sign_in(small_site.username("李巡检"))
        desk.open("/hazards/new")
        form = desk.page.locator("#form-report")
        line = desk.page.locator("[data-proposals]")
        assert line.is_hidden()
        form.locator("[name=catalogue_code]").fill("VLV-G01")
        form.locator("[name=catalogue_code]").dispatch_event("change")
        line.wait_for(state="visible")
        assert len(line.inner_text()) > 10
        urgency = form.locator("[name=suspected_urgency]:checked").get_attribute("value")
        proposed = desk.page.request.get(f"{desk.url}/hazards/proposals/VLV-G01").json()
        assert urgency == proposed["urgency"]
        assert desk.page.request.get(f"{desk.url}/hazards/proposals/NOTHING").status == 404
        assert desk.complaints == []


def test_without_scripts_the_proposals_come_with_the_answer(browser: "Browser", small_site: Site):
    with sitting(browser, small_site) as desk:
        desk.sign_in(small_site.username("李巡检"))
        state = desk.page.context.storage_state()
    context = browser.new_context(java_script_enabled=False, storage_state=state, locale="zh-CN")
    try:
        page = context.new_page()
        page.goto(f"{small_site.url}/hazards/new")
        page.fill("[name=description]", "阀井内有气味，读数偏高")
        page.fill("[name=place]", "青梧路 12 号")
        page.fill("[name=catalogue_code]", "VLV-G01")
        page.eval_on_selector("input[name=photos]", "e => e.removeAttribute('required')")
        page.click("#form-report .dock button.pri")
        page.locator("#form-report [role=alert]").wait_for()
        assert page.locator("[data-proposals]").is_visible()
    finally:
        context.close()
