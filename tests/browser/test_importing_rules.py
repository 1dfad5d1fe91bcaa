"""A regulator's administrator brings a city's rules in through the browser: tried, mended, tried again, stored."""

from pathlib import Path
from typing import TYPE_CHECKING

from tests.harness.browser import violations
from tests.harness.desk import choose_language, sitting
from tests.harness.local_rules import POLICY
from tests.harness.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_a_file_is_tried_mended_and_stored(browser: "Browser", small_site: Site, tmp_path: Path):
    """Each fault stands with its row and a mend; nothing is stored before the second button."""
    choose_language(small_site, ["顾管理"], "zh")
    bad, good = tmp_path / "有误.csv", tmp_path / "改好.csv"
    good.write_text(POLICY.replace("990102", "990103").replace("22 条", "23 条"), "utf-8")
    bad.write_text(good.read_text("utf-8") + "relapse_window_days,9801,soon,2026-01-01,,办法,V,\n", "utf-8")
    with sitting(browser, small_site) as desk:
        desk.sign_in(small_site.username("顾管理"))
        page = desk.page

        def tried(file: Path) -> str:
            desk.open("/rules/import?kind=policy")
            page.set_input_files("#file", str(file))
            page.locator("form[enctype] button.pri").click()
            page.wait_for_selector("table.rules")
            assert violations(page) == []
            return page.locator("main").inner_text()

        said = tried(bad)
        assert "文件有 2 处需要补正" in said
        assert "9801 不在您的管辖范围内" in said
        assert page.locator("form[action='/rules/import/store']").count() == 0

        assert "确认入库" in tried(good)
        page.locator("form[action='/rules/import/store'] button.pri").click()
        page.wait_for_url("**/policy")
        assert "已入库" in page.locator("main").inner_text()
        assert desk.complaints == []
