"""Mapped JSON: the shipped example maps its message, and every mistake in a mapping is said with its line and a mend."""

from pathlib import Path
from typing import Any

import pytest

from hazard_flow.telemetry import sources
from hazard_flow.telemetry.sources.mapping import read_path
from hazard_flow.telemetry.sources.mapping_file import read_mapping
from hazard_flow.workflow.rule_file import RuleFileError
from tests.telemetry.sources.reading import parsed, told

EXAMPLE = (Path(sources.__file__).parent / "mapping.example.yaml").read_text("utf-8")


def entry(**changed: Any) -> dict[str, Any]:
    return {
        "msgId": 900001, "station": {"code": "VW-1"}, "sensorNo": "G-101", "happenTime": "2026-11-23 15:58:00",
        "alarmType": "可燃气体报警", "alarmId": "a-7", "state": "报警", "level": "HH", "description": "61 %LEL",
        "category": "combustible_gas", "value": "61", "unit": "%LEL", "quality": "good", **changed,
    }  # fmt: skip


def read(*entries: dict[str, Any], mapping: str = EXAMPLE, key: str = "k") -> Any:
    return parsed(
        "generic", {"data": {"alarms": list(entries)}}, settings={"mapping": mapping}, headers={"key": key}
    )


def test_the_shipped_example_maps_an_alarm_with_its_reading() -> None:
    result = read(entry())
    assert told(result) == [("firing", "VW-1", "G-101", 2), ("sample", "VW-1", "G-101", None)]
    said, measured = result.signals
    assert (said.identity, said.episode, said.summary) == ("G-101|可燃气体报警", "a-7", "61 %LEL")
    assert said.labels == {"alertname": "可燃气体报警", "kind": "combustible_gas"}
    assert (measured.quantity, measured.value) == ("ch4_lel", 61.0)
    assert measured.observed_at.isoformat() == "2026-11-23T07:58:00+00:00"


def test_the_end_of_an_alarm_has_its_identity() -> None:
    first, last = read(entry()).signals[0], read(entry(msgId=2, state=0)).signals[0]
    assert (last.status.value, last.identity, last.episode) == ("resolved", first.identity, first.episode)


def test_units_are_converted_and_an_unknown_one_is_refused() -> None:
    assert read(entry(value=3.05, unit="%vol")).signals[1].value == pytest.approx(61)
    assert read(entry(pressureMPa=0.2)).signals[2].value == pytest.approx(200)
    wrong = read(entry(unit="ppm"))
    assert [str(p) for p in wrong.problems] == ["unknown_unit: ch4_lel ppm"]
    assert told(wrong) == [("firing", "VW-1", "G-101", 2)]


def test_what_an_entry_lacks_stays_away_and_what_is_wrong_is_named() -> None:
    assert told(read(entry(state=None))) == [("sample", "VW-1", "G-101", None)]
    assert [p.code for p in read(entry(state="??", value="x")).problems] == ["alert_status", "not_a_number"]
    assert [p.code for p in read(entry(state=None, value=None)).problems] == ["no_values"]
    assert [p.code for p in read().problems] == ["no_alerts"]


def test_the_senders_own_number_names_an_entry_and_without_one_the_delivery_does() -> None:
    again = [read(entry(), key=key).signals[0].delivery_key for key in ("request:1", "request:2")]
    assert again[0] == again[1]
    nameless = [
        read(entry(msgId=None), key=key).signals[0].delivery_key for key in ("request:1", "request:2")
    ]
    assert nameless[0] != nameless[1]


def test_without_a_mapping_every_message_waits_for_one() -> None:
    assert [p.code for p in parsed("generic", entry()).problems] == ["no_field_map"]


MISTAKES = [
    ("mapping: 2\ndevice: d\nvalues: {ch4_lel: v}", 1, "a whole number from 1 to 1"),
    ("mapping: 1\nvalues: {ch4_lel: v}", 1, "no message would have a place"),
    ("mapping: 1\ndevice: d", 1, "nothing is mapped"),
    ("mapping: 1\ndevice: d..x\nvalues: {ch4_lel: v}", 2, "'d..x' is not a path"),
    ("mapping: 1\ndevice: d\nvalues: {ch4 lel: v}", 3, "cannot name a quantity"),
    ("mapping: 1\ndevice: d\nvalues: {ch4_lel: {from: v, scale: x}}", 3, "a factor is expected"),
    ("mapping: 1\ndevice: d\nvalues: {ch4_lel: {from: v, unit: u}}", 3, "`unit` and `units` need each other"),
    (
        "mapping: 1\ndevice: d\ntime: {from: t, format: '%H:%M'}\nvalues: {ch4_lel: v}",
        3,
        "a local time needs its zone",
    ),
    ("mapping: 1\ndevice: d\ntime: {from: t, zone: Mars}\nvalues: {ch4_lel: v}", 3, "there is no such zone"),
    ("mapping: 1\ndevice: d\nalarm: {identity: i}", 3, "'status' is missing"),
    (
        "mapping: 1\ndevice: d\nalarm:\n  identity: i\n  status: {from: s, firing: [1], resolved: [1]}",
        5,
        "two things",
    ),
    ("mapping: 1\ndevice: d\nalarm: {identity: i, status: {from: s}}", 3, "no word has a meaning"),
    ("mapping: 1\ndevise: d\nvalues: {ch4_lel: v}", 2, "'devise' is not known here"),
    ("mapping: 1\ndevice: [", 3, ""),
]


@pytest.mark.parametrize(
    ("text", "line", "message"), MISTAKES, ids=[message or "not YAML" for _, _, message in MISTAKES]
)
def test_a_mistake_is_said_with_its_line_and_a_mend(text: str, line: int, message: str) -> None:
    with pytest.raises(RuleFileError) as refused:
        read_mapping(text, name="m.yaml")
    found = [one for one in refused.value.mistakes if message in one.message]
    assert [one.line for one in found] == [line]
    assert all(one.mend for one in refused.value.mistakes)


def test_paths_reach_into_lists_and_odd_keys() -> None:
    body = {"a": [{"b.c": 1}, {"b.c": 2}]}
    path = read_path('a[1]."b.c"')
    assert path is not None
    assert path.of(body) == 2
    assert path.of({"a": 3}) is None
    assert read_path("a[") is None
    assert read_path("") is None
