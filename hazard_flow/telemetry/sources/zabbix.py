"""Zabbix webhooks: one event a request, in local time, with macros that stay as they are where Zabbix has nothing to put in.

The media type sends the macros as parameters of their own names; recommended ones and their script stand in the help (`help.*`).
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

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
    said_at,
    short,
    texts,
    word,
)

#: severity Disaster stands for the high level where no tag `level` says otherwise
DISASTER = "5"
_MACRO = re.compile(r"\{[#$A-Z][A-Z0-9_.#$:]*\}")
_EMPTY = ("*UNKNOWN*", "*UNDEFINED*", "null")


@source("zabbix")
def parse(raw: Raw) -> Parsed:
    """The statement of one event.

    A recovery carries the event number of its problem (`EVENT.ID`), which names the episode. Retried requests arrive after younger
    ones; the episode keeps them apart. Site and device are the tags `site` and `device`, else the host is the site.
    """
    body = read_json(raw)
    if isinstance(body, Parsed):
        return body
    if not isinstance(body, dict):
        return refused("alert_shape")
    said = {name: filled(value) for name, value in body.items()}
    if said.get("EVENT.VALUE") not in ("0", "1"):
        return refused("alert_status", _unfilled(body, "EVENT.VALUE"))
    event = said.get("EVENT.ID", "")
    if not event:
        return refused("alert_identity", _unfilled(body, "EVENT.ID"))
    tags = _tags(body.get("EVENT.TAGSJSON"))
    firing = said["EVENT.VALUE"] == "1"
    updated = [said.get(f"EVENT.UPDATE.{part}", "") for part in ("DATE", "TIME", "ACTION")]
    name = first_word(said.get("EVENT.NAME"), said.get("TRIGGER.NAME"))
    level = level_of(tags.get("level")) or (2 if said.get("EVENT.NSEVERITY") == DISASTER else None)
    when = "EVENT" if firing else "EVENT.RECOVERY"
    at = _local(said.get(f"{when}.DATE", ""), said.get(f"{when}.TIME", ""), raw.settings.get("zone"))
    statement = Signal(
        delivery_key=key_of(event, said["EVENT.VALUE"], *updated),
        status=Status.FIRING if firing else Status.RESOLVED,
        observed_at=raw.received_at,
        received_at=raw.received_at,
        site=code(tags.get("site"), said.get("HOST.HOST")),
        device=code(tags.get("device")),
        quality=said_at(at),
        identity=short(first_word(said.get("TRIGGER.ID"), event)),
        episode=short(event),
        level=level,
        labels=texts({"alertname": name, "host": said.get("HOST.HOST"), **tags}),
        summary=first_word(said.get("EVENT.OPDATA"), said.get("ITEM.VALUE"), name)[:SUMMARY_LENGTH_MAX],
    )
    return Parsed((statement,))


def filled(value: object) -> str:
    """What Zabbix put in for a macro; empty where it left the macro itself or its word for nothing."""
    said = word(value)
    return "" if said in _EMPTY or _MACRO.fullmatch(said) else said


def _unfilled(body: Mapping[str, Any], name: str) -> str:
    """A macro that stands there unfilled, as in a test message: names it, so that the mend is plain."""
    said = word(body.get(name))
    return f"{name}={said[:60]}" if said else name


def _tags(given: object) -> dict[str, str]:
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            return {}
    if not isinstance(given, list):
        return {}
    pairs = [(one.get("tag"), one.get("value")) for one in given if isinstance(one, dict)]
    return texts({tag: filled(value) for tag, value in pairs if isinstance(tag, str)})


def _local(day: str, clock: str, zone: object) -> datetime | None:
    """The instant of Zabbix's local date and time in the source's zone; None without one of them."""
    try:
        local = datetime.strptime(f"{day} {clock}", "%Y.%m.%d %H:%M:%S").replace(tzinfo=ZoneInfo(str(zone)))
        return local.astimezone(UTC)
    except (ValueError, OverflowError, OSError, ZoneInfoNotFoundError):
        return None
