"""ThingsBoard over HTTP: alarms a rule chain posts, and telemetry in the form its devices and gateways post it.

One address takes both; the shape of the body tells them apart. Telemetry in the device form names no device: it is that of the
source's setting `device`, so that a device's own address stands for its access token.
"""

from collections.abc import Mapping
from typing import Any

from hazard_flow.telemetry.signals import Parsed, Raw, Signal, Status
from hazard_flow.telemetry.sources import source
from hazard_flow.telemetry.sources.reading import (
    SUMMARY_LENGTH_MAX,
    code,
    first_word,
    key_of,
    level_of,
    read_json,
    refused,
    short,
    table,
    texts,
    word,
)
from hazard_flow.telemetry.sources.thingsboard_telemetry import device_telemetry, gateway_telemetry

CRITICAL = "CRITICAL"
_CLEARED, _ACTIVE = ("CLEARED_UNACK", "CLEARED_ACK"), ("ACTIVE_UNACK", "ACTIVE_ACK")


@source("thingsboard")
def parse(raw: Raw) -> Parsed:
    """Signals of an alarm, of a gateway's telemetry (it names its devices), or of one device's."""
    body = read_json(raw)
    if isinstance(body, Parsed):
        return body
    if isinstance(body, dict) and "originator" in body and "type" in body:
        return _alarm(body, raw)
    if _names_devices(body):
        return gateway_telemetry(body, raw)
    return device_telemetry(body, code(raw.settings.get("device")), raw)


def _names_devices(body: Any) -> bool:
    """Whether it is the gateway form: every entry a device's list of telemetry."""
    return isinstance(body, dict) and bool(body) and all(isinstance(one, list) for one in body.values())


def _alarm(body: Mapping[str, Any], raw: Raw) -> Parsed:
    """An alarm entity lives from its creation to its clearing, so its id names the episode; repeats only move its `endTs`."""
    status = word(body.get("status"))
    cleared = body.get("cleared") is True or status in _CLEARED
    if not cleared and status not in _ACTIVE and body.get("cleared") is not False:
        return refused("alert_status", status[:80])
    episode = word(table(body.get("id")).get("id"))
    originator = word(table(body.get("originator")).get("id"))
    kind = word(body.get("type"))
    if not (episode and originator and kind):
        return refused("alert_identity", "id, originator, type")
    details, severity = texts(body.get("details")), word(body.get("severity"))
    names = {name: body.get(name) for name in ("severity", "originatorName", "originatorLabel")}
    said = Signal(
        delivery_key=key_of(episode, severity, "cleared" if cleared else "active"),
        status=Status.RESOLVED if cleared else Status.FIRING,
        observed_at=raw.received_at,
        received_at=raw.received_at,
        site=code(details.get("site")),
        device=code(details.get("device"), body.get("originatorName")),
        identity=short(f"{originator}|{kind}"),
        episode=short(episode),
        level=level_of(details.get("level")) or (2 if severity == CRITICAL else None),
        labels=texts({"alertname": kind, **names, **details}),
        summary=first_word(details.get("data"), details.get("message"), details.get("value"))[
            :SUMMARY_LENGTH_MAX
        ],
    )
    return Parsed((said,))
