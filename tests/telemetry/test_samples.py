"""What detectors measure opens, joins and worsens hazards; nothing they measure closes one."""

import json

import pytest

from tests.telemetry.city import City
from tests.telemetry.payloads import bodies


def test_three_samples_at_60_open_one_gas_leak_at_level_2(city: City) -> None:
    city.measure("G-101", 60, 60)
    city.drain()
    assert city.hazards() == []
    city.measure("G-101", 60)
    city.drain()
    hazard = city.hazard()
    assert (hazard.family, hazard.alarm_level, hazard.source) == ("gas_leak", 2, "telemetry")
    assert hazard.title == "VW-1 燃气泄漏"
    assert "60 %LEL" in hazard.description
    assert hazard.details["leak_reading"] == "60.000"


def test_words_without_a_name_count_each_and_words_with_one_count_once(small_city: City) -> None:
    city = small_city
    named = json.dumps({"id": "a", "seq": 7, "ts": "2026-11-23T08:00:00Z", "m": {"ch4_lel": 60}}).encode()
    for _ in range(5):
        city.deliver("gas/demo/VW-1/G-101/telemetry", named)
    city.drain()
    assert city.hazards() == []
    assert len(city.messages()) == 1
    for _ in range(2):
        city.deliver("gas/demo/VW-1/G-101/telemetry", b'{"m": {"ch4_lel": 60}}')
    city.drain()
    assert city.hazard().alarm_level == 2


def test_a_packet_the_broker_repeats_is_the_same_message(small_city: City) -> None:
    city = small_city
    for dup in (False, True, True):
        city.deliver("gas/demo/VW-1/G-101/telemetry", b'{"m": {"ch4_lel": 60}}', mid=9, dup=dup)
    assert len(city.messages()) == 1
    # The number is used again for another packet that says the same words.
    city.deliver("gas/demo/VW-1/G-101/telemetry", b'{"m": {"ch4_lel": 60}}', mid=9)
    assert len(city.messages()) == 2
    # Repeated, but never stored: the first delivery died with the consumer.
    city.deliver("gas/demo/VW-1/G-101/telemetry", b'{"m": {"ch4_lel": 60}}', mid=10, dup=True)
    assert len(city.messages()) == 3


def test_level_1_rises_to_2_in_the_same_hazard_and_normal_is_only_noted(small_city: City) -> None:
    city = small_city
    city.measure("G-101", 30, 30, 30)
    city.drain()
    assert city.hazard().alarm_level == 1
    city.measure("G-101", 60, 60, 60)
    city.drain()
    city.measure("G-101", *[2.0] * 12)
    city.drain()
    hazard = city.hazard()
    assert (hazard.alarm_level, hazard.closed_at) == (2, None)
    assert city.events(hazard) == ["report", "alarm", "alarm"]
    [alert] = city.alerts()
    assert (alert.condition, alert.peak_level, alert.peak_value) == ("normal", 2, 60)


def test_a_second_detector_of_the_well_joins(small_city: City) -> None:
    city = small_city
    city.measure("G-101", 30, 30, 30)
    city.measure("G-102", 60, 60, 60)
    city.drain()
    assert city.hazard().alarm_level == 2
    assert len(city.alerts()) == 2
    assert {alert.hazard_id for alert in city.alerts()} == {city.hazard().id}


def test_two_wells_are_two_hazards(small_city: City) -> None:
    city = small_city
    city.measure("G-101", 60, 60, 60)
    city.measure("G-900", 60, 60, 60, site="VW-9")
    city.drain()
    assert len(city.hazards()) == 2


def test_the_registered_site_stands_whatever_the_topic_says(small_city: City) -> None:
    city = small_city
    city.measure("G-101", 60, 60, 60, site="VW-9")
    city.drain()
    assert city.hazard().details["device"] == "G-101"
    assert city.hazard().title.startswith("VW-1")


def test_a_detector_nobody_registered_counts_all_the_same(small_city: City) -> None:
    city = small_city
    city.measure("G-555", 60, 60, 60)
    city.drain()
    assert sorted((h.family, h.alarm_level) for h in city.hazards()) == [("gas_leak", 2), ("unregistered", 2)]
    assert not city.devices()["G-555"].registered
    assert city.devices()["G-101"].registered


def test_an_unknown_well_is_quarantined_and_replayable(small_city: City) -> None:
    from hazard_flow.assets.operations import add_asset
    from hazard_flow.i18n import Label
    from hazard_flow.identity.models import Organisation
    from hazard_flow.storage.scope import SYSTEM
    from hazard_flow.telemetry import inbox

    city = small_city
    city.measure("G-700", 60, 60, 60, site="VW-7")
    assert city.drain().dead == 3
    assert {m.reason for m in city.messages()} == {"unknown_place: VW-7 G-700"}
    assert [(h.family, h.asset_id) for h in city.hazards()] == [("unregistered", None)]
    with city.database.transaction(SYSTEM) as session:
        owner = session.get_one(Organisation, city.enterprise_id)
        add_asset(
            session,
            organisation=owner,
            code="VW-7",
            kind="valve_well",
            label=Label(zh="七", en="7"),
            now=city.now,
        )
        assert inbox.replay(session, [m.id for m in city.messages()]) == 3
    city.drain()
    [leak] = [h for h in city.hazards() if h.family == "gas_leak"]
    assert leak.title.startswith("VW-7")
    assert city.states() == {"done": 3}


