"""A webhook's request as it is stored: which of its headers are kept, and what makes it the same delivery as an earlier one."""

import hashlib
import uuid
from collections.abc import Mapping
from datetime import datetime

from hazard_flow.storage.base import new_id
from hazard_flow.telemetry import inbox

#: what is kept of a request beside its body; never the credentials
KEPT_HEADERS = ("Content-Type", "Content-Encoding", "User-Agent")
#: attributes of a CloudEvent in binary mode
EVENT_PREFIX = "ce-"
EVENT_HEADERS_MAX = 40
HEADER_LENGTH_MAX = 200
#: kinds whose messages may say the same words twice and mean it twice: a key used for ever, a reading without a time. Telling them apart
#: by their bytes would lose the second alarm of a day; counting a retry twice costs nothing, the alert is firing already
NAMELESS = frozenset({"pagerduty", "generic", "thingsboard"})


def delivered(
    source_id: uuid.UUID, kind: str, body: bytes, headers: Mapping[str, str], *, now: datetime
) -> inbox.Arrival:
    """The request as an arrival; its headers hold the delivery key for parsers whose messages have no name of their own."""
    kept = {name: _short(headers[name]) for name in KEPT_HEADERS if name in headers}
    kept |= _event_attributes(headers)
    key = _key(kind, body, kept)
    if kind in NAMELESS:
        kept["key"] = key
    return inbox.Arrival(source_id=source_id, kind=kind, key=key, body=body, received_at=now, headers=kept)


def _key(kind: str, body: bytes, kept: Mapping[str, str]) -> str:
    if kind in NAMELESS:
        return f"request:{new_id().hex}"
    attributes = sorted(
        (name, value) for name, value in kept.items() if name.lower().startswith(EVENT_PREFIX)
    )
    if not attributes:
        return inbox.body_key(body)
    # In binary mode the name of an event stands in its headers: equal bodies may be different events.
    named = "\x1f".join(part for pair in attributes for part in pair).encode("utf-8", "replace")
    return "event:" + hashlib.sha256(named + b"\0" + body).hexdigest()


def _event_attributes(headers: Mapping[str, str]) -> dict[str, str]:
    found = [(name, value) for name, value in headers.items() if name.lower().startswith(EVENT_PREFIX)]
    return {name.title(): _short(value) for name, value in sorted(found)[:EVENT_HEADERS_MAX]}


def _short(value: str) -> str:
    return value[:HEADER_LENGTH_MAX].encode("utf-8", "replace").decode().replace("\x00", "")
