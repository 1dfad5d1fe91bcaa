"""ThingsBoard: alarms of a rule chain, telemetry of devices and gateways, by HTTP and on its topics."""

from typing import Any

import pytest

from tests.telemetry.sources.reading import AT, parsed, recorded, told

GATEWAY = {
    "G-101": [{"ts": 1795420119647, "values": {"ch4_lel": 12, "fw": "1.2"}}],
    "G-102": [{"ch4_lel": 3}],
}


def alarm(**changed: Any) -> dict[str, Any]:
    body: dict[str, Any] = recorded("docs_thingsboard_alarm")["body"] | changed
    return body


def values(result: Any) -> list[tuple[object, ...]]:
    return [(s.device, s.quantity, s.value) for s in result.signals]


def test_the_documented_alarm_is_a_firing_statement_whose_id_names_the_episode() -> None:
    result = parsed("thingsboard", alarm())
    assert told(result) == [("firing", "VW-1", "G-101", 2)]
    assert result.signals[0].episode == "bfb13620-7737-400b-9c89-d569a0835de6"
    assert result.signals[0].summary == "61 %LEL"


def test_cleared_ends_it_and_a_repeat_is_the_same_statement() -> None:
    cleared = parsed("thingsboard", alarm(cleared=True, status="CLEARED_UNACK"))
    assert told(cleared) == [("resolved", "VW-1", "G-101", 2)]
    again = parsed("thingsboard", alarm(endTs=1795420999999))
    assert again.signals[0].delivery_key == parsed("thingsboard", alarm()).signals[0].delivery_key
    worse = parsed("thingsboard", alarm(severity="MAJOR"))
    assert worse.signals[0].delivery_key != again.signals[0].delivery_key
    assert worse.signals[0].level is None


def test_the_older_form_without_truth_values_is_read_by_its_status() -> None:
    old = {k: v for k, v in alarm(status="CLEARED_ACK").items() if k not in ("cleared", "acknowledged")}
    assert told(parsed("thingsboard", old))[0][0] == "resolved"
    odd = parsed("thingsboard", old | {"status": "SOMEHOW"})
    assert [str(p) for p in odd.problems] == ["alert_status: SOMEHOW"]


@pytest.mark.parametrize("kind", ["thingsboard", "thingsboard_mqtt"])
def test_a_gateway_names_its_devices(kind: str) -> None:
    result = parsed(kind, GATEWAY, headers={"topic": "v1/gateway/telemetry"})
    assert values(result) == [("G-101", "ch4_lel", 12.0), ("G-102", "ch4_lel", 3.0)]
    assert result.problems == ()
    assert result.signals[0].observed_at.isoformat() == "2026-11-23T07:48:39.647000+00:00"
    assert result.signals[1].observed_at == AT


@pytest.mark.parametrize(
    "body",
    [
        {"ch4_lel": 12},
        [{"ch4_lel": 12}],
        {"ts": 1700000000000, "values": {"ch4_lel": 12}},
        [{"ts": 1700000000000, "values": {"ch4_lel": 12}}],
    ],
)
def test_each_form_of_a_devices_telemetry_is_that_of_the_device_the_address_stands_for(body: object) -> None:
    result = parsed("thingsboard", body, settings={"device": "G-101"})
    assert values(result) == [("G-101", "ch4_lel", 12.0)]
    nobody = parsed("thingsboard", body)
    assert [p.code for p in nobody.problems] == ["no_device"]


def test_on_the_device_topic_only_the_brokers_prefix_says_whose_it_is() -> None:
    named = parsed("thingsboard_mqtt", {"ch4_lel": 12}, headers={"topic": "tb/G-101/v1/devices/me/telemetry"})
    assert values(named) == [("G-101", "ch4_lel", 12.0)]
    bare = parsed("thingsboard_mqtt", {"ch4_lel": 12}, headers={"topic": "v1/devices/me/telemetry"})
    assert [p.code for p in bare.problems] == ["no_device"]


def test_a_gateway_tells_of_devices_that_come_and_go() -> None:
    for word, status in (("connect", "online"), ("disconnect", "offline")):
        said = parsed("thingsboard_mqtt", {"device": "G-101"}, headers={"topic": f"v1/gateway/{word}"})
        assert told(said) == [(status, None, "G-101", None)]


def test_attributes_and_retained_words_say_nothing() -> None:
    for headers in ({"topic": "v1/devices/me/attributes"}, {"topic": "v1/gateway/telemetry", "retain": True}):
        result = parsed("thingsboard_mqtt", GATEWAY, headers=headers)
        assert (result.signals, result.problems) == ((), ())


def test_a_known_quantity_that_is_no_number_is_named_and_other_words_are_passed_over() -> None:
    result = parsed("thingsboard", {"ch4_lel": "err", "fw": "1.2", "ok": True}, settings={"device": "G-101"})
    assert [str(p) for p in result.problems] == ["not_a_number: ch4_lel"]


def test_the_sources_own_names_for_quantities_become_ours() -> None:
    settings = {"device": "G-101", "quantities": {"CH4": "ch4_lel", "rssi": None}}
    result = parsed("thingsboard", {"CH4": 12, "rssi": -71}, settings=settings)
    assert (values(result), result.problems) == ([("G-101", "ch4_lel", 12.0)], ())


def test_the_same_sample_again_is_the_same_and_one_without_a_time_is_not() -> None:
    timed = {"ts": 1700000000000, "values": {"ch4_lel": 12}}
    keys = {
        parsed("thingsboard", body, settings={"device": "G-101"}, headers={"key": key})
        .signals[0]
        .delivery_key
        for body in (timed, {"ch4_lel": 12})
        for key in ("request:1", "request:2")
    }
    assert len(keys) == 3
