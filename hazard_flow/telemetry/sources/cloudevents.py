"""CloudEvents 1.0 over HTTP in its three encodings: structured, binary (attributes in headers) and batch.

The envelope names the delivery (`source`, `id`), never an alert's episode. What an event says stands in its data: `level` 0 ends an
alarm whatever the type is called, `m` holds measured values, else the last word of the type decides.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from hazard_flow.telemetry.signals import Parsed, Problem, Raw, Signal, Status, observed_instant
from hazard_flow.telemetry.sources import source
from hazard_flow.telemetry.sources.reading import (
    ALERTS_MAX,
    SUMMARY_LENGTH_MAX,
    code,
    first_word,
    key_of,
    number,
    read_json,
    refused,
    said_at,
    short,
    table,
    texts,
    word,
)
from hazard_flow.telemetry.sources.samples import Origin, samples

STRUCTURED, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
FIRING_WORDS = frozenset({"raised", "firing", "triggered", "opened", "active", "alarm", "rose"})
RESOLVED_WORDS = frozenset({"cleared", "resolved", "lowered", "ended", "closed", "normal"})
_REQUIRED = ("id", "source", "type")


@source("cloudevents")
def parse(raw: Raw) -> Parsed:
    """Signals of one event or a batch of them."""
    content = word(raw.headers.get("Content-Type")).split(";")[0].strip().lower()
    if content not in (STRUCTURED, BATCH) and raw.headers.get("Ce-Id"):
        return _one(_from_headers(raw), raw)
    body = read_json(raw)
    if isinstance(body, Parsed):
        return body
    events = body if isinstance(body, list) else [body]
    if not events or len(events) > ALERTS_MAX:
        return refused("too_many_alerts" if events else "no_alerts", str(len(events)))
    read = [_one(table(event), raw) for event in events]
    return Parsed(
        tuple(signal for one in read for signal in one.signals),
        tuple(problem for one in read for problem in one.problems),
    )


def _from_headers(raw: Raw) -> Mapping[str, Any]:
    """A binary-mode event: attributes are percent-encoded headers `ce-*`, the body is the data."""
    event: dict[str, Any] = {
        name[3:].lower(): unquote(str(value))
        for name, value in raw.headers.items()
        if name.lower().startswith("ce-")
    }
    try:
        event["data"] = json.loads(raw.body) if raw.body else None
    except (ValueError, RecursionError):
        event["data"] = None
    return event


def _one(event: Mapping[str, Any], raw: Raw) -> Parsed:
    missing = [name for name in _REQUIRED if not word(event.get(name))]
    if missing:
        return refused("alert_identity", ", ".join(missing))
    id_, origin, kind = (word(event.get(name)) for name in _REQUIRED)
    data = _data(event)
    subject = word(event.get("subject"))
    place = subject.split("/") if subject else []
    site = code(data.get("site"), place[0] if len(place) == 2 else None)
    device = code(data.get("device"), place[-1] if place else None)
    key = key_of(origin, id_)
    measured = data.get("m")
    if isinstance(measured, dict):
        stamp = data.get("ts") or event.get("time")
        return samples(measured, Origin(key, site, device, stamp, data.get("q")), raw)
    status = _status(kind, data)
    if status is None:
        return Parsed(problems=(Problem("alert_status", kind[:80]),))
    at, remark = observed_instant(event.get("time"), raw.received_at)
    level, value = number(data.get("level")), number(data.get("value"))
    shown = f"{value:g} {word(data.get('unit'))}".strip() if value is not None else ""
    statement = Signal(
        delivery_key=key,
        status=status,
        observed_at=raw.received_at,
        received_at=raw.received_at,
        site=site,
        device=device,
        quality="" if remark or at == raw.received_at else said_at(at),
        identity=short(
            "|".join((origin, subject or f"{site}/{device}", first_word(data.get("alarm"), _stem(kind))))
        ),
        level=min(2, int(level)) if level is not None and level >= 1 else None,
        labels=texts({"alertname": kind, "source": origin, **texts(data)}),
        summary=first_word(data.get("summary"), data.get("message"), shown)[:SUMMARY_LENGTH_MAX],
    )
    return Parsed((statement,))


def _data(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """The event's data as a mapping; some libraries send JSON data as a text."""
    data = event.get("data")
    if isinstance(data, str):
        try:
            data = json.loads(data)
        except (ValueError, RecursionError):
            return {}
    return table(data)


def _status(kind: str, data: Mapping[str, Any]) -> Status | None:
    level = number(data.get("level"))
    if level is not None:
        return Status.FIRING if level >= 1 else Status.RESOLVED
    for said in (first_word(data.get("status"), data.get("state")), kind.rpartition(".")[2]):
        if said.lower() in FIRING_WORDS:
            return Status.FIRING
        if said.lower() in RESOLVED_WORDS:
            return Status.RESOLVED
    return None


def _stem(kind: str) -> str:
    """The type without its last word: what was raised and what was lowered is the same alarm."""
    return kind.rpartition(".")[0] or kind
