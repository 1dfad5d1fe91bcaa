"""Mutated copies of every kind of message: cut, twisted, swollen, with wrong types, units and clocks; all chance comes from the dice."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.telemetry.payloads import AFTERNOON, bodies
from tests.telemetry.sources.reading import recorded
from tests.telemetry.sources.sparkplug import metric, payload, quality
from tests.telemetry.sources.test_generic import entry

DEVICE_TOPIC = "gas/demo/VW-1/G-101/telemetry"
CLOCKS = (
    0, -1, 1e400, 2**63, "yesterday", "2026-13-45T99:99:99Z", "0000-00-00", "9999-12-31T23:59:59Z", 1795420119647000, "NaN",
    "2026.11.22", "99:99:99", "1970-01-01T00:00:00Z", "2026-11-23T08:00:00",
)  # fmt: skip
UNITS = ("ppm", "°C", "bar", "", "%vol", "%LEL\x00", "百分之", 7, None)
ODD = (
    None, True, False, 0, -1, 3, 1e308, -1e308, 2**70, 10**400, 0.1, "", " ", "x", "x" * 5_000, [], {}, [[]], {"a": {}}, "\x00",
    "\ud800", "\u202e", "🔥" * 100, float("nan"), float("inf"), "1" * 5_000, ["firing"], {"tag": 1}, "null", "{EVENT.ID}",
)  # fmt: skip
HEADERS: tuple[dict[str, str], ...] = (
    {}, {"Content-Type": "text/plain"}, {"Content-Type": "application/cloudevents+json"}, {"Content-Encoding": "gzip"},
    {"Content-Type": "application/cloudevents-batch+json"}, {"Content-Type": "x" * 3_000}, {"ce-id": "", "ce-source": "%ff%00"},
    {"ce-id": "1", "ce-source": "s", "ce-type": "gas.alarm.raised", "ce-subject": "VW-1/G-101"},
    {f"ce-x{n}": "y" * 300 for n in range(80)},
)  # fmt: skip


@dataclass(frozen=True)
class Message:
    """A request of a kind of sender, or a message on a topic."""

    kind: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    topic: str = ""


def originals() -> list[Message]:
    """Every recorded and re-typed message, as it was."""
    made = [Message("alertmanager", body) for number in (*AFTERNOON, "11") for body in bodies(number)]
    made += [_json("zabbix", event["body"]) for event in recorded("real_zabbix_webhook")["events"]]
    made += [
        _json("cloudevents", event["body"]) for event in recorded("real_nodered_cloudevents_http")["events"]
    ]
    made.append(Message("cloudevents", b'{"level": 2, "device": "G-101"}', dict(HEADERS[7])))
    for name in ("grafana", "pagerduty"):
        made.append(_json(name, recorded(f"docs_{name}")["body"]))
    made.append(_json("thingsboard", recorded("docs_thingsboard_alarm")["body"]))
    made.append(
        _json(
            "thingsboard",
            {"G-101": [{"ts": 1795420119647, "values": {"ch4_lel": 12}}], "G-102": [{"ch4_lel": 3}]},
        )
    )
    made.append(_json("generic", {"data": {"alarms": [entry(), entry(msgId=2, state=0)]}}))
    made += [
        Message("sparkplug", bytes.fromhex(one["hex"]), topic=one["topic"])
        for one in recorded("real_sparkplug_b_session")["messages"]
    ]
    aliased = payload(
        metric(alias=5, float_value=9.0), metric(name="ch4_lel", int_value=7, properties=quality(0)), seq=9
    )
    made.append(Message("sparkplug", aliased, topic="spBv1.0/gas-north/DDATA/gw-1/G-101"))
    made.append(
        _json(
            "mqtt",
            {"id": "a", "seq": 7, "ts": "2026-11-23T07:59:00Z", "m": {"ch4_lel": 12}},
            topic=DEVICE_TOPIC,
        )
    )
    made.append(_json("mqtt", {"G-101": [{"ch4_lel": 12}]}, topic="v1/gateway/telemetry"))
    made.append(_json("mqtt", {"ch4_lel": 12}, topic="tb/G-101/v1/devices/me/telemetry"))
    return made


def mutated(one: Message, dice: random.Random) -> Message:
    """The message with one to three things wrong with it."""
    body, headers, topic = one.body, dict(one.headers), one.topic
    for _ in range(dice.randint(1, 3)):
        body = dice.choice(_TWISTS)(body, dice)
    if dice.random() < 0.15:
        headers = dict(dice.choice(HEADERS))
    if topic and dice.random() < 0.1:
        topic = dice.choice(
            (
                topic.upper(),
                topic + "/x",
                topic.replace("G-101", "G-\u2028"),
                "spBv1.0/g/NBIRTH/n",
                "gas/a/b/c/status",
            )
        )
    return Message(one.kind, body[:1_200_000], headers, topic)


def _json(kind: str, body: object, topic: str = "") -> Message:
    return Message(kind, json.dumps(body).encode(), topic=topic)


def _cut(body: bytes, dice: random.Random) -> bytes:
    return body[: dice.randint(0, len(body))]


def _drop(body: bytes, dice: random.Random) -> bytes:
    at = dice.randint(0, len(body))
    return body[:at] + body[at + dice.randint(1, 40) :]


def _repeat(body: bytes, dice: random.Random) -> bytes:
    at = dice.randint(0, len(body))
    return body[:at] + body[at : at + 60] * dice.choice((2, 50)) + body[at:]


def _flip(body: bytes, dice: random.Random) -> bytes:
    raw = bytearray(body)
    for _ in range(min(len(raw), dice.randint(1, 12))):
        raw[dice.randrange(len(raw))] = dice.randrange(256)
    return bytes(raw)


def _insert(body: bytes, dice: random.Random) -> bytes:
    at = dice.randint(0, len(body))
    return (
        body[:at]
        + dice.choice(
            (b"\x00", b"\xff\xfe", b"\xc3\x28", b"\xed\xa0\x80", b"\\u0000", b"\\ud800", b"\xef\xbb\xbf")
        )
        + body[at:]
    )


def _deepen(body: bytes, dice: random.Random) -> bytes:
    depth = dice.choice((5, 60, 900, 20_000))
    return (
        b"[" * depth + body + b"]" * depth if dice.random() < 0.5 else b'{"a":' * depth + b"1" + b"}" * depth
    )


def _swell(body: bytes, dice: random.Random) -> bytes:
    return body + b" " * 1_100_000 if dice.random() < 0.05 else body + b"\n" * 2_000


def _replace(choices: Callable[[str], tuple[Any, ...]]) -> Callable[[bytes, random.Random], bytes]:
    """Put another value in one place of the JSON; bytes that are none are cut instead."""

    def twist(body: bytes, dice: random.Random) -> bytes:
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            return _flip(body, dice)
        places = _places(value)
        wanted = [(holder, key) for holder, key in places if choices(str(key))]
        if not wanted:
            return _cut(body, dice)
        holder, key = dice.choice(wanted)
        holder[key] = dice.choice(choices(str(key)))
        try:
            return json.dumps(value).encode()
        except (ValueError, RecursionError):
            return body

    return twist


def _places(value: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    layer = [value]
    for _ in range(12):
        inner: list[Any] = []
        for outer in layer:
            keys = (
                list(outer)
                if isinstance(outer, dict)
                else range(len(outer))
                if isinstance(outer, list)
                else ()
            )
            found += [(outer, key) for key in keys]
            inner += [outer[key] for key in keys]
        layer = inner
    return found


def _clock(key: str) -> tuple[Any, ...]:
    return CLOCKS if any(part in key.lower() for part in ("time", "ts", "date", "at")) else ()


def _unit(key: str) -> tuple[Any, ...]:
    return UNITS if "unit" in key or "value" in key.lower() else ()


_TWISTS = (
    _cut, _drop, _repeat, _flip, _insert, _deepen, _swell,
    _replace(lambda _key: ODD), _replace(lambda _key: ODD), _replace(_clock), _replace(_unit),
)  # fmt: skip
