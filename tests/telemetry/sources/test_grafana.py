"""Grafana: Alertmanager's shape, and a resolved that only means the data are gone."""

import copy
from typing import Any

from hazard_flow.telemetry.signals import Signal
from tests.telemetry.sources.reading import AT, parsed, recorded, told


def body(**changed: Any) -> dict[str, Any]:
    """The documented body with its first alert changed."""
    found: dict[str, Any] = copy.deepcopy(recorded("docs_grafana")["body"])
    found["alerts"] = found["alerts"][:1]
    found["alerts"][0] |= changed
    return found


def gas(result: list[Signal]) -> list[Signal]:
    return [signal for signal in result if signal.labels.get("kind") != "sensor_fault"]


def test_the_documented_body_gives_one_statement_for_each_alert() -> None:
    signals = gas(list(parsed("grafana", recorded("docs_grafana")["body"]).signals))
    assert [(s.status.value, s.site, s.device, s.level) for s in signals] == [
        ("firing", "VW-1", "G-101", 2),
        ("resolved", "VW-1", "G-102", 1),
    ]
    assert [s.summary for s in signals] == ["G-101 61 %LEL", "B 3.5"]
    assert {s.observed_at for s in signals} == {AT}
    assert signals[0].identity == "c6eadffa33fcdf37"
    assert signals[0].episode == "2026-11-23T15:51:03.157076+08:00"


def test_resolved_for_want_of_data_is_a_fault_of_the_sensor_and_no_end() -> None:
    for reason in ("MissingSeries", "NoData", "Error"):
        gone = body(status="resolved", annotations={"grafana_state_reason": reason})
        [said] = parsed("grafana", gone).signals
        assert (said.status.value, said.device, said.labels["kind"]) == ("firing", "G-101", "sensor_fault")
        assert said.identity != "c6eadffa33fcdf37"


def test_resolved_because_somebody_edited_the_rule_says_nothing() -> None:
    for reason in ("Updated", "Paused", "RuleDeleted"):
        edited = body(status="resolved", annotations={"grafana_state_reason": reason})
        assert parsed("grafana", edited).signals == ()


def test_the_alert_about_missing_data_itself_is_a_fault() -> None:
    labels = {"alertname": "DatasourceNoData", "rulename": "CombustibleGas", "device": "G-101"}
    said = parsed("grafana", body(labels=labels)).signals
    assert [(s.status.value, s.labels["kind"]) for s in said] == [("firing", "sensor_fault")]


def test_what_is_no_alert_is_named_and_the_rest_counts() -> None:
    mixed = body()
    mixed["alerts"] += [7, {"status": "pending"}, {"status": "firing", "labels": {}}]
    result = parsed("grafana", mixed)
    assert [p.code for p in result.problems] == ["alert_shape", "alert_status", "alert_identity"]
    assert told(result)[0] == ("firing", "VW-1", "G-101", 2)
