"""ThingsBoard's telemetry forms, by HTTP or on its MQTT topics.

Device form: `{"ch4_lel": 3}`, a list of such, `{"ts": ms, "values": {…}}`, or a list of those. Gateway form:
`{"G-101": [{"ts": ms, "values": {…}}, …]}`. On MQTT every device publishes to the same topic, so a message says whose it is only where
the broker puts the device's name before it (`tb/<device>/v1/devices/me/telemetry`: EMQX mountpoint, bridge prefix), or by a gateway.
"""

import json
import re
from typing import Any

from hazard_flow.telemetry.signals import Parsed, Problem, Raw, Signal, Status
from hazard_flow.telemetry.sources import source
from hazard_flow.telemetry.sources.reading import code, digest, key_of, read_json, refused, table, word
from hazard_flow.telemetry.sources.samples import Origin, samples

#: one message may carry this many samples
SAMPLES_MAX = 1_000
_DEVICE = re.compile(r"(?:tb/(?P<device>[^/+#]{1,80})/)?v1/devices/me/(?P<what>telemetry|attributes)")
_GATEWAY = re.compile(r"(?:tb/[^/+#]{1,80}/)?v1/gateway/(?P<what>telemetry|attributes|connect|disconnect)")


def is_topic(topic: str) -> bool:
    """Whether a topic is one of ThingsBoard's for devices and gateways."""
    return bool(_DEVICE.fullmatch(topic) or _GATEWAY.fullmatch(topic))


@source("thingsboard_mqtt")
def parse(raw: Raw) -> Parsed:
    """Signals of a message on a device or gateway topic; attributes and what is retained are kept and say nothing."""
    topic = str(raw.headers.get("topic", ""))
    device, gateway = _DEVICE.fullmatch(topic), _GATEWAY.fullmatch(topic)
    found = device or gateway
    if found is None:
        return refused("unknown_topic", topic[:200])
    if raw.headers.get("retain") or found["what"] == "attributes":
        return Parsed()
    body = read_json(raw)
    if isinstance(body, Parsed):
        return body
    if device is not None:
        return device_telemetry(body, code(device["device"], raw.settings.get("device")), raw)
    if found["what"] == "telemetry":
        return gateway_telemetry(body, raw)
    return _link(
        code(table(body).get("device")), Status.ONLINE if found["what"] == "connect" else Status.OFFLINE, raw
    )


def device_telemetry(body: Any, device: str | None, raw: Raw) -> Parsed:
    """Samples of one device in the device form."""
    if device is None:
        return refused("no_device")
    entries = body if isinstance(body, list) else [body]
    return _entries(device, entries, raw)


def gateway_telemetry(body: Any, raw: Raw) -> Parsed:
    """Samples of the devices a gateway names."""
    devices = table(body)
    if not devices:
        return refused("no_values")
    count = sum(len(entries) if isinstance(entries, list) else 1 for entries in devices.values())
    if count > SAMPLES_MAX:
        return refused("sample_count", str(count))
    read: list[Parsed] = []
    for name, entries in devices.items():
        device = code(name)
        if device is None or not isinstance(entries, list):
            read.append(refused("no_device", str(name)[:80].encode("utf-8", "replace").decode()))
        else:
            read.append(_entries(device, entries, raw))
    return _together(read)


def _entries(device: str, entries: list[Any], raw: Raw) -> Parsed:
    if not entries or len(entries) > SAMPLES_MAX:
        return refused("sample_count", str(len(entries)))
    return _together([_entry(device, place, entry, raw) for place, entry in enumerate(entries)])


def _entry(device: str, place: int, entry: Any, raw: Raw) -> Parsed:
    if not isinstance(entry, dict):
        return Parsed(problems=(Problem("no_values", f"{device} {place}"),))
    values, stamp = (
        (entry["values"], entry.get("ts")) if isinstance(entry.get("values"), dict) else (entry, None)
    )
    # Device and time name a sample; without a time only the delivery does.
    name = digest(json.dumps(values, sort_keys=True)) if stamp is not None else word(raw.headers.get("key"))
    key = key_of("tb", device, word(stamp) or "now", name, "" if stamp is not None else place)
    return samples(values, Origin(key, None, device, stamp), raw)


def _link(device: str | None, status: Status, raw: Raw) -> Parsed:
    if device is None:
        return refused("no_device")
    said = Signal(
        delivery_key=key_of(raw.headers.get("key"), status, device),
        status=status,
        observed_at=raw.received_at,
        received_at=raw.received_at,
        device=device,
        identity=f"link:{device}",
        episode=raw.received_at.isoformat(),
    )
    return Parsed((said,))


def _together(read: list[Parsed]) -> Parsed:
    return Parsed(
        tuple(signal for one in read for signal in one.signals),
        tuple(problem for one in read for problem in one.problems),
    )
