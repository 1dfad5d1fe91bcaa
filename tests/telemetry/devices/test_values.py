"""The last value of each quantity, and how the alerts stand with a device: written with the fold, whatever the order of arrival."""

import random
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry.devices import values
from hazard_flow.telemetry.devices.models import DeviceState, DeviceValue
from hazard_flow.telemetry.models import Alert, Device
from hazard_flow.telemetry.quantities import signals
from tests.telemetry.city import START, City

TOPIC = "gas/demo/VW-1/G-101/telemetry"


def last(city: City, code: str = "G-101") -> dict[str, float]:
    rows = city._all(
        sa.select(DeviceValue).join(Device, Device.id == DeviceValue.device_id).where(Device.code == code)
    )
    return {row.quantity: row.value for row in rows}


def state(city: City, code: str = "G-101") -> DeviceState:
    [row] = city._all(
        sa.select(DeviceState).join(Device, Device.id == DeviceState.device_id).where(Device.code == code)
    )
    return row


def marker(city: City) -> int:
    with city.database.reading(SYSTEM) as session:
        return values.marker(session)


def test_each_quantity_keeps_its_own_last_value(city: City):
    city.deliver(TOPIC, b'{"m": {"ch4_lel": 3.5, "temperature": 18, "cover": 1, "water": 0}}')
    city.pass_time(minutes=1)
    city.deliver(TOPIC, b'{"m": {"ch4_lel": 4, "battery_v": 3.61}}')
    city.drain()
    assert last(city) == {"ch4_lel": 4, "temperature": 18, "cover": 1, "water": 0, "battery_v": 3.61}


def test_every_signal_of_a_gas_network_is_taken(small_city: City):
    for number, signal in enumerate(signals().values()):
        middle = (signal.quantity.low + signal.quantity.high) / 2
        body = b'{"id": "%d", "m": {"%s": %g}}' % (number, signal.quantity.name.encode(), middle)
        small_city.deliver(TOPIC, body)
    small_city.drain()
    assert small_city.states() == {"done": len(signals())}
    assert last(small_city).keys() == signals().keys()


@pytest.mark.parametrize("seed", range(6))
def test_the_newest_observed_value_stands_in_whatever_order_and_batches_it_comes(small_city: City, seed: int):
    dice = random.Random(seed)
    samples = [(START - timedelta(minutes=number), float(number)) for number in range(12)]
    dice.shuffle(samples)
    small_city.now = START
    for number, (at, value) in enumerate(samples + samples[:4]):
        small_city.deliver(
            TOPIC,
            b'{"id": "%d", "ts": "%s", "m": {"ch4_lel": %g}}' % (number, at.isoformat().encode(), value),
        )
        if dice.random() < 0.4:
            small_city.drain()
    small_city.drain()
    assert last(small_city) == {"ch4_lel": 0.0}


def test_an_alarm_shows_on_its_device_and_goes_when_the_signal_is_normal(city: City):
    city.measure("G-101", 60, 60, 60)
    city.measure("G-102", 2)
    city.drain()
    assert (state(city).alarm_level, state(city).is_faulty) == (2, False)
    assert state(city).alarm_since is not None
    assert state(city, "G-102").alarm_level == 0
    city.measure("G-101", *[1] * 15)
    city.drain()
    assert (state(city).alarm_level, state(city).alarm_since) == (0, None)


def test_a_device_that_goes_dark_in_alarm_is_blind_and_still_in_alarm(city: City):
    city.measure("G-101", 60, 60, 60)
    city.drain()
    city.deliver("gas/demo/VW-1/G-101/status", b'{"status": "offline"}')
    city.drain()
    found = state(city)
    assert (found.alarm_level, found.is_faulty, found.is_blind) == (2, True, True)


def test_each_transaction_that_changes_something_moves_the_marker_once(city: City):
    assert marker(city) == 0
    city.measure("G-101", 1, 2, 3)
    city.drain()
    assert marker(city) == 1
    city.drain()
    assert marker(city) == 1
    city.measure("G-102", 1)
    city.drain()
    assert (marker(city), state(city).revision, state(city, "G-102").revision) == (2, 1, 2)


def test_what_changed_behind_intake_is_found_and_told(city: City):
    city.measure("G-101", 60, 60, 60)
    city.drain()
    with city.database.transaction(SYSTEM) as session:
        session.execute(sa.update(Alert).values(condition="normal"))
        assert values.settle(session) == 1
        assert values.settle(session) == 0
    assert (state(city).alarm_level, marker(city)) == (0, 2)
