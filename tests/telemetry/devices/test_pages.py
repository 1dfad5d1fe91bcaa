"""The pages and the API of devices: what is listed in which state, what lies outside a person's scope, how the register is kept."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry.devices.models import DeviceRecord
from hazard_flow.telemetry.models import Alert
from tests.harness.founding import on_sqlite_only
from tests.telemetry.devices.field import Field


def states(devices: Field, name: str = "何安全") -> dict[str, str]:
    return {one["code"]: one["state"] for one in devices.person(name).json("/api/v1/devices")["items"]}


def test_each_device_is_in_the_worst_state_that_is_the_matter_with_it(devices: Field):
    assert states(devices) == {"G-101": "no_data", "G-102": "no_data", "G-900": "no_data"}
    devices.enter("G-900", calibration_due_on="2020-01-01")
    devices.measure("G-102", 1.5)
    devices.measure("G-900", 2)
    devices.measure("G-101", 60, 60, 60)
    assert states(devices) == {"G-101": "alarm", "G-102": "normal", "G-900": "expired"}
    devices.city.clock.advance(timedelta(hours=5))
    assert states(devices) == {"G-101": "alarm", "G-102": "no_data", "G-900": "no_data"}


def test_the_worst_come_first_and_pages_follow_on_each_other(devices: Field):
    devices.measure("G-900", 60, 60, 60)
    devices.measure("G-102", 1)
    he, cursor, seen = devices.person("何安全"), "", []
    for _ in range(4):
        page = he.json(f"/api/v1/devices?limit=1{cursor}")
        seen += [one["code"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == ["G-900", "G-101", "G-102"]


def test_level_2_comes_before_level_1_and_the_gas_before_the_pressure(devices: Field):
    devices.enter("G-900", kind="regulator_terminal")
    devices.measure("G-900", 2.4, quantity="pressure_out")
    devices.measure("G-101", 30, 30, 30)
    devices.measure("G-900", 60, 60, 60)
    he = devices.person("何安全")
    assert [one["code"] for one in he.json("/api/v1/devices")["items"]] == ["G-900", "G-101", "G-102"]
    text = he.get("/devices").text
    assert text.index("60.0") < text.index("2.40")
    assert he.json("/api/v1/devices?state=alarm&limit=1")["next_cursor"] is not None
    [site] = [
        one for one in he.json("/devices/places.json")["features"] if one["properties"]["code"] == "VW-9"
    ]
    assert site["properties"]["devices"] == {"alarm": 1}


def test_nobody_sees_the_devices_of_another_enterprise(devices: Field):
    devices.measure("A-1", 60, 60, 60)
    assert "A-1" not in states(devices)
    assert states(devices, "马安全") == {"A-1": "alarm"}
    he = devices.person("何安全")
    for path in (f"/devices/{devices.ids['A-1']}", f"/devices/{devices.ids['A-1']}/edit"):
        assert he.get(path).status_code == 404
    assert he.client.get("/api/v1/devices/A-1").status_code == 404
    assert he.client.get("/api/v1/devices/A-1/history").status_code == 404
    assert "A-1" not in he.get("/devices").text
    assert [one["properties"]["code"] for one in he.json("/devices/places.json")["features"]] == [
        "VW-1",
        "VW-9",
    ]


def test_an_alarm_shows_to_whoever_sees_the_device_even_where_its_hazard_is_another_teams(devices: Field):
    devices.measure("G-900", 60, 60, 60)
    li = devices.person("李巡检")
    assert li.json("/api/v1/devices/G-900")["state"] == "alarm"
    page = li.get(f"/devices/{devices.ids['G-900']}")
    assert page.status_code == 200
    assert "YH-" not in page.text


def test_a_devices_page_shows_its_values_alarms_and_hazards(devices: Field):
    devices.measure("G-101", 21, quantity="temperature")
    devices.measure("G-101", 2, 60, 60, 60, 62)
    he = devices.person("何安全")
    text = he.get(f"/devices/{devices.ids['G-101']}?lang=en").text
    for words in ("62.0", "21.0", "Methane", "Temperature", "peak 62", "VW-1"):
        assert words in text, words
    assert "/hazards/YH-" in text


def test_the_history_keeps_every_peak_however_small_it_is_made(devices: Field):
    devices.measure("G-101", *[1, 2, 90, 2, 1, 3] * 5, every=60)
    he = devices.person("何安全")
    since = (devices.city.now - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    fine = he.json(f"/api/v1/devices/G-101/history?limit=1000&from={since}")["items"]
    assert [one["samples"] for one in fine] == [1] * 30
    coarse = he.json("/api/v1/devices/G-101/history?limit=30")["items"]
    assert {one["step_seconds"] for one in coarse} == {3600}
    assert max(one["high"] for one in coarse) == 90
    assert min(one["low"] for one in coarse) == 1
    assert sum(one["samples"] for one in coarse) == 30
    assert he.json("/api/v1/devices/G-101/history?quantity=pressure")["items"] == []


@pytest.mark.parametrize(
    "query",
    [
        "from=yesterday",
        "from=2026-11-23T10:00:00",
        "limit=0",
        "limit=x",
        "limit=1001",
        "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
    ],
)
def test_a_wrong_span_is_refused(devices: Field, query: str):
    assert devices.person("何安全").client.get(f"/api/v1/devices/G-101/history?{query}").status_code == 400


@on_sqlite_only
@pytest.mark.parametrize(
    "path",
    [
        "/devices?state=x",
        "/devices?kind=x",
        "/devices?cursor=x",
        "/devices?cursor=WzEsMiwzXQ",
        "/live",
        "/live?topic=x",
    ],
)
def test_an_odd_request_is_answered_not_broken(devices: Field, path: str):
    assert devices.person("何安全").get(path).status_code == 400


def test_the_register_is_kept_by_whoever_may_and_says_all_that_is_wrong(devices: Field):
    he = devices.person("何安全")
    fields = {"code": "G 7/7", "site": "nowhere", "kind": "", "calibrated_on": "soon", "maker": "x" * 100}
    answer = he.post("/devices?lang=en", **fields)
    assert answer.status_code == 422
    for words in (
        "Device code: A device code has no blank",
        "Site: There is no such asset",
        "Kind: This is needed",
        "Calibrated on: This must be a date",
        "Maker: At most 80",
    ):
        assert words in answer.text, words
    answer = he.post(
        "/devices", code="P-77", site="VW-1", kind="pressure_terminal", calibrated_on="2026-03-01"
    )
    assert answer.status_code == 303
    view = he.json("/api/v1/devices/P-77")
    assert (view["kind"], view["calibration_due_on"]) == ("pressure_terminal", "2027-03-01")
    assert he.post("/devices", code="P-77", site="VW-1", kind="pressure_terminal").status_code == 422
    moved = he.post(
        f"/devices/{view['id']}",
        site="VW-9",
        kind="pressure_terminal",
        serial="S-1",
        calibration_due_on="2026-01-01",
    )
    assert moved.status_code == 303
    view = he.json("/api/v1/devices/P-77")
    assert (view["site"], view["serial"], view["calibrated_on"], view["calibration_due_on"]) == (
        "VW-9",
        "S-1",
        None,
        "2026-01-01",
    )


def test_who_may_not_keep_the_register_is_refused(devices: Field):
    li = devices.person("李巡检")
    assert "/devices/new" not in li.get("/devices").text
    assert li.get("/devices/new").status_code == 403
    assert li.post("/devices", code="P-1", site="VW-1", kind="gas_detector").status_code == 403
    assert (
        devices.person("马安全")
        .post(f"/devices/{devices.ids['G-101']}", site="AP-1", kind="gas_detector")
        .status_code
        == 404
    )


def test_a_device_that_spoke_before_it_was_entered_is_registered_by_entering_it(devices: Field):
    devices.deliver("gas/east/VW-1/X-9/telemetry", b'{"m": {"ch4_lel": 3}}')
    he = devices.person("何安全")
    found = he.json("/api/v1/devices/X-9")
    assert found["registered"] is False
    assert "未登记" in he.get("/devices").text
    assert he.post(f"/devices/{found['id']}", site="VW-1", kind="well_terminal").status_code == 303
    assert he.json("/api/v1/devices/X-9")["registered"] is True


def test_a_site_is_on_the_map_in_the_worst_state_of_its_devices(devices: Field):
    devices.measure("G-101", 60, 60, 60)
    devices.measure("G-102", 1)
    features = devices.person("何安全").json("/devices/places.json")["features"]
    by_code = {one["properties"]["code"]: one["properties"] for one in features}
    assert by_code["VW-1"]["state"] == "alarm"
    assert by_code["VW-1"]["alarm_level"] == 2
    assert by_code["VW-1"]["devices"] == {"alarm": 1, "normal": 1}
    assert by_code["VW-9"]["state"] == "no_data"
    assert features[0]["geometry"] == {"type": "Point", "coordinates": [119.4, 32.4]}


def test_the_home_page_tells_how_the_devices_stand(devices: Field):
    devices.measure("G-101", 60, 60, 60)
    text = devices.person("何安全").get("/?lang=zh").text
    assert "实时监测" in text
    assert "data-live=" in text


def test_there_is_one_record_a_device_and_every_alarm_ends_in_the_state(devices: Field):
    devices.measure("G-101", 60, 60, 60, *[1] * 15)
    with devices.city.database.reading(SYSTEM) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(DeviceRecord)) == 4
        assert session.scalar(sa.select(Alert.condition)) == "normal"
    assert states(devices)["G-101"] == "normal"