def test_a_new_alarm_after_the_recheck_sends_the_hazard_back(city: City) -> None:
    city.measure("G-101", 60, 60, 60)
    city.drain()
    city.move(city.hazard(), "verified")
    city.measure("G-102", 30, 30, 30)
    city.drain()
    assert (city.hazard().state, city.hazard().stage) == ("rectifying", "rectifying")
    assert city.events(city.hazard()) == ["report", "realarm"]


def test_a_normal_signal_on_a_verified_hazard_changes_nothing(small_city: City) -> None:
    city = small_city
    city.measure("G-101", 60, 60, 60)
    city.drain()
    city.move(city.hazard(), "verified")
    city.measure("G-101", *[1.0] * 12)
    city.drain()
    assert city.hazard().state == "verified"
    assert city.states() == {"done": 15}
    assert city.alerts()[0].condition == "normal"


def test_a_new_alarm_after_closing_opens_a_new_hazard_linked_to_the_old(city: City) -> None:
    city.measure("G-101", 60, 60, 60)
    city.measure("G-101", *[1.0] * 12)
    city.drain()
    first = city.hazard()
    city.move(first, "closed")
    city.measure("G-101", 30, 30, 30)
    city.drain()
    old, new = city.hazards()
    assert (new.reopen_of_id, new.closed_at, new.alarm_level) == (old.id, None, 1)
    assert old.id == first.id


def test_an_alarm_that_worsens_after_closing_opens_a_new_hazard(small_city: City) -> None:
    city = small_city
    city.measure("G-101", 30, 30, 30)
    city.drain()
    city.move(city.hazard(), "closed")
    city.measure("G-101", 60, 60, 60)
    city.drain()
    assert [h.alarm_level for h in city.hazards()] == [1, 2]


def test_a_fault_alone_opens_a_device_fault_and_a_later_gas_alarm_is_blind_from_the_start(
    small_city: City,
) -> None:
    city = small_city
    city.post(*bodies("06"))
    assert city.hazard().family == "device_fault"
    city.post(*bodies("01"))
    fault, gas = city.hazards()
    assert (fault.family, gas.family, gas.blind) == ("device_fault", "gas_leak", True)


def test_a_fault_of_a_detector_that_did_not_speak_leaves_the_gas_hazard_seeing(small_city: City) -> None:
    city = small_city
    city.measure("G-102", 60, 60, 60)
    city.drain()
    city.post(*bodies("06"))  # G-101
    gas, fault = city.hazards()
    assert (gas.family, gas.blind, fault.family) == ("gas_leak", False, "device_fault")


def test_a_detector_that_goes_offline_in_alarm_leaves_the_hazard_blind(small_city: City) -> None:
    city = small_city
    city.measure("G-101", 60, 60, 60)
    city.deliver("gas/demo/VW-1/G-101/status", b'{"status": "offline"}')
    city.deliver("gas/demo/VW-1/G-102/status", b'{"status": "offline"}')
    city.drain()
    assert city.hazard().blind
    assert {code: d.status for code, d in city.devices().items() if d.status != "unknown"} == {
        "G-101": "offline",
        "G-102": "offline",
    }


def test_retained_words_are_no_evidence(small_city: City) -> None:
    city = small_city
    for _ in range(3):
        city.pass_time(minutes=1)
        city.deliver("gas/demo/VW-1/G-101/telemetry", b'{"m": {"ch4_lel": 60}}', retain=True)
    city.drain()
    assert city.hazards() == []
    assert city.states() == {"done": 1}


def test_samples_older_than_a_day_are_kept_and_not_evaluated(small_city: City) -> None:
    city = small_city
    for n in range(3):
        body = json.dumps({"id": n, "ts": f"2026-11-21T08:0{n}:00Z", "m": {"ch4_lel": 60}}).encode()
        city.deliver("gas/demo/VW-1/G-101/telemetry", body)
    city.drain()
    assert city.hazards() == []
    assert city.states() == {"done": 3}


def test_samples_out_of_order_open_what_the_ordered_ones_open(small_city: City) -> None:
    city = small_city
    city.pass_time(minutes=10)
    for n in (2, 0, 1):
        body = json.dumps({"id": n, "ts": f"2026-11-23T08:0{n}:00Z", "m": {"ch4_lel": 60}}).encode()
        city.deliver("gas/demo/VW-1/G-101/telemetry", body)
        city.drain()
    assert city.hazard().alarm_level == 2


@pytest.mark.parametrize("value", [130, 100])
def test_a_saturated_head_is_treated_as_gas(small_city: City, value: float) -> None:
    small_city.measure("G-101", value, value, value)
    small_city.drain()
    assert small_city.hazard().alarm_level == 2


def test_nonsense_beside_an_alarm_is_set_aside_and_the_alarm_goes_through(small_city: City) -> None:
    city = small_city
    city.deliver("gas/demo/VW-1/G-101/telemetry", b"{")
    city.deliver("gas/demo/VW-1/G-101/telemetry", b'{"m": {"ch4_lel": 65535}}')
    city.deliver("gas/x/y", b"")
    city.measure("G-101", 60, 60, 60)
    city.drain()
    assert city.states() == {"dead": 3, "done": 3}
    assert city.hazard().alarm_level == 2
