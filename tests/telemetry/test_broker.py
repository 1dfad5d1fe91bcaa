"""The broker as we ship it, against the real mosquitto: who gets in, what they may say, and what `check` sees of it."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hazard_flow.clock import SystemClock
from hazard_flow.simulation.servers import MOSQUITTO, Mosquitto
from hazard_flow.telemetry.broker.looking import Fault, look
from hazard_flow.telemetry.jobs import CLIENT_ID, drain_inbox, run_consumer
from hazard_flow.telemetry.sources.mqtt import Broker
from tests.harness.shipped_broker import SHIPPED, ShippedBroker
from tests.telemetry.city import City
from tests.telemetry.test_mqtt import eventually, started, stored

SAMPLE = '{"m":{"ch4_lel":60}}'
OWN = "gas/n/VW-1/G-101/telemetry"


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShippedBroker]:
    with ShippedBroker(tmp_path_factory.mktemp("broker")) as running:
        yield running


def test_over_tls_with_its_password_a_device_is_heard_and_nobody_speaks_for_it(
    small_city: City, broker: ShippedBroker
) -> None:
    city, stop = small_city, threading.Event()
    ours = Broker(broker.url, str(broker.ca))
    thread = threading.Thread(target=run_consumer, args=(ours, city.database, SystemClock(), stop))
    thread.start()
    try:
        eventually(lambda: started(city))
        for _ in range(3):
            assert broker.publish("G-101", OWN, SAMPLE).returncode == 0
        eventually(lambda: stored(city) == 3)
        # Another's topic: MQTT 5 hears the refusal, 3.1.1 believes it was taken; neither gets through.
        refused = broker.publish("G-102", OWN, SAMPLE, version="mqttv5")
        assert "Not authorized" in refused.stderr
        broker.publish("G-102", OWN, SAMPLE)
        broker.publish("G-102", "hazard-flow/heartbeat/x", SAMPLE)
        # Our session cannot be taken over under its name, nor our door be used by a device.
        assert (
            broker.publish("G-102", "gas/n/VW-1/G-102/telemetry", SAMPLE, client_id=CLIENT_ID).returncode == 0
        )
        assert broker.publish("G-101", OWN, SAMPLE, port=broker.our_port).returncode != 0
        eventually(lambda: stored(city) == 4)
        assert broker.tail(500).count(f"as {CLIENT_ID} ") == 1
    finally:
        stop.set()
        thread.join(20)
    drain_inbox(city.database, SystemClock())
    assert city.states() == {"done": 4}
    assert city.hazard().alarm_level == 2


def test_who_is_not_let_in(broker: ShippedBroker) -> None:
    assert "not authorised" in broker.publish("G-101", OWN, SAMPLE, password="guessed").stderr.lower()
    assert "not authorised" in broker.publish("G-999", OWN, SAMPLE).stderr.lower()
    assert broker.publish("G-101", OWN, SAMPLE, tls=False).returncode != 0


def test_check_finds_nothing_wrong_with_what_we_ship(broker: ShippedBroker) -> None:
    assert look(Broker(broker.url, str(broker.ca))) == []
    assert look(Broker(broker.url, broker.ca.read_text("utf-8"))) == []


def test_check_says_who_does_not_get_in(broker: ShippedBroker) -> None:
    [untrusted] = look(Broker(broker.url))
    assert untrusted.code == "tls"
    wrong = Broker(broker.url.replace("we%2B", "you"), str(broker.ca))
    assert [fault.code for fault in look(wrong)] == ["refused"]
    [away] = look(Broker("mqtt://127.0.0.1:1"))
    assert away.code == "unreachable"


def test_check_sees_that_a_broker_drops_and_lets_in_anybody(tmp_path: Path) -> None:
    with Careless(tmp_path / "careless") as careless:
        faults = look(Broker(careless.url))
    assert [fault.code for fault in faults] == ["small_window", "queue_cut", "open_to_all"]
    assert faults[0] == Fault("small_window", "20")


class Careless(Mosquitto):
    """Debian's defaults, with anybody let in."""

    def prepare(self) -> None:
        super().prepare()
        whole = (self.folder / "mosquitto.conf").read_text("utf-8")
        kept = [line for line in whole.splitlines() if "max_" not in line]
        (self.folder / "mosquitto.conf").write_text("\n".join(kept) + "\n", "utf-8")


def test_the_demos_broker_loses_as_little_as_the_one_we_ship() -> None:
    def durable(text: str) -> dict[str, str]:
        found = re.findall(r"^(persist\w+|autosave\w+|max_\w+|message_size_limit) (\S+)$", text, re.MULTILINE)
        return {name: value for name, value in found if name != "persistence_location"}

    assert durable((SHIPPED / "hazard-flow.conf").read_text("utf-8")) == durable(MOSQUITTO)
