"""Several hazards chosen on the table or the board and acted on at once, by mouse and by keyboard, with an answer for each."""

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.harness.browser import violations
from tests.harness.desk import Desk, choose, choose_language, sitting
from tests.harness.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


@pytest.fixture
def director(browser: "Browser", small_site: Site) -> "Iterator[Desk]":
    choose_language(small_site, ["何安全"], "zh")
    with sitting(browser, small_site) as desk:
        desk.sign_in(small_site.username("何安全"))
        yield desk
        assert desk.complaints == []


def listed(desk: Desk, words: str, view: str = "/hazards") -> None:
    desk.open(f"{view}?q={quote(words)}")


def box(desk: Desk, number: str):
    return desk.page.locator(f".pick-box[value='{number}']")


def order(city) -> dict:
    return {
        "responsible": city.person("王班长"),
        "closer": city.person("孟安全"),
        "verifiers": [str(city.person("徐复查"))],
        "measures": "更换阀门填料，复测气密性合格",
    }


def test_chosen_with_the_keyboard_and_assigned_in_one_form(director: Desk, small_site: Site):
    city = small_site.city
    hazards = [
        city.report(f"键盘批量第 {n} 件", suspected_urgency="B", catalogue_code="VLV-G03") for n in (1, 2)
    ]
    ahead = city.bring_to(city.report("键盘批量：整改中"), "rectifying")
    listed(director, "键盘批量")
    page = director.page
    assert box(director, ahead.number).is_enabled(), "it can be re-assigned"

    page.keyboard.press("j")
    for _ in range(3):
        here = page.evaluate("document.activeElement.closest('[data-row]').querySelector('.pick-box').value")
        if here != ahead.number:
            page.keyboard.press("x")
        page.keyboard.press("j")
    assert "2" in page.locator("#bulk [role=status]").inner_text()
    assert page.locator("#bulk [data-act=reassign]").is_disabled()
    page.keyboard.press("a")

    page.wait_for_url(re.compile("/hazards/bulk"))
    assert violations(page) == []
    form = page.locator("#form-bulk")
    assert form.locator("[name=number]:checked").count() == 2
    choose(form, order(city))
    assert director.send(form, "/hazards/bulk/") == 200
    assert page.locator(".bulk-list .tick-done").count() == 2
    for hazard in hazards:
        now = city.look(hazard)
        assert (now.stage, now.urgency, now.catalogue_code) == ("assigned", "B", "VLV-G03")
        assert now.responsible_id == city.person("王班长")
    assert city.actions(ahead) == ["report", "assign", "accept"]


def test_one_that_moved_on_meanwhile_is_told_and_holds_up_no_other(director: Desk, small_site: Site):
    city = small_site.city
    fresh, moved = city.report("同时批量甲"), city.report("同时批量乙")
    director.open(f"/hazards/bulk?action=assign&number={fresh.number}&number={moved.number}")
    form = director.page.locator("#form-bulk")
    choose(form, order(city) | {"urgency": "B", "basis": "VLV-G03"})
    city.assign(moved, by="何安全")

    assert director.send(form, "/hazards/bulk/") == 200

    assert director.page.locator(".bulk-list .tick-done").count() == 1
    refused = director.page.locator(".bulk-list li", has=director.page.locator(".tick-not"))
    assert moved.number in refused.inner_text()
    assert refused.locator(".why").count() == 1
    assert violations(director.page) == []
    assert city.actions(fresh) == ["report", "assign"]
    assert city.actions(moved) == ["report", "assign"]
    director.page.click("main a.btn.pri")
    director.page.wait_for_url(re.compile(r"/hazards$"))


def test_what_the_form_lacks_is_said_once_and_nothing_is_done(director: Desk, small_site: Site):
    city = small_site.city
    hazards = [city.report(f"缺项批量第 {n} 件") for n in (1, 2)]
    query = "&".join(f"number={hazard.number}" for hazard in hazards)
    director.open(f"/hazards/bulk?action=assign&{query}")
    form = director.page.locator("#form-bulk")
    filled = order(city) | {"urgency": "B", "basis": "VLV-G03", "verifiers": [str(city.person("王班长"))]}
    choose(form, filled)

    assert director.send(form, "/hazards/bulk/") == 422

    form = director.page.locator("#form-bulk")
    assert form.locator("[role=alert]").count() == 1
    assert form.locator("[name=measures]").input_value() == filled["measures"]
    assert {len(city.events(hazard)) for hazard in hazards} == {1}
    assert violations(director.page) == []


def test_whoever_may_do_none_of_it_sees_why_and_no_bar(browser: "Browser", small_site: Site):
    city = small_site.city
    hazard = city.report("无权批量样本")
    closed = city.bring_to(city.report("无权批量：已销号"), "closed")
    with sitting(browser, small_site) as desk:
        desk.sign_in(small_site.username("何安全"))
        listed(desk, "无权批量")
        assert box(desk, hazard.number).is_enabled()
        shut = box(desk, closed.number)
        assert shut.is_disabled()
        assert shut.get_attribute("title")
        assert str(shut.get_attribute("title")) in str(shut.get_attribute("aria-label"))
        assert desk.complaints == []


def test_the_whole_page_is_chosen_on_the_board(director: Desk, small_site: Site):
    city = small_site.city
    hazards = [city.report(f"看板批量第 {n} 件") for n in (1, 2, 3)]
    listed(director, "看板批量", "/hazards/board")
    page = director.page

    page.check("[data-pick-all]")
    assert page.locator(".pick-box:checked").count() == 3
    page.click("#bulk [data-act=acknowledge]")
    page.wait_for_url(re.compile("action=acknowledge"))
    assert director.send(page.locator("#form-bulk"), "/hazards/bulk/") == 200

    assert page.locator(".tick-done").count() == 3
    assert {city.actions(hazard)[-1] for hazard in hazards} == {"acknowledge"}


def test_without_scripts_the_boxes_and_the_bar_work_as_well(browser: "Browser", small_site: Site):
    city = small_site.city
    hazard = city.report("无脚本批量样本")
    with sitting(browser, small_site) as desk:
        desk.sign_in(small_site.username("何安全"))
        state = desk.page.context.storage_state()
    context = browser.new_context(java_script_enabled=False, storage_state=state, locale="zh-CN")
    try:
        page = context.new_page()
        page.goto(f"{small_site.url}/hazards?q={quote('无脚本批量')}")
        page.check(f".pick-box[value='{hazard.number}']")
        page.click("#bulk [data-act=acknowledge]")
        page.click("#form-bulk button.pri")
        page.locator(".tick-done").wait_for()
    finally:
        context.close()
    assert city.actions(hazard) == ["report", "acknowledge"]
