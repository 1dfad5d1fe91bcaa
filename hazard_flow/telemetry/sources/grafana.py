"""Grafana alerting webhooks (version 1): Alertmanager's shape with values and Grafana's own words for missing data."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hazard_flow.telemetry.signals import Parsed, Raw, Signal, Status
from hazard_flow.telemetry.sources import source
from hazard_flow.telemetry.sources.alertmanager import read_alert, read_group
from hazard_flow.telemetry.sources.reading import SUMMARY_LENGTH_MAX, first_word, number, table, texts

#: alerts Grafana raises about its own data, as if they were of the rule
NO_DATA_NAMES = ("DatasourceNoData", "DatasourceError")
#: why an alert is said to be resolved although its data are missing; other reasons (Updated, Paused, RuleDeleted) are people's edits
DARK_REASONS = ("nodata", "error", "missingseries")


@source("grafana")
def parse(raw: Raw) -> Parsed:
    """Signals of a webhook body.

    An alert resolved because its data went missing says nothing about the gas: it is told as a sensor fault, and the alert stays
    firing until Grafana measures normal values. One resolved because its rule was edited, paused or deleted says nothing at all.
    """
    return read_group(raw, _read)


def _read(alert: Mapping[str, Any], truncated: int, raw: Raw) -> tuple[Signal, ...] | str:
    found = read_alert(alert, truncated, raw)
    if isinstance(found, str):
        return found
    [statement] = found
    statement = replace(statement, summary=_summary(alert, statement))
    if statement.labels.get("alertname") in NO_DATA_NAMES:
        labels = {**statement.labels, "kind": "sensor_fault"}
        return (replace(statement, labels=labels),)
    reason = texts(alert.get("annotations")).get("grafana_state_reason", "")
    if statement.status is Status.RESOLVED and reason:
        is_dark = reason.replace(" ", "").lower().startswith(DARK_REASONS)
        return (_dark(statement, Status.FIRING, reason),) if is_dark else ()
    return (statement, _dark(statement, Status.RESOLVED, ""))


def _dark(statement: Signal, status: Status, reason: str) -> Signal:
    """The fault statement beside an alert: its data are missing, or are there again."""
    return replace(
        statement,
        delivery_key=f"dark|{statement.delivery_key}",
        status=status,
        identity=f"dark:{statement.identity}",
        episode="",
        level=1,
        truncated=0,
        labels={**statement.labels, "kind": "sensor_fault"},
        summary=reason,
    )


def _summary(alert: Mapping[str, Any], statement: Signal) -> str:
    """The summary annotation, else the values behind the alert."""
    values = [(str(name)[:20], number(given)) for name, given in table(alert.get("values")).items()]
    shown = ", ".join(f"{name} {value:g}" for name, value in values if value is not None)
    return first_word(statement.summary, shown)[:SUMMARY_LENGTH_MAX]
