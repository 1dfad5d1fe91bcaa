"""An officer at the audit desk takes a file, judges twenty points, sends one back, passes another, exports; on desk and tablet."""

import io
import json
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.audits.bench import closed_at
from tests.harness.browser import violations
from tests.harness.desk import Desk, choose_language, sitting
from tests.harness.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from hazard_flow.hazards.models import Hazard


@pytest.fixture(params=["desk", "tablet"])
def officer(browser: "Browser", small_site: Site, request: pytest.FixtureRequest) -> "Iterator[Desk]":
    choose_language(small_site, ["唐监管"], "zh")
    with sitting(browser, small_site, size=request.param) as desk:
        desk.sign_in(small_site.username("唐监管"))
        yield desk
        assert desk.complaints == []


def take(desk: Desk, hazard: "Hazard") -> None:
    desk.open(f"/audits?q={hazard.number}")
    desk.page.locator(".queue form button").click()
    desk.page.wait_for_selector("[data-audit]")


def say(desk: Desk, point: str, verdict: str, reason: str = "") -> None:
    row = desk.page.locator(f"#point-{point}")
    group = desk.page.locator("details.group").filter(has=row)
    if group.count() and group.get_attribute("open") is None:
        group.locator("> summary").click()
    # a click on what is seen, not a forced one: it waits until the bar at the bottom is out of the way
    row.locator(f"label.v-{verdict}").click()
    assert row.locator(f"input[value='{verdict}']").is_checked()
    if reason:
        row.locator(".why input").fill(reason)


def answer_doubts(desk: Desk, *, but: str = "") -> None:
    """Every doubtful point gets a remark with a reason."""
    for row in desk.page.locator(".pts").first.locator(".pt").all():
        key = (row.get_attribute("id") or "").removeprefix("point-")
        if key != but:
            say(desk, key, "remark", "已当面核实，情况属实")


def test_a_file_is_sent_back_and_opens_anew(officer: Desk, small_site: Site):
    hazard, page = closed_at(small_site, "核查页面：退回样本"), officer.page
    take(officer, hazard)
    assert violations(page) == []
    assert page.locator("[data-pass]").is_disabled(), "nothing is judged yet"
    say(officer, "cause", "fail", "没有原因分析，同类部位未排查")
    answer_doubts(officer, but="cause")
    page.locator("[data-confirm]").check()
    assert page.locator("[data-judged]").inner_text() == "已判断 20 / 20"
    assert page.locator("[data-pass]").is_disabled(), "a point fails"

    page.locator("[data-return]").click()
    page.wait_for_selector("[role=alert]")
    assert "不少于 10 个字" in page.locator("#opinion ~ .err").inner_text()
    assert page.locator("#point-cause input[value=fail]").is_checked(), "what was typed is still there"
    assert page.locator("[data-confirm]").is_checked(), "and what was ticked"
    page.fill("#opinion", "请补充原因分析，并排查同类阀井")
    page.locator("[data-return]").click()
    page.wait_for_url(re.compile(r"/audits$"))
    opened = next(h for h in small_site.city.hazards() if h.reopen_of_id == hazard.id)

    assert "请补充原因分析" in opened.description
    officer.open("/audits/done")
    page.get_by_role("link", name=hazard.title).first.click()
    page.wait_for_selector(".outcome.returned")
    assert opened.number in page.locator(".outcome").inner_text()
    assert violations(page) == []


def test_a_file_passes_and_its_points_lead_to_the_record(officer: Desk, small_site: Site):
    hazard, page = closed_at(small_site, "核查页面：通过样本"), officer.page
    take(officer, hazard)
    answer_doubts(officer)
    page.locator(".pt .seq").first.click()
    page.wait_for_selector(".tl > li:target")
    page.locator("[data-confirm]").check()
    page.locator("[data-pass]").click()
    page.wait_for_url(re.compile(r"/audits$"))

    assert "核查通过" in page.locator("main").inner_text()
    officer.open(f"/audits?q={hazard.number}")
    assert page.locator(".queue").count() == 0


def test_half_judged_saved_and_given_back(officer: Desk, small_site: Site):
    hazard, page = closed_at(small_site, "核查页面：放回样本"), officer.page
    take(officer, hazard)
    say(officer, "cause", "remark", "已口头说明原因")
    page.get_by_role("button", name="保存").click()
    page.wait_for_selector("[role=status]:has-text('已保存')")
    assert page.locator("[data-judged]").inner_text() == "已判断 1 / 20"
    officer.open("/audits?hands=mine")
    assert hazard.number in page.locator(".queue").inner_text()
    page.get_by_role("link", name=hazard.title).click()
    page.get_by_role("button", name="放回队列").click()
    page.wait_for_url(re.compile(r"/audits$"))
    officer.open(f"/audits?hands=free&q={hazard.number}")

    assert page.locator(".queue form button").count() == 1


def test_files_are_listed_downloaded_and_whole(officer: Desk, small_site: Site, tmp_path: Path):
    closed_at(small_site, "核查页面：导出样本")
    page = officer.page
    officer.open("/audits/exports")
    page.get_by_role("button", name="列出并登记").click()
    page.wait_for_selector("[role=alert]")
    page.select_option("#urgency", "B")
    page.get_by_role("button", name="列出并登记").click()
    page.wait_for_selector(".queue")
    assert violations(page) == []
    with page.expect_download() as fetched:
        page.locator(".queue a.pri").first.click()
    fetched.value.save_as(tmp_path / "files.zip")
    with zipfile.ZipFile(io.BytesIO((tmp_path / "files.zip").read_bytes())) as archive:
        assert archive.testzip() is None
        listed = json.loads(archive.read("manifest.json"))

    assert listed["counts"]["files"] == len(listed["files"]) >= 1


def test_a_sample_of_a_period_that_is_not_over_is_refused(officer: Desk):
    page = officer.page
    officer.open("/audits/plans")
    assert violations(page) == []
    page.fill("#first_day", "2999-01-01")
    page.fill("#last_day", "2999-01-31")
    page.get_by_role("button", name="抽取").click()

    assert "时段尚未结束" in page.locator("[role=alert]").inner_text()
    assert page.input_value("#first_day") == "2999-01-01"
