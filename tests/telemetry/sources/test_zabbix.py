"""Zabbix: fourteen recorded events, their episodes, and macros nobody filled in."""

from datetime import UTC, datetime
from typing import Any

import pytest

from hazard_flow.telemetry.signals import Signal
from tests.telemetry.sources.reading import parsed, recorded

ZONE = {"zone": "Asia/Shanghai"}


def events() -> list[dict[str, Any]]:
    return [event["body"] for event in recorded("real_zabbix_webhook")["events"]]


def signals() -> list[Signal]:
    return [signal for body in events() for signal in parsed("zabbix", body, settings=ZONE).signals]


def test_every_recorded_event_gives_its_statement() -> None:
    told = [(s.status.value, s.episode, s.identity, s.level, s.labels.get("kind", "")) for s in signals()]
    assert told == [
        ("firing", "25", "23135", None, "sensor_fault"),
        ("firing", "28", "23134", 1, ""),
        ("resolved", "25", "23135", None, "sensor_fault"),
        ("firing", "29", "23133", 2, ""),
        ("resolved", "29", "23133", 2, ""),
        ("resolved", "28", "23134", 1, ""),
        ("firing", "32", "23135", None, "sensor_fault"),
        ("firing", "33", "23133", 2, ""),
        ("firing", "34", "23134", 1, ""),
        ("resolved", "32", "23135", None, "sensor_fault"),
        ("firing", "33", "23133", 2, ""),
        ("firing", "34", "23134", 1, ""),
        ("resolved", "33", "23133", 2, ""),
        ("resolved", "34", "23134", 1, ""),
    ]
    assert {(s.site, s.device) for s in signals()} == {("VW-1", "G-101")}


def test_a_retried_event_is_the_same_statement() -> None:
    keys = [s.delivery_key for s in signals()]
    assert len(keys) == 14
    assert len(set(keys)) == 12


def test_local_time_is_read_in_the_zone_of_the_source() -> None:
    first = signals()[0]
    assert first.quality == "said=" + datetime(2026, 11, 21, 23, 34, 5, tzinfo=UTC).isoformat()
    [without] = parsed("zabbix", events()[0]).signals
    assert without.quality == ""


def test_words_zabbix_left_empty_are_no_words() -> None:
    [first] = parsed("zabbix", events()[0]).signals
    assert first.summary == "3 %LEL"
    bare = {
        "EVENT.ID": "1",
        "EVENT.VALUE": "1",
        "EVENT.OPDATA": "*UNKNOWN*",
        "EVENT.TAGSJSON": "{EVENT.TAGSJSON}",
    }
    [said] = parsed("zabbix", bare).signals
    assert (said.summary, said.site, said.identity) == ("", None, "1")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"EVENT.VALUE": "{EVENT.VALUE}"}, "alert_status: EVENT.VALUE={EVENT.VALUE}"),
        ({"EVENT.ID": "{EVENT.ID}"}, "alert_identity: EVENT.ID={EVENT.ID}"),
    ],
)
def test_a_test_message_names_the_macro_that_was_not_filled_in(change: dict[str, str], problem: str) -> None:
    assert [str(p) for p in parsed("zabbix", events()[0] | change).problems] == [problem]


def test_without_tags_the_host_is_the_site_and_disaster_is_the_high_level() -> None:
    plain = events()[1] | {"EVENT.TAGSJSON": "[]", "EVENT.NSEVERITY": "5"}
    [said] = parsed("zabbix", plain).signals
    assert (said.site, said.device, said.level) == ("VW-1", None, 2)
