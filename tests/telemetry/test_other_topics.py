"""Through a real broker: ThingsBoard's and Sparkplug's topics are asked for, stored under their kinds, and understood."""

import subprocess
from pathlib import Path

from hazard_flow.clock import SystemClock
from hazard_flow.simulation.servers import Mosquitto, find_program
from hazard_flow.telemetry.jobs import drain_inbox
from tests.harness.mosquitto import publish
from tests.telemetry.city import City
from tests.telemetry.sources.sparkplug import metric, payload
from tests.telemetry.test_mqtt import consuming, eventually, started, stored

BORN = "spBv1.0/g/{}/gw-1/G-101"


def publish_bytes(broker: Mosquitto, topic: str, body: bytes) -> None:
    """One message of bytes that are no text."""
    program = find_program("mosquitto_pub") or "mosquitto_pub"
    command = [program, "-h", "127.0.0.1", "-p", str(broker.port), "-q", "1", "-t", topic, "-s"]
    subprocess.run(command, input=body, check=True, timeout=60)


def test_devices_that_speak_other_languages_are_heard_through_the_broker(
    small_city: City, tmp_path: Path
) -> None:
    city = small_city
    with Mosquitto(tmp_path / "broker") as broker, consuming(city, broker, "intake"):
        eventually(lambda: started(city))
        birth = payload(metric(name="ch4_lel", alias=5, datatype=9, float_value=3.0), seq=1)
        publish_bytes(broker, BORN.format("DBIRTH"), birth)
        publish_bytes(broker, BORN.format("DDATA"), payload(metric(alias=5, float_value=61.5), seq=2))
        publish(broker, "v1/gateway/telemetry", '{"G-900": [{"ch4_lel": 12}]}')
        publish(broker, "tb/G-901/v1/devices/me/telemetry", '{"ch4_lel": 13}')
        eventually(lambda: stored(city) >= 4)
    drain_inbox(city.database, SystemClock())
    assert [m.kind for m in city.messages()] == [
        "sparkplug",
        "sparkplug",
        "thingsboard_mqtt",
        "thingsboard_mqtt",
    ]
    assert city.states() == {"done": 4}
    heard = {
        code: device.last_value for code, device in city.devices().items() if device.last_value is not None
    }
    assert heard == {"G-101": 61.5, "G-900": 12.0, "G-901": 13.0}
