"""The largest messages a sender may make are taken, portion by portion, on both databases."""

import json

from tests.telemetry.city import City
from tests.telemetry.test_intake import gas, webhook


def test_a_webhook_of_five_thousand_alerts_goes_through(city: City) -> None:
    alerts = [gas("G-101", name=f"CombustibleGas{n}") | {"startsAt": str(n)} for n in range(2_499)]
    worst = gas("G-102", level="2")
    city.post(webhook(*alerts, worst, *alerts, worst))
    assert city.states() == {"done": 1}
    hazard = city.hazard()
    assert hazard.alarm_level == 2
    assert len(city.alerts()) == 2_500
    assert {alert.hazard_id for alert in city.alerts()} == {hazard.id}
    # 1 000 signals a portion: in each, twenty alarms one by one and the others in one line
    assert len(city.events(hazard)) == 1 + 3 * 21
    assert "further alarms" in hazard.details["note"]


def test_a_gateways_long_buffer_goes_through(city: City) -> None:
    samples = [
        {"ts": f"2026-11-23T{n // 60:02}:{n % 60:02}:00Z", "m": {"ch4_lel": 3, "battery_v": 3.6}}
        for n in range(480)
    ]
    samples += [{"ts": f"2026-11-23T08:0{n}:00Z", "m": {"ch4_lel": 60}} for n in range(3)]
    city.pass_time(minutes=5)
    city.deliver("gas/n/VW-1/G-101/telemetry", json.dumps(samples).encode())
    city.drain()
    assert city.states() == {"done": 1}
    assert city.hazard().alarm_level == 2
