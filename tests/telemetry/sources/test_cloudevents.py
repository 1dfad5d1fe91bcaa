"""CloudEvents in their three encodings: six recorded events, and the name of an event in its headers."""

from typing import Any

from tests.telemetry.sources.reading import AT, parsed, recorded, told

BATCH = {"Content-Type": "application/cloudevents-batch+json; charset=utf-8"}
STRUCTURED = {"Content-Type": "application/cloudevents+json"}


def events() -> list[dict[str, Any]]:
    return [event["body"] for event in recorded("real_nodered_cloudevents_http")["events"]]


LEVELS = [("firing", 1), ("resolved", None), ("firing", 1), ("firing", 2), ("firing", 1), ("resolved", None)]


def test_every_recorded_event_gives_its_statement() -> None:
    said = [s for body in events() for s in parsed("cloudevents", body, headers=STRUCTURED).signals]
    assert [(s.status.value, s.level) for s in said] == LEVELS
    assert {(s.site, s.device) for s in said} == {("VW-7", "G-701")}
    assert len({s.identity for s in said}) == 1
    assert {s.episode for s in said} == {""}
    assert len({s.delivery_key for s in said}) == 6
    assert said[3].summary == "55 %LEL"
    assert {s.observed_at for s in said} == {AT}


def test_a_batch_is_its_events() -> None:
    batch = parsed("cloudevents", events(), headers=BATCH)
    assert [(s.status.value, s.level) for s in batch.signals] == LEVELS


def test_in_binary_mode_the_attributes_stand_in_headers() -> None:
    event = events()[3]
    headers = {"Content-Type": "application/json"} | {
        f"Ce-{name.title()}": value
        for name, value in event.items()
        if name not in ("data", "datacontenttype")
    }
    binary = parsed("cloudevents", event["data"], headers=headers)
    structured = parsed("cloudevents", event, headers=STRUCTURED)
    assert binary == structured


def test_measured_values_are_samples_at_their_own_time() -> None:
    event = events()[0] | {"type": "gas.measured", "data": {"m": {"ch4_lel": 12.5, "battery_v": 3.6}}}
    said = parsed("cloudevents", event, headers=STRUCTURED).signals
    assert [(s.status.value, s.quantity, s.value) for s in said] == [
        ("sample", "ch4_lel", 12.5),
        ("sample", "battery_v", 3.6),
    ]
    assert {s.observed_at.isoformat() for s in said} == {"2026-11-22T07:29:19.956000+00:00"}


def test_the_last_word_of_the_type_decides_where_the_data_say_nothing() -> None:
    for kind, status in (("x.raised", "firing"), ("x.cleared", "resolved"), ("x.normal", "resolved")):
        event = events()[0] | {"type": kind, "data": {"site": "VW-1"}}
        assert told(parsed("cloudevents", event))[0][0] == status
    odd = parsed("cloudevents", events()[0] | {"type": "x.happened", "data": {}})
    assert [str(p) for p in odd.problems] == ["alert_status: x.happened"]


def test_an_event_without_its_name_is_refused_and_the_rest_of_the_batch_counts() -> None:
    nameless = {key: value for key, value in events()[0].items() if key != "id"}
    result = parsed("cloudevents", [nameless, 3, events()[1]], headers=BATCH)
    assert [str(p) for p in result.problems] == ["alert_identity: id", "alert_identity: id, source, type"]
    assert len(result.signals) == 1
