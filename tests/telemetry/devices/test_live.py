"""The stream of devices through the whole application: any web process tells it, nobody hears of what lies outside their scope."""

import json
from collections.abc import Iterator

from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry.devices import values
from hazard_flow.telemetry.devices.queries import CHANGES_MAX
from hazard_flow.telemetry.models import Device
from tests.telemetry.devices.field import Field


def told(answer: object) -> Iterator[dict[str, object]]:
    """What a stream says, event by event."""
    for chunk in answer.iter_encoded():  # type: ignore[attr-defined]
        for line in chunk.decode().splitlines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))


def marker(devices: Field) -> int:
    with devices.city.database.reading(SYSTEM) as session:
        return values.marker(session)


def test_every_web_process_tells_what_any_of_them_or_a_worker_changed(devices: Field):
    """The page was drawn at a marker; what changed between drawing and connecting is told as well."""
    drawn_at = marker(devices)
    devices.measure("G-101", 3)
    for _ in range(2):
        he = devices.person("何安全")
        answer = he.client.get(f"/live?topic=devices&since=devices={drawn_at}", buffered=False)
        events = told(answer)
        assert next(events) == {"topic": "devices", "changed": [str(devices.ids["G-101"])]}
        answer.close()
        devices.restart()


def test_nobody_hears_of_another_enterprises_devices(devices: Field):
    drawn_at = marker(devices)
    devices.measure("A-1", 3)
    ma = devices.person("马安全").client.get(f"/live?topic=devices&since=devices={drawn_at}", buffered=False)
    assert next(told(ma)) == {"topic": "devices", "changed": [str(devices.ids["A-1"])]}
    ma.close()
    he = devices.person("何安全").client.get(f"/live?topic=devices&since=devices={drawn_at}", buffered=False)
    devices.measure("G-101", 3)
    assert next(told(he)) == {"topic": "devices", "changed": [str(devices.ids["G-101"])]}
    he.close()


def test_what_stays_the_same_is_not_told_and_a_calibration_is(devices: Field):
    devices.measure("G-101", 3)
    drawn_at = marker(devices)
    devices.deliver("gas/east/VW-1/nobody/event", b"{}")
    assert marker(devices) == drawn_at
    devices.enter("G-102", calibration_due_on="2027-01-01")
    assert marker(devices) == drawn_at + 1


def test_very_many_are_only_said_to_be_many(devices: Field):
    with devices.city.database.transaction(SYSTEM) as session:
        site_id = session.get_one(Device, devices.ids["G-101"]).site_id
        home_id = session.get_one(Device, devices.ids["G-101"]).home_id
        many = [
            Device(home_id=home_id, code=f"M-{number}", site_id=site_id, created_at=devices.city.now)
            for number in range(CHANGES_MAX + 1)
        ]
        session.add_all(many)
        session.flush()
        drawn_at = values.marker(session)
        values.renew(session, [device.id for device in many])
    answer = devices.person("何安全").client.get(
        f"/live?topic=devices&since=devices={drawn_at}", buffered=False
    )
    assert next(told(answer)) == {"topic": "devices", "changed": None}
    answer.close()
