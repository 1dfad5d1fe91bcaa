"""Alertmanager webhooks (version 4): one request names a group of alerts, each firing or resolved by itself."""

from collections.abc import Callable, Mapping
from typing import Any

from hazard_flow.telemetry.signals import Parsed, Problem, Raw, Signal, Status
from hazard_flow.telemetry.sources import source
from hazard_flow.telemetry.sources.reading import (
    ALERTS_MAX,
    SUMMARY_LENGTH_MAX,
    code,
    read_json,
    refused,
    short,
    storable,
    texts,
)

#: what one alert of a group says; or the code of what is wrong with it
ReadAlert = Callable[[Mapping[str, Any], int, Raw], tuple[Signal, ...] | str]


@source("alertmanager")
def parse(raw: Raw) -> Parsed:
    """Signals of a webhook body.

    The group's own status says nothing (a firing group holds resolved alerts), so each alert is read alone. The observed time is the
    receipt: `startsAt` only names the episode. `truncatedAlerts` says how many alerts the sender left out.
    """
    return read_group(raw, read_alert)


def read_group(raw: Raw, read: ReadAlert) -> Parsed:
    """The alerts of a body in Alertmanager's shape, which Grafana shares."""
    body = read_json(raw)
    if isinstance(body, Parsed):
        return body
    alerts = body.get("alerts") if isinstance(body, dict) else None
    if not isinstance(alerts, list):
        return refused("no_alerts")
    if len(alerts) > ALERTS_MAX:
        return refused("too_many_alerts", str(len(alerts)))
    truncated = body.get("truncatedAlerts")
    truncated = truncated if isinstance(truncated, int) and not isinstance(truncated, bool) else 0
    # The table holds a 32-bit number; whoever left out more than a million is as incomplete.
    truncated = min(max(truncated, 0), 1_000_000)
    signals: list[Signal] = []
    problems: list[Problem] = []
    for place, alert in enumerate(alerts, start=1):
        found = read(alert, truncated, raw) if isinstance(alert, dict) else "alert_shape"
        if isinstance(found, str):
            problems.append(Problem(found, f"alert {place}"))
        else:
            signals += found
    return Parsed(tuple(signals), tuple(problems))


def read_alert(alert: Mapping[str, Any], truncated: int, raw: Raw) -> tuple[Signal, ...] | str:
    """The one statement of an alert, or the code of what is wrong with it."""
    status, identity, episode = alert.get("status"), alert.get("fingerprint"), alert.get("startsAt")
    if status not in (Status.FIRING, Status.RESOLVED):
        return "alert_status"
    if not (isinstance(identity, str) and identity and isinstance(episode, str) and episode):
        return "alert_identity"
    if not storable(identity + episode):
        return "alert_identity"
    identity, episode = short(identity), short(episode)
    labels = texts(alert.get("labels"))
    ended = short(texts(alert).get("endsAt", "")) if status == Status.RESOLVED else ""
    level = labels.get("level", "")
    return (
        Signal(
            # Cut short or not is part of what was said: the same alert again in a group that now leaves others out is news.
            delivery_key="|".join((identity, episode, status, ended, *(["cut"] if truncated else []))),
            status=Status(status),
            observed_at=raw.received_at,
            received_at=raw.received_at,
            site=code(labels.get("site")),
            device=code(labels.get("device")),
            identity=identity,
            episode=episode,
            level=int(level) if level in ("1", "2") else None,
            truncated=truncated,
            labels=labels,
            summary=texts(alert.get("annotations")).get("summary", "")[:SUMMARY_LENGTH_MAX],
        ),
    )
