"""The eleven laws of telemetry, each by its number. L3 has files of its own: test_order and test_live_is_replay."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry import rulefile
from hazard_flow.telemetry.models import Inbox
from hazard_flow.telemetry.queries import balance, truncating_sources
from hazard_flow.telemetry.rulefile import read_rules, released_rules, shipped_rules
from hazard_flow.workflow.rule_file import RuleFileError
from tests.telemetry.city import City
from tests.telemetry.payloads import bodies
from tests.telemetry.test_intake import gas, webhook

NEWEST = Path(rulefile.__file__).parent / f"rules.v{shipped_rules().version}.yaml"
TEXT = NEWEST.read_text("utf-8")


def test_law_1_a_message_is_stored_before_anything_is_made_of_it(small_city: City) -> None:
    """What the sender hears comes after the commit; understanding it comes later still, and may fail."""
    city = small_city
    city.deliver("gas/demo/VW-1/G-101/telemetry", b'{"m": {"ch4_lel": 60}}')
    with city.database.reading(SYSTEM) as session:
        assert session.scalars(sa.select(Inbox.state)).all() == ["pending"]
    assert city.alerts() == []


def test_law_2_the_same_delivery_twice_is_one_effect(small_city: City) -> None:
    city = small_city
    body = json.dumps({"id": "a", "ts": "2026-11-23T07:59:00Z", "m": {"ch4_lel": 60}}).encode()
    for number in range(3):
        again = body.replace(b'"a"', b'"%d"' % number)
        for _ in range(4):
            city.deliver("gas/demo/VW-1/G-101/telemetry", again)
            city.drain()
    city.post(*bodies("01"), *bodies("01"))
    assert city.events(city.hazard()) == ["report", "alarm"]
    assert len(city.messages()) == 4


def test_law_4_at_most_one_hazard_of_a_family_is_open_at_a_site(city: City) -> None:
    for device in ("G-101", "G-102", "G-103"):
        city.measure(device, 60, 60, 60)
        city.drain()
        city.post(webhook(gas(device)))
    assert len(city.hazards()) == 1
    assert len(city.alerts()) == 6


def test_law_5_no_signal_closes_a_hazard(city: City) -> None:
    firing = gas("G-101")
    city.post(webhook(firing), webhook(firing | {"status": "resolved", "endsAt": "2026-11-23T08:05:00Z"}))
    city.measure("G-900", 60, 60, 60, *[0.0] * 20, site="VW-9")
    city.drain()
    for _ in range(4):
        city.pass_time(days=7)
        city.measure("G-900", *[0.0] * 3, site="VW-9")
        city.drain()
        city.sweep()
    assert {alert.condition for alert in city.alerts() if alert.alert_class == "process"} == {"normal"}
    gas_hazards = [hazard for hazard in city.hazards() if hazard.family == "gas_leak"]
    assert len(gas_hazards) == 2
    assert {hazard.closed_at for hazard in gas_hazards} == {None}


def test_law_6_no_data_is_not_normal(city: City) -> None:
    city.expect(60, "G-101")
    city.measure("G-101", 60, 60, 60)
    city.drain()
    city.sweep()
    for _ in range(5):  # a worker sweeps all the time
        city.pass_time(minutes=1)
        city.sweep()
    hazard = city.hazard()
    assert (hazard.blind, hazard.closed_at) == (True, None)
    alarm, silent = city.alerts()
    assert (alarm.rule, alarm.condition, alarm.blind) == ("gas_level", "firing", True)
    assert (silent.rule, silent.condition, silent.hazard_id) == ("silent", "firing", hazard.id)


def test_law_8_what_came_in_is_done_dead_or_pending(small_city: City) -> None:
    city = small_city
    sent = 0
    for number, body in enumerate((b"{", b"[]", *bodies("01"), b"\xff", *bodies("06"), b'{"alerts": []}')):
        city.post(body, drain=number % 2 == 0)
        sent += 1
        with city.database.reading(SYSTEM) as session:
            assert sum(balance(session).values()) == sent
    city.drain()
    with city.database.reading(SYSTEM) as session:
        found = balance(session)
    assert found["pending"] == 0
    assert found["done"] + found["dead"] == sent
    assert found["dead"] == 3


# L9: rules change under open alerts


def without(rules: Any, *ids: str) -> Any:
    """The rules without some of them, as a later version would be."""
    kept = tuple(rule for rule in rules.thresholds if rule.id not in ids)
    return replace(rules, version=rules.version + 1, thresholds=kept)


def test_law_9_a_rule_that_is_gone_leaves_its_open_alert_open(small_city: City) -> None:
    city = small_city
    city.measure("G-101", 30, 30, 30)
    city.drain()
    later = without(shipped_rules(), "gas_level", "gas_rise", "over_range")
    city.measure("G-101", 60, 60, 60)
    city.drain(rules=later)
    [alert] = city.alerts()
    assert (alert.condition, alert.peak_level) == ("firing", 2)
    assert alert.rules_version == shipped_rules().version
    city.measure("G-101", *[1.0] * 12)
    city.measure("G-102", 60, 60, 60)
    city.drain(rules=later)
    [alert] = city.alerts()
    assert alert.condition == "normal"  # ended by a measurement, not by the change
    assert city.hazard().closed_at is None


def test_law_9_an_open_alert_keeps_the_limits_it_was_raised_under(small_city: City) -> None:
    city = small_city
    city.measure("G-101", 30, 30, 30)
    city.drain()
    stricter = replace(
        read_rules(TEXT.replace("clear_below: 20", "clear_below: 5").encode(), name="x"), version=99
    )
    city.measure("G-101", *[10.0] * 12)  # under 20, not under 5
    city.drain(rules=stricter)
    assert city.alerts()[0].condition == "normal"
    city.measure("G-101", 30, 30, 30)
    city.drain(rules=stricter)
    assert [alert.rules_version for alert in city.alerts()] == [shipped_rules().version, 99]


def test_every_released_file_still_loads() -> None:
    assert sorted(released_rules()) == list(range(1, shipped_rules().version + 1))


# L10


def test_law_10_a_rule_file_cannot_hide_level_2_behind_another_family_or_level() -> None:
    for line, said in (
        ("source: stuck, hides: gas_level", "hiding would lose a hazard"),
        ("source: filter_drop, hides: filter_drop", ""),
    ):
        text = TEXT.replace("source: over_range, hides: gas_rise", line)
        if said:
            with pytest.raises(RuleFileError, match=said):
                read_rules(text.encode(), name="x")
    weaker = TEXT.replace("    2: {above: 50, clear_below: 45, hold: {k: 3, n: 3}}\n", "", 1)
    with pytest.raises(RuleFileError, match="can reach a worse level"):
        read_rules(weaker.encode(), name="x")


def test_law_10_in_a_storm_level_2_opens_its_own_at_once(small_city: City) -> None:
    city = small_city
    upstream = city.site("RG-1", kind="regulator")
    wells = [f"S-{n}" for n in range(13)]
    for well in wells:
        city.site(well, f"{well}-G")
    city.expect(60, *(f"{well}-G" for well in wells), upstream=upstream)
    for _ in range(3):
        city.pass_time(minutes=1)
        for number, well in enumerate(wells):
            value = 60 if number == 12 else 30
            city.deliver(f"gas/d/{well}/{well}-G/telemetry", b'{"m": {"ch4_lel": %d}}' % value)
        city.drain()
    found = {hazard.title.split()[0]: hazard for hazard in city.hazards()}
    assert found["RG-1"].family == "area_event"
    assert (found["S-12"].family, found["S-12"].alarm_level) == ("gas_leak", 2)
    assert len(city.alerts()) == 14  # every one listed, and the storm's own


# L11


def test_law_11_a_cut_list_marks_the_hazard_incomplete_and_names_the_source(small_city: City) -> None:
    city = small_city
    with city.database.reading(SYSTEM) as session:
        assert truncating_sources(session, city.now) is None
    city.post(*bodies("11"))
    assert any(hazard.incomplete for hazard in city.hazards())
    with city.database.reading(SYSTEM) as session:
        sentence = truncating_sources(session, city.now)
        assert sentence is not None
        assert "SCADA" in sentence.zh
        assert truncating_sources(session, city.now + timedelta(days=2)) is None
