"""Alertmanager webhooks (version 4): one request names a group of alerts, each firing or resolved by itself."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from hazard_flow.telemetry.signals import Parsed, Problem, Raw, Signal, Status
from hazard_flow.telemetry.sources import source

#: one request may name this many alerts; Alertmanager groups are far smaller
ALERTS_MAX = 5_000
_KEY_PART_MAX = 100


@source("alertmanager")
def parse(raw: Raw) -> Parsed:
    """Signals of a webhook body.

    The group's own status says nothing (a firing group holds resolved alerts), so each alert is read alone. The observed time is the
    receipt: `startsAt` only names the episode. `truncatedAlerts` says how many alerts the sender left out.
    """
    try:
        body = json.loads(raw.body)
    except (ValueError, RecursionError) as error:
        return Parsed(problems=(Problem("not_json", str(error)[:200]),))
    alerts = body.get("alerts") if isinstance(body, dict) else None
    if not isinstance(alerts, list):
        return Parsed(problems=(Problem("no_alerts"),))
    if len(alerts) > ALERTS_MAX:
        return Parsed(problems=(Problem("too_many_alerts", str(len(alerts))),))
    truncated = body.get("truncatedAlerts")
    truncated = truncated if isinstance(truncated, int) and truncated > 0 else 0
    signals: list[Signal] = []
    problems: list[Problem] = []
    for number, alert in enumerate(alerts, start=1):
        read = _signal(alert, truncated, raw)
        if isinstance(read, Signal):
            signals.append(read)
        else:
            problems.append(Problem(read, f"alert {number}"))
    return Parsed(tuple(signals), tuple(problems))


def _signal(alert: object, truncated: int, raw: Raw) -> Signal | str:
    if not isinstance(alert, dict):
        return "alert_shape"
    status, identity, episode = alert.get("status"), alert.get("fingerprint"), alert.get("startsAt")
    if status not in (Status.FIRING, Status.RESOLVED):
        return "alert_status"
    if not (isinstance(identity, str) and identity and isinstance(episode, str) and episode):
        return "alert_identity"
    if not _storable(identity + episode):
        return "alert_identity"
    identity, episode = _short(identity), _short(episode)
    labels = _texts(alert.get("labels"))
    ended = _short(_texts(alert).get("endsAt", "")) if status == Status.RESOLVED else ""
    level = labels.get("level", "")
    return Signal(
        # Cut short or not is part of what was said: the same alert again in a group that now leaves others out is news.
        delivery_key="|".join((identity, episode, status, ended, *(["cut"] if truncated else []))),
        status=Status(status),
        observed_at=raw.received_at,
        received_at=raw.received_at,
        site=labels.get("site") or None,
        device=labels.get("device") or None,
        identity=identity,
        episode=episode,
        level=int(level) if level in ("1", "2") else None,
        truncated=truncated,
        labels=labels,
        summary=_texts(alert.get("annotations")).get("summary", "")[:200],
    )


def _short(part: str) -> str:
    """A part of a key, or its hash where somebody made it endless."""
    return part if len(part) <= _KEY_PART_MAX else hashlib.sha256(part.encode()).hexdigest()


def _texts(mapping: Any) -> Mapping[str, str]:
    if not isinstance(mapping, dict):
        return {}
    return {key: value for key, value in mapping.items() if isinstance(value, str) and _storable(key + value)}


def _storable(text: str) -> bool:
    """Whether both databases take the text: no NUL, no half of a surrogate pair."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
