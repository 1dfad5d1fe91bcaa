"""A device's words on its topic become samples; which deliveries are the same one is decided by what the device says."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hazard_flow.telemetry.signals import Parsed, Raw
from hazard_flow.telemetry.sources.device_topics import Topic, delivery_key, parse, read_topic

RECEIVED = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
TOPIC = "gas/north/VW-1/G-101/telemetry"


def parsed(body: object, topic: str = TOPIC, **headers: Any) -> Parsed:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return parse(Raw("mqtt", data, RECEIVED, {"topic": topic, "key": "k", **headers}))


def key(body: dict[str, Any], *, topic: str = TOPIC, at: datetime = RECEIVED) -> str | None:
    return delivery_key(topic, json.dumps(body).encode(), at)


def test_a_sample_takes_place_and_device_from_the_topic_only() -> None:
    [signal] = parsed(
        {"id": "7", "ts": "2026-11-23T07:59:58.5Z", "m": {"ch4_lel": 60}, "site": "VW-9", "device": "G-900"}
    ).signals
    assert (signal.site, signal.device, signal.quantity, signal.value) == ("VW-1", "G-101", "ch4_lel", 60.0)
    assert signal.observed_at == datetime(2026, 11, 23, 7, 59, 58, 500000, tzinfo=UTC)


def test_a_gateway_may_send_its_buffer_as_a_list() -> None:
    result = parsed([{"m": {"ch4_lel": 1, "battery_v": 3.6}}, {"m": {"ch4_lel": 2}}])
    assert [(s.quantity, s.value) for s in result.signals] == [
        ("ch4_lel", 1.0),
        ("battery_v", 3.6),
        ("ch4_lel", 2.0),
    ]
    assert len({s.delivery_key for s in result.signals}) == 3


def test_the_devices_own_doubt_is_kept_beside_the_value() -> None:
    assert parsed({"m": {"ch4_lel": 60}, "q": "bad", "ts": "?"}).signals[0].quality == "clock q=bad"
    assert parsed({"m": {"ch4_lel": 60}, "q": 0}).signals[0].quality == ""


@pytest.mark.parametrize(
    ("body", "topic", "codes"),
    [
        (b"{", TOPIC, ["not_json"]),
        ({}, TOPIC, ["no_values"]),
        ({"m": {}}, TOPIC, ["no_values"]),
        ([], TOPIC, ["sample_count"]),
        ([{"m": {"ch4_lel": 1}}] * 1001, TOPIC, ["sample_count"]),
        ({"m": {"ch4_lel": "60"}}, TOPIC, ["not_a_number"]),
        ({"m": {"ch4_lel": True}}, TOPIC, ["not_a_number"]),
        (b'{"m": {"ch4_lel": NaN}}', TOPIC, ["not_a_number"]),
        (b'{"m": {"ch4_lel": 1e999}}', TOPIC, ["not_a_number"]),
        (b'{"m": {"ch4_lel": 1' + b"0" * 400 + b"}}", TOPIC, ["not_a_number"]),
        ({"m": {"ch4 lel": 1}}, TOPIC, ["unknown_quantity"]),
        ({"m": {"ch4_lel": 1}}, "gas/gw/nr-gw/status", ["unknown_topic"]),
        ({"status": "odd"}, "gas/n/VW-1/G-101/status", ["unknown_status"]),
        ({"alarm": 1}, "gas/n/VW-1/G-101/event", ["no_mapping"]),
    ],
)
def test_what_cannot_be_read_has_a_reason(body: object, topic: str, codes: list[str]) -> None:
    assert [problem.code for problem in parsed(body, topic).problems] == codes


def test_one_bad_value_does_not_silence_its_neighbour() -> None:
    result = parsed({"m": {"pressure": "?", "ch4_lel": 60}})
    assert [s.value for s in result.signals] == [60.0]
    assert [p.code for p in result.problems] == ["not_a_number"]


def test_a_retained_message_is_kept_but_is_no_evidence() -> None:
    assert parsed({"m": {"ch4_lel": 60}}, retain=True) == Parsed()


def test_topics_are_five_plain_parts() -> None:
    assert read_topic(TOPIC) == Topic("north", "VW-1", "G-101", "telemetry")
    for odd in (
        "gas/a/b/telemetry",
        "gas/a/b/c/d/telemetry",
        "gas//b/c/telemetry",
        "air/a/b/c/telemetry",
        "gas/a/b/c/other",
    ):
        assert read_topic(odd) is None
    assert read_topic("gas/a/b/c\x00/telemetry") is None


SAMPLE = {"m": {"ch4_lel": 60}}


@pytest.mark.parametrize(
    "body",
    [
        SAMPLE,  # says nothing of itself: three of them are three samples
        SAMPLE | {"ts": 1795420500},  # a clock of whole seconds stamps different samples alike
        SAMPLE | {"ts": "2026-11-23T07:55:00Z"},
        SAMPLE | {"id": {"odd": 1}},
    ],
)
def test_without_a_name_only_the_transport_can_tell_deliveries_apart(body: dict[str, Any]) -> None:
    assert key(body) is None


def test_id_or_seq_with_ts_name_a_message_whatever_its_spelling() -> None:
    assert key(SAMPLE | {"id": "a", "ts": 1795420500}) == key({"ts": 1795420500, "id": "a", **SAMPLE})
    assert key(SAMPLE | {"id": "a", "ts": 1795420500}) != key(
        SAMPLE | {"id": "b", "ts": 1795420500}
    )  # same second
    assert key(SAMPLE | {"seq": 1, "ts": 1795420500}) != key(SAMPLE | {"seq": 1, "ts": 1795420501})
    assert key(SAMPLE | {"seq": 1, "ts": 1795420500}) != key(
        SAMPLE | {"seq": 1, "ts": 1795420500}, topic="gas/north/VW-1/G-102/telemetry"
    )


def test_a_seq_that_starts_over_after_a_restart_is_no_repetition() -> None:
    body = SAMPLE | {"seq": 1}
    assert key(body) == key(body, at=RECEIVED + timedelta(minutes=9))
    assert key(body) != key(body, at=RECEIVED + timedelta(minutes=10))
    assert key(body) != key({"m": {"ch4_lel": 61}, "seq": 1})


def test_a_fine_clock_names_a_sample_alone() -> None:
    assert key(SAMPLE | {"ts": 1795420500123}) == key(SAMPLE | {"ts": 1795420500123}) is not None
    assert key(SAMPLE | {"ts": 1795420500123}) != key({"m": {"ch4_lel": 61}, "ts": 1795420500123})


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.fixed_dictionaries({}, optional=dict.fromkeys(("id", "seq", "ts", "m", "q", "status"), anything))
    | anything,
    st.sampled_from(["telemetry", "status", "event"]),
)
def test_no_shape_of_json_raises(body: object, channel: str) -> None:
    topic = f"gas/n/VW-1/G-101/{channel}"
    data = json.dumps(body).encode()
    delivery_key(topic, data, RECEIVED)
    result = parsed(data, topic)
    assert result.signals or result.problems


def test_half_a_surrogate_pair_in_a_name_costs_nobody_their_key() -> None:
    keys = {
        delivery_key(TOPIC, body, RECEIVED)
        for body in (b'{"id": "\\ud800", "m": {}}', b'{"id": "\\ud801", "m": {}}', b'{"id": "?", "m": {}}')
    }
    assert len(keys) == 3
    assert None not in keys
