"""A round on the tablet: begun and filled in with no network, kept when the screen is left, handed in when the network is back."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from hazard_flow.clock import SystemClock
from hazard_flow.inspections import making
from hazard_flow.inspections.checklists.loading import checklists
from hazard_flow.inspections.models import Round, RoundAnswer, RoundPhoto
from hazard_flow.storage.scope import SYSTEM
from tests.harness.browser import violations
from tests.harness.founding import ZONE
from tests.harness.in_hand import Hand, in_hand, shot
from tests.harness.rounds import plan
from tests.harness.site import Site
from tests.harness.waiting import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def owed(site: Site, name: str) -> str:
    plan(site.city, name, name_en="Weekly wells")
    making.make(site.database, SystemClock(), ZONE)
    today = datetime.now(UTC).astimezone(ZONE).date()
    with site.database.reading(SYSTEM) as session:
        return str(session.scalars(sa.select(Round.id).filter_by(name_zh=name, planned_on=today)).one())


def fill(hand: Hand, *, failed: str) -> None:
    """Every item good but one, readings typed, photos where the sheet asks for them."""
    rows = hand.page.locator(".sheet .item")
    for number, item in enumerate(checklists()["valve_well"].items):
        row = rows.nth(number)
        if item.answer == "reading":
            box = row.locator("input[inputmode=decimal]")
            box.fill({"gas": "0", "oxygen": "20.9", "toxic": "0"}[item.key])
            box.press("Tab")
        else:
            row.locator(".seg button").nth(1 if item.key == failed else 0).click()
        if item.photo == "always" or item.key == failed:
            row.locator("label.btn.pri").wait_for()
            hand.take(row.locator("label.btn"), shot(number))
            row.locator(".shot.small img").wait_for()


@pytest.mark.timeout(240)
def test_a_round_of_the_cellar_is_handed_in_when_the_network_is_back(browser: "Browser", small_site: Site):
    id_ = owed(small_site, "平板阀井周检")
    with in_hand(browser, small_site) as hand:
        hand.sign_in("李巡检")
        hand.installed()
        hand.page.wait_for_selector("#h-rounds")
        hand.offline()
        hand.tap(f"a[href='#/round/{id_}']")
        hand.page.wait_for_selector(".sheet .item")
        assert violations(hand.page) == []
        hand.tap(".btn.pri.big")
        hand.page.wait_for_selector("[role=alert] li")
        fill(hand, failed="water")
        hand.open("home")
        hand.open(f"round/{id_}")
        hand.page.wait_for_selector(".sheet .item.failed")
        assert hand.page.locator(".shot.small img").count() == 2
        hand.tap(".btn.pri.big")
        hand.page.wait_for_selector(".stored")
        hand.offline(False)
        [receipt] = hand.sent()
        assert receipt["outcome"] == "entered"

    def done() -> Round | None:
        with small_site.database.reading(SYSTEM) as session:
            return session.scalars(sa.select(Round).filter_by(name_zh="平板阀井周检", state="done")).first()

    found = wait_for(done, bool)
    assert found is not None
    assert (found.source, found.findings) == ("tablet", 1)
    with small_site.database.reading(SYSTEM) as session:
        rows = session.scalars(sa.select(RoundAnswer).filter_by(round_id=found.id)).all()
        photos = session.scalars(sa.select(RoundPhoto).filter_by(round_id=found.id)).all()
    assert len(rows) == len(checklists()["valve_well"].items)
    assert {one.item for one in photos} == {"cover", "water"}
