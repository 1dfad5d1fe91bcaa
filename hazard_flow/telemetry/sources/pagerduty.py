"""PagerDuty Events API v2, as senders speak it: trigger, acknowledge, resolve under a `dedup_key` that is used for ever."""

from collections.abc import Mapping
from typing import Any

from hazard_flow.telemetry.signals import Parsed, Raw, Signal, Status, observed_instant
from hazard_flow.telemetry.sources import source
from hazard_flow.telemetry.sources.reading import (
    SUMMARY_LENGTH_MAX,
    code,
    digest,
    first_word,
    key_of,
    level_of,
    read_json,
    refused,
    said_at,
    short,
    table,
    texts,
    word,
)

CRITICAL = "critical"


@source("pagerduty")
def parse(raw: Raw) -> Parsed:
    """The statement of one event; an acknowledgement by somebody elsewhere says nothing about the alarm.

    The key names the alert, never its episode: a trigger after a resolve is a new episode, which is given its name when it is folded.
    """
    body = read_json(raw)
    if isinstance(body, Parsed):
        return body
    if not isinstance(body, dict):
        return refused("alert_shape")
    action = word(body.get("event_action"))
    if action == "acknowledge":
        return Parsed()
    if action not in ("trigger", "resolve"):
        return refused("alert_status", action[:80])
    payload = table(body.get("payload"))
    identity = first_word(body.get("dedup_key"))
    if not identity and action == "resolve":
        return refused("alert_identity", "dedup_key")
    identity = identity or digest(
        *(payload.get(part) for part in ("source", "component", "class", "summary"))
    )
    return Parsed((_statement(action, short(identity), payload, raw),))


def _statement(action: str, identity: str, payload: Mapping[str, Any], raw: Raw) -> Signal:
    details = texts(payload.get("custom_details"))
    named = {name: payload.get(name) for name in ("class", "component", "group", "source", "severity")}
    severity = word(payload.get("severity")).lower()
    at, remark = observed_instant(payload.get("timestamp"), raw.received_at)
    return Signal(
        delivery_key=key_of(raw.headers.get("key"), action, identity),
        status=Status.FIRING if action == "trigger" else Status.RESOLVED,
        observed_at=raw.received_at,
        received_at=raw.received_at,
        site=code(details.get("site"), payload.get("group")),
        device=code(details.get("device"), payload.get("component")),
        quality="" if remark or at == raw.received_at else said_at(at),
        identity=identity,
        level=level_of(details.get("level")) or (2 if severity == CRITICAL else None),
        labels=texts(
            {"alertname": first_word(payload.get("class"), payload.get("summary")), **named, **details}
        ),
        summary=word(payload.get("summary"))[:SUMMARY_LENGTH_MAX],
    )
