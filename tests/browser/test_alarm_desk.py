"""The alarm desk in a browser: read by everybody in every look, worked with the mouse, fresh by itself, calm in a storm."""

import itertools
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from hazard_flow.assets.models import Asset
from hazard_flow.identity.models import Organisation
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry.desk.models import AlertDuty, AlertStep
from hazard_flow.telemetry.models import Alert, Device
from hazard_flow.telemetry.operations import register_device, register_source
from hazard_flow.telemetry.packets import Packet, store_packets
from tests.browser.test_every_page import LOOKS, SHOTS, Look, View, seen
from tests.harness.cast import HENGCHUAN
from tests.harness.desk import choose_language, sitting
from tests.harness.site import Site
from tests.harness.waiting import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WHO = "何安全"
_packets = itertools.count(1)


def speak(site: Site, device: str, *values: float, every: float = 60) -> None:
    """A detector in VW-1 has measured these, `every` so many seconds until now; the site's own worker evaluates them."""
    now, pace = site.application.clock.now(), timedelta(seconds=every)
    first = now - pace * (len(values) - 1)
    samples = [
        {"ts": (first + pace * n).isoformat(), "m": {"ch4_lel": value}} for n, value in enumerate(values)
    ]
    packet = Packet(
        f"gas/demo/VW-1/{device}/telemetry", json.dumps(samples).encode(), now, mid=next(_packets)
    )
    with site.database.transaction(SYSTEM) as session:
        store_packets(session, [packet])


def alerts(site: Site) -> dict[str, str]:
    """Device → the id of its alert, of those the desk knows."""
    with site.database.reading(SYSTEM) as session:
        rows = session.execute(
            sa.select(Device.code, Alert.id)
            .join(Alert, Alert.device_id == Device.id)
            .join(AlertDuty, AlertDuty.alert_id == Alert.id)
        )
        return {code: str(id_) for code, id_ in rows}


@pytest.fixture(scope="module")
def storm(small_site: Site) -> Site:
    """A well with eight detectors: six at level 1, one at level 2, one quiet."""
    with small_site.database.transaction(SYSTEM) as session:
        well = session.scalars(sa.select(Asset).where(Asset.code == "VW-1")).one()
        now = small_site.application.clock.now()
        enterprise = session.get_one(Organisation, small_site.city.founded.units[HENGCHUAN])
        register_source(session, "mqtt", name="broker", organisation=enterprise, now=now)
        for number in range(8):
            register_device(session, f"D-{number}", site=well, now=now)
    for number in range(6):
        speak(small_site, f"D-{number}", 2, 3, 3, 8, 26 + number, 27, 29)
    speak(small_site, "D-6", 2, 2, 9, 31, 55, 58, 62)
    speak(small_site, "D-7", *[2] * 20)
    wait_for(lambda: len(alerts(small_site)), lambda n: n == 7)
    return small_site


@pytest.fixture(scope="module")
def seat(browser: "Browser", storm: Site) -> Any:
    """The cookies of whoever looks."""
    with sitting(browser, storm) as desk:
        desk.sign_in(storm.username(WHO))
        return desk.page.context.storage_state()


@pytest.mark.parametrize("look", LOOKS if SHOTS else [LOOKS[0], LOOKS[3], LOOKS[4], LOOKS[7]], ids="-".join)
def test_everybody_can_read_it(browser: "Browser", storm: Site, seat: Any, look: Look) -> None:
    choose_language(storm, [WHO], look.locale)
    found = alerts(storm)
    views = [
        View("alarms", "/alarms", WHO),
        View("alarms-hidden", "/alarms?view=hidden", WHO),
        View("alarm-level-2", f"/alarms/{found['D-6']}", WHO),
        View("alarm-level-1", f"/alarms/{found['D-1']}", WHO),
        View("alarms-performance", "/alarms/performance", WHO),
    ]
    with sitting(browser, storm, **look._asdict(), storage=seat) as desk:
        faults = [f"{view.name}: {fault}" for view in views for fault in seen(desk, view, look)]
    assert faults == []


def test_it_is_worked_with_the_mouse(browser: "Browser", storm: Site, seat: Any) -> None:
    choose_language(storm, [WHO], "zh")
    id_ = alerts(storm)["D-5"]
    with sitting(browser, storm, storage=seat) as desk:
        desk.open(f"/alarms/{id_}")
        page = desk.page
        page.click("form[action$='/acknowledgement'] button.pri")
        page.fill("#respond-note", "北片班已到场")
        page.click("form[action$='/response'] button")
        page.check("input[name=cause][value=biogas]", force=True)
        page.click("form[action$='/feedback'] button.pri")
        page.wait_for_selector("#feed_back-reading-error")  # refused: a reading comes first
        page.fill("#reading", "1.2")
        page.click("form[action$='/feedback'] button.pri")
        page.wait_for_selector("#outcome")
        page.click("details.hide >> text=暂不显示")
        page.fill("#reason", "井内沼气，已派修")
        page.click("form[action$='/hiding'] button")
        page.wait_for_selector("form[action$='/showing']")
        assert desk.complaints == []
    with storm.database.reading(SYSTEM) as session:
        steps = session.scalars(sa.select(AlertStep).order_by(AlertStep.seq)).all()
    mine = [one for one in steps if str(one.alert_id) == id_]
    assert [one.kind for one in mine] == ["published", "acknowledged", "responded", "fed_back", "shelved"]
    assert {one.person_id for one in mine[1:]} == {storm.city.person(WHO)}


def test_a_new_alarm_of_level_2_is_there_without_a_reload(browser: "Browser", storm: Site, seat: Any) -> None:
    choose_language(storm, [WHO], "zh")
    with sitting(browser, storm, storage=seat) as desk:
        desk.open("/alarms")
        page = desk.page
        assert page.locator("details.folded").count() == 1  # five and more of one hazard are one line
        single = page.locator(".rows > li > a.arow")
        # level 2 stands by itself, and so does what else is said of the same detector at level 2
        assert single.filter(has_text="D-6").count() == single.count() >= 1
        before = page.locator(".left-to [data-left]").first.inner_text()
        speak(storm, "D-7", 60, 70, 80, every=1)
        page.wait_for_selector(".rows > li > a.arow:nth-of-type(1) >> text=D-7", timeout=40_000)
        assert single.filter(has_text="D-7").count() >= 1
        assert page.locator(".left-to [data-left]").first.inner_text() != before
        assert desk.complaints == []
