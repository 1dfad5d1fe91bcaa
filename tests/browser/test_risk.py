"""The pages of risks as people see them: readable in every look, a product told while it is chosen, boards that fit their sheet."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.test_every_page import LOOKS, Look, View, seen
from tests.harness import risk_scene
from tests.harness.desk import choose_language, sitting
from tests.harness.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WHO = "何安全"


@pytest.fixture(scope="module")
def points(small_site: Site) -> dict[str, str]:
    return risk_scene.fill(small_site.city)


@pytest.fixture(scope="module")
def seat(browser: "Browser", small_site: Site) -> Any:
    with sitting(browser, small_site) as desk:
        desk.sign_in(small_site.username(WHO))
        return desk.page.context.storage_state()


def views(points: dict[str, str]) -> list[View]:
    return [
        View("risk", "/risk", WHO),
        View("risk-filtered", "/risk?colour=red&raised=1", WHO),
        View("risk-nothing", "/risk?q=nothing", WHO),
        View("risk-point", f"/risk/{points['FX-101']}", WHO),
        View("risk-rating", f"/risk/{points['FX-103']}/rating", WHO),
        View("risk-new", "/risk/new?asset=VW-1", WHO),
        View("risk-edit", f"/risk/{points['FX-102']}/edit", WHO),
        View("risk-tasks", "/risk/tasks", WHO),
        View("risk-distribution", "/risk/distribution", WHO),
        View("risk-boards", "/risk/boards", WHO),
        View("risk-board-a3", f"/risk/{points['FX-102']}/board?size=a3", WHO),
        View("risk-report", "/hazards/new?asset=VW-1", WHO),
    ]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "look", [LOOKS[0], LOOKS[-1]] if not os.environ.get("SHOTS_DIR") else LOOKS, ids="-".join
)
def test_pages_of_risks_can_be_read_by_everybody(
    browser: "Browser", small_site: Site, points: dict[str, str], seat: Any, look: Look
):
    choose_language(small_site, [WHO], look.locale)
    faults: list[str] = []
    with sitting(browser, small_site, **look._asdict(), storage=seat) as desk:
        for view in views(points):
            faults += [f"{view.name}: {fault}" for fault in seen(desk, view, look)]
    assert faults == []


def test_the_form_tells_the_product_and_its_grade_while_it_is_chosen(
    browser: "Browser", small_site: Site, points: dict[str, str], seat: Any
):
    choose_language(small_site, [WHO], "zh")
    with sitting(browser, small_site, storage=seat) as desk:
        desk.open(f"/risk/{points['FX-104']}/rating")
        page = desk.page
        part = page.locator("[data-rate='']")
        page.select_option("[name='method']", "lec")
        assert "请选择全部分值" in part.locator("[data-result]").inner_text()
        told = {
            ("0.1", "3", "100"): ("D = 0.1 × 3 × 100 = 30", "低风险"),
            ("10", "1", "7"): ("D = 10 × 1 × 7 = 70", "一般风险"),
            ("1", "3", "100"): ("D = 1 × 3 × 100 = 300", "较大风险"),
            ("0.5", "10", "100"): ("D = 0.5 × 10 × 100 = 500", "重大风险"),
        }
        for (likelihood, exposure, consequence), (formula, grade) in told.items():
            page.select_option("[name='likelihood']", likelihood)
            page.select_option("[name='exposure']", exposure)
            page.select_option("[name='consequence']", consequence)
            assert part.locator("[data-formula]").inner_text() == formula
            assert part.locator("[data-grade]").inner_text() == grade
        page.select_option("[name='method']", "ls")
        page.select_option("[name='probability']", "4")
        page.select_option("[name='severity']", "4")
        assert part.locator("[data-formula]").inner_text() == "R = 4 × 4 = 16"
        page.locator("form:has([data-rate]) button.pri").click()
        page.wait_for_url(f"**/risk/{points['FX-104']}")
        assert "较大风险" in page.locator("section.now").inner_text()
        assert desk.complaints == []


@pytest.mark.parametrize(("size", "width_pt", "height_pt"), [("a4", 595, 842), ("a3", 1191, 842)])
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_each_board_is_one_sheet(
    browser: "Browser", small_site: Site, points: dict[str, str], seat: Any, tmp_path: Path, locale: Any, size: str,
    width_pt: int, height_pt: int,
):  # fmt: skip
    import pypdf

    choose_language(small_site, [WHO], locale)
    with sitting(browser, small_site, storage=seat) as desk:
        desk.open(f"/risk/boards?size={size}")
        count = desk.page.locator(".notice-board").count()
        assert count == len(points)
        path = Path(os.environ.get("SHOTS_DIR") or tmp_path) / f"boards-{locale}-{size}.pdf"
        desk.page.pdf(path=path, prefer_css_page_size=True, print_background=True)
    pages = pypdf.PdfReader(path).pages
    assert len(pages) == count
    assert {(round(float(p.mediabox.width)), round(float(p.mediabox.height))) for p in pages} == {
        (width_pt, height_pt)
    }
    words = "".join(pages[0].extract_text().split())
    assert ("应急处置" if locale == "zh" else "Whattodo") in words
    assert "0000-8888110" in words
