"""A calibration that has run out opens a hazard of its own device, once, and again where somebody only said it was mended."""

from datetime import timedelta

import sqlalchemy as sa

from hazard_flow.hazards.models import Hazard
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry.devices.expiry import open_expired
from hazard_flow.telemetry.devices.jobs import look_after
from tests.harness.founding import ZONE
from tests.telemetry.devices.field import Field


def hazards(devices: Field) -> list[Hazard]:
    return list(devices.city.all(sa.select(Hazard).order_by(Hazard.number)))


def look(devices: Field) -> int:
    return look_after(devices.city.database, devices.city.clock, ZONE)


def day(devices: Field, **ahead: float) -> str:
    return (devices.city.now.astimezone(ZONE) + timedelta(**ahead)).date().isoformat()


def mend(devices: Field, hazard: Hazard) -> None:
    """The ordinary way to the end, with the paper of the calibration."""
    city = devices.city
    city.bring_to(hazard, "rectifying")
    before = city.photo("PHOTO_BEFORE", stage="rectify")
    after = city.photo("PHOTO_AFTER", stage="rectify", pair_of=before.sha256)
    city.submit(hazard, evidence=[before, after, *city.papers(hazard)])
    city.verify(hazard)
    city.close(hazard)


def test_the_last_day_still_holds_and_the_next_one_opens_a_hazard(devices: Field):
    devices.enter("G-101", calibration_due_on=day(devices))
    assert look(devices) == 0
    devices.city.clock.advance(timedelta(days=1))
    assert look(devices) == 1
    [hazard] = hazards(devices)
    assert (hazard.stage, hazard.catalogue_code, hazard.family) == ("reported", "MON-G02", None)
    assert hazard.title == "VW-1 监测设备 G-101 超期未检定"
    assert hazard.asset_id == devices.city.founded.assets["VW-1"]
    assert look(devices) == 0


def test_each_device_of_a_site_has_a_hazard_of_its_own(devices: Field):
    for code in ("G-101", "G-102"):
        devices.enter(code, calibration_due_on=day(devices, days=-3))
    assert look(devices) == 2
    assert [hazard.title for hazard in hazards(devices)] == [
        "VW-1 监测设备 G-101 超期未检定",
        "VW-1 监测设备 G-102 超期未检定",
    ]
    he = devices.person("何安全")
    assert hazards(devices)[0].number in he.get(f"/devices/{devices.ids['G-101']}").text
    assert hazards(devices)[0].number not in he.get(f"/devices/{devices.ids['G-102']}").text


def test_two_workers_at_once_open_one(devices: Field):
    devices.enter("G-101", calibration_due_on=day(devices, days=-3))
    assert look(devices) == 1
    with devices.city.database.transaction(SYSTEM) as session:
        # the other worker read before the first one wrote
        session.execute(sa.text("UPDATE device_record SET hazard_id = NULL, hazard_due_on = NULL"))
    with devices.city.database.transaction(SYSTEM) as session:
        open_expired(session, devices.city.now, ZONE)
    assert len(hazards(devices)) == 1


def test_closed_as_rectified_with_the_old_date_it_comes_back_as_a_relapse(devices: Field):
    devices.enter("G-101", calibration_due_on=day(devices, days=-3))
    look(devices)
    [first] = hazards(devices)
    mend(devices, first)
    assert look(devices) == 1
    second = hazards(devices)[-1]
    assert second.reopen_of_id == first.id
    mend(devices, second)
    devices.enter("G-101", calibration_due_on=day(devices, days=300))
    assert look(devices) == 0


def test_dismissed_it_stays_so_until_the_date_changes(devices: Field):
    devices.enter("G-101", calibration_due_on=day(devices, days=-3))
    look(devices)
    [first] = hazards(devices)
    devices.city.dismiss(first, leak_reading="0", leak_unit="pct_lel")
    assert look(devices) == 0
    devices.enter("G-101", calibration_due_on=day(devices, days=-1))
    assert look(devices) == 1
    assert hazards(devices)[-1].reopen_of_id is None


def test_a_new_date_while_the_hazard_is_open_opens_no_second_one(devices: Field):
    devices.enter("G-101", calibration_due_on=day(devices, days=-3))
    look(devices)
    devices.enter("G-101", calibration_due_on=day(devices, days=-2))
    assert look(devices) == 0
    assert len(hazards(devices)) == 1
