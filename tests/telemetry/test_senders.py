"""Each kind of sender opens the hazards it should through the whole way, and nothing it says closes one."""

from typing import Any

from tests.telemetry.city import City
from tests.telemetry.sending import send
from tests.telemetry.sources.reading import recorded
from tests.telemetry.sources.sparkplug import metric, payload
from tests.telemetry.sources.test_generic import EXAMPLE, entry

NODE, DEVICE = "spBv1.0/g/{}/gw-1", "spBv1.0/g/{}/gw-1/G-101"


def pagerduty(action: str) -> dict[str, Any]:
    body: dict[str, Any] = recorded("docs_pagerduty")["body"] | {"event_action": action}
    return body


def test_the_recorded_zabbix_session_is_one_leak_and_one_fault(small_city: City) -> None:
    events = [event["body"] for event in recorded("real_zabbix_webhook")["events"]]
    send(small_city, "zabbix", *events, settings={"zone": "Asia/Shanghai"})
    assert [(h.family, h.alarm_level, h.blind, h.closed_at) for h in small_city.hazards()] == [
        ("device_fault", None, False, None),
        ("gas_leak", 2, True, None),
    ]
    assert small_city.states() == {"done": 12}  # two of fourteen requests were byte for byte repeated
    before = [(h.id, h.seq) for h in small_city.hazards()]
    send(small_city, "zabbix", *reversed(events))
    assert [(h.id, h.seq) for h in small_city.hazards()] == before


def test_grafana_resolved_for_want_of_data_leaves_the_hazard_blind(small_city: City) -> None:
    body = recorded("docs_grafana")["body"]
    gone = body | {
        "alerts": [
            body["alerts"][0]
            | {"status": "resolved", "annotations": {"grafana_state_reason": "MissingSeries"}}
        ]
    }
    send(small_city, "grafana", body)
    assert (small_city.hazard().alarm_level, small_city.hazard().blind) == (2, False)
    send(small_city, "grafana", gone)
    assert small_city.hazard().blind
    [gas] = [
        alert
        for alert in small_city.alerts()
        if alert.alert_class == "process" and alert.condition == "firing"
    ]
    assert gas.blind


def test_thingsboard_alarms_and_telemetry_meet_in_one_hazard(small_city: City) -> None:
    body = recorded("docs_thingsboard_alarm")["body"]
    send(small_city, "thingsboard", body, body | {"endTs": 1795420999999})
    assert small_city.events(small_city.hazard()) == ["report"]
    send(small_city, "thingsboard", *[{"G-102": [{"ch4_lel": 60}]}] * 3)
    assert small_city.events(small_city.hazard()) == ["report", "alarm"]


def test_a_pagerduty_key_used_again_is_a_new_episode(small_city: City) -> None:
    city = small_city
    send(
        city,
        "pagerduty",
        pagerduty("trigger"),
        pagerduty("trigger"),
        pagerduty("resolve"),
        pagerduty("resolve"),
    )
    assert city.events(city.hazard()) == ["report", "alarm"]
    send(city, "pagerduty", pagerduty("trigger"))
    assert city.events(city.hazard()) == ["report", "alarm", "alarm"]
    assert [alert.condition for alert in city.alerts()] == ["normal", "firing"]
    assert city.hazard().closed_at is None


def test_a_trigger_after_the_hazard_was_closed_opens_another_though_no_resolve_ever_came(
    small_city: City,
) -> None:
    city = small_city
    send(city, "pagerduty", pagerduty("trigger"))
    city.move(city.hazard(), "closed")
    send(city, "pagerduty", pagerduty("trigger"))
    old, new = city.hazards()
    assert (new.reopen_of_id, new.closed_at) == (old.id, None)


def test_statements_of_one_batch_are_told_apart_in_their_order(small_city: City) -> None:
    city = small_city
    words = [pagerduty(action) for action in ("trigger", "resolve", "trigger", "resolve")]
    send(city, "pagerduty", *words, drain=False)
    city.drain()
    assert [alert.condition for alert in city.alerts()] == ["normal", "normal"]
    assert city.events(city.hazard()) == ["report", "alarm", "alarm", "alarm"]


def test_mapped_alarms_wait_for_their_mapping_and_count_once_it_is_there(small_city: City) -> None:
    city = small_city
    message = {"data": {"alarms": [entry(sensorNo="G-101")]}}
    send(city, "generic", message)
    assert [m.reason for m in city.messages()] == ["no_field_map"]
    send(city, "generic", message, settings={"mapping": EXAMPLE})
    assert city.hazards() == []  # the source was entered without one; a person gives it one (see the pages)


def test_a_sparkplug_node_speaks_in_aliases_and_its_death_leaves_the_hazard_blind(city: City) -> None:
    city.deliver(NODE.format("NBIRTH"), payload(metric(name="bdSeq", long_value=0), seq=0), qos=0)
    birth = payload(metric(name="ch4_lel", alias=5, datatype=9, float_value=3.0), seq=1)
    city.deliver(DEVICE.format("DBIRTH"), birth, qos=0)
    for seq in (2, 3, 4):
        city.pass_time(minutes=1)
        city.deliver(DEVICE.format("DDATA"), payload(metric(alias=5, float_value=61.0), seq=seq), qos=0)
        city.drain()
    assert (city.hazard().family, city.hazard().alarm_level, city.hazard().blind) == ("gas_leak", 2, False)
    city.pass_time(minutes=1)
    city.deliver(NODE.format("NDEATH"), payload(metric(name="bdSeq", long_value=0)), qos=0)
    city.drain()
    assert (city.hazard().blind, city.hazard().closed_at) == (True, None)
    assert city.devices()["G-101"].status == "offline"
    assert city.states() == {"done": 6}


def test_thingsboard_topics_reach_their_devices_through_the_broker(small_city: City) -> None:
    for _ in range(3):
        small_city.pass_time(minutes=1)
        small_city.deliver("tb/G-101/v1/devices/me/telemetry", b'{"ch4_lel": 60}')
        small_city.deliver("v1/gateway/telemetry", b'{"G-900": [{"ch4_lel": 30}]}')
    small_city.deliver("v1/devices/me/telemetry", b'{"ch4_lel": 60}')
    small_city.drain()
    assert sorted((h.title[:4], h.alarm_level) for h in small_city.hazards()) == [("VW-1", 2), ("VW-9", 1)]
    assert [m.reason for m in small_city.messages() if m.state == "dead"] == ["no_device"]
