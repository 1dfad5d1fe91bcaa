"""Somebody on the street reads the code at a valve well with a telephone and reports; the duty desk looks at it and takes it up."""

import os
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from hazard_flow.assets.models import Asset
from hazard_flow.public_reports.models import PublicReport
from hazard_flow.public_reports.rules import public_rules
from hazard_flow.storage.scope import SYSTEM
from tests.browser.test_every_page import LOOKS, SHOTS
from tests.harness.browser import violations
from tests.harness.desk import Desk, choose_language, photo, sitting
from tests.harness.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SHOWN = LOOKS if SHOTS else [LOOKS[0], LOOKS[7]]
PHONE = {"width": 390, "height": 844}


def label_of(site: Site, code: str = "VW-1") -> str:
    """What the code at an asset leads to."""
    with site.database.reading(SYSTEM) as session:
        found = session.scalar(sa.select(Asset.label_key).where(Asset.id == site.city.founded.assets[code]))
    assert found
    return str(found)


def forget_visits(site: Site) -> None:
    """All come from one address here: stories about something else are not to be stopped by how many came before."""
    with site.database.transaction(SYSTEM) as session:
        session.execute(sa.text("DELETE FROM public_visit"))


def fill(desk: Desk, *, kind: str = "smell_of_gas", words: str = "井盖边有很浓的燃气味") -> None:
    desk.page.check(f"[name=kind][value={kind}]", force=True)
    desk.page.fill("#description", words)


def send(desk: Desk) -> str:
    """Send the form; the code that is answered."""
    desk.page.click(".street-form button.pri")
    desk.page.wait_for_url("**/r/thanks?code=*")
    return desk.page.locator("[data-code]").inner_text()


def faults(desk: Desk, name: str) -> None:
    if SHOTS:
        desk.page.screenshot(path=os.path.join(SHOTS, f"{name}.png"), full_page=True)
    assert violations(desk.page) == []
    assert desk.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide"


@pytest.mark.parametrize("look", SHOWN, ids="-".join)
def test_every_page_of_it_can_be_read(browser: "Browser", small_site: Site, look: Any):
    forget_visits(small_site)
    choose_language(small_site, ["周调度"], look.locale)
    tail = ".".join(look)
    with sitting(browser, small_site, **look._asdict()) as desk:
        for name, size in (("street", PHONE), ("street-wide", desk.page.viewport_size)):
            desk.page.set_viewport_size(size)
            assert desk.open(f"/r/{label_of(small_site)}") == 200
            faults(desk, f"{name}.{tail}")
        desk.page.set_viewport_size(PHONE)
        assert desk.open("/r") == 200
        faults(desk, f"street-anywhere.{tail}")
        desk.open(f"/r/{label_of(small_site)}")
        fill(desk)
        desk.page.set_input_files("#photos", [photo()])
        code = send(desk)
        faults(desk, f"street-thanks.{tail}")
        desk.open(f"/r/state?code={code}")
        faults(desk, f"street-state.{tail}")
        assert desk.open("/r/state?code=nothing") == 404
        faults(desk, f"street-unknown.{tail}")
        assert desk.complaints == []
    with sitting(browser, small_site, **look._asdict()) as desk:
        desk.sign_in(small_site.username("周调度"))
        desk.open("/public-reports")
        faults(desk, f"public-reports.{tail}")
        desk.page.locator("main .list a.title").last.click()
        desk.page.wait_for_selector("#said")
        faults(desk, f"public-report.{tail}")
        assert desk.complaints == []


def test_from_the_street_to_a_hazard(browser: "Browser", small_site: Site):
    forget_visits(small_site)
    choose_language(small_site, ["周调度"], "zh")
    with sitting(browser, small_site) as street, sitting(browser, small_site) as desk:
        street.open(f"/r/{label_of(small_site)}")
        fill(street, words="听得见漏气的嘶嘶声，在井盖西侧")
        street.page.set_input_files("#photos", [photo()])
        code = send(street)
        with small_site.database.reading(SYSTEM) as session:
            report = session.scalars(
                sa.select(PublicReport).order_by(PublicReport.received_at.desc())
            ).first()
        assert report is not None
        desk.sign_in(small_site.username("周调度"))
        desk.open(f"/public-reports/{report.id}")
        image = desk.page.locator(".pictures img").first
        image.scroll_into_view_if_needed()
        desk.page.locator("form[action$='/acceptance'] button.pri").click()
        desk.page.wait_for_url("**/hazards/YH-*")
        assert "听得见漏气的嘶嘶声" in desk.page.locator("main").inner_text()
        street.open(f"/r/state?code={code}")
        assert street.page.locator("[data-state=accepted]").count() == 1
        assert desk.complaints == street.complaints == []


def test_what_is_wrong_is_said_beside_the_field_and_nothing_typed_is_lost(
    browser: "Browser", small_site: Site
):
    forget_visits(small_site)
    with sitting(browser, small_site) as desk:
        desk.open("/r")
        fill(desk, kind="covered", words="调压箱前堆放杂物")
        desk.page.select_option("#district", "990102")
        desk.page.fill("#phone", "call me")
        desk.page.click(".street-form button.pri")
        desk.page.wait_for_selector("#phone-error")
        assert desk.page.locator("#place-error").count() == 1
        assert desk.page.input_value("#description") == "调压箱前堆放杂物"
        assert desk.page.is_checked("[name=kind][value=covered]")


def test_the_bait_catches_a_program_and_keeps_nothing(browser: "Browser", small_site: Site):
    forget_visits(small_site)
    with small_site.database.reading(SYSTEM) as session:
        before = session.scalar(sa.select(sa.func.count()).select_from(PublicReport))
    with sitting(browser, small_site) as desk:
        desk.open(f"/r/{label_of(small_site)}")
        fill(desk, words="click here for cheap watches")
        desk.page.evaluate("document.getElementById('website').value = 'https://example.org'")
        send(desk)
    with small_site.database.reading(SYSTEM) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(PublicReport)) == before


def test_one_address_reports_so_often_and_no_more(browser: "Browser", small_site: Site):
    forget_visits(small_site)
    with sitting(browser, small_site) as desk:
        for n in range(public_rules().from_one_address):
            desk.open(f"/r/{label_of(small_site, 'VW-9')}")
            fill(desk, words=f"第 {n} 次反映同一情况")
            send(desk)
        desk.open(f"/r/{label_of(small_site, 'VW-9')}")
        fill(desk, words="再反映一次")
        with desk.page.expect_response(lambda r: r.request.method == "POST") as told:
            desk.page.click(".street-form button.pri")
        assert told.value.status == 429
        desk.page.wait_for_selector("main [role=alert]")
    forget_visits(small_site)
