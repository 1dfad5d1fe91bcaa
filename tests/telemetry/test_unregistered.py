"""A detector nobody registered is in alarm: a hazard opens whether or not its place is known, once, and never for nothing."""

import pytest

from hazard_flow.identity.models import Organisation
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry import inbox
from hazard_flow.telemetry.models import Source
from tests.telemetry.city import City
from tests.telemetry.sending import send
from tests.telemetry.sources.reading import recorded


def test_one_reading_at_an_unknown_site_falls_to_the_sources_organisation(city: City) -> None:
    city.measure("G-700", 26, site="VW-7")
    city.drain()
    hazard = city.hazard()
    assert (hazard.family, hazard.alarm_level, hazard.asset_id) == ("unregistered", 1, None)
    assert hazard.organisation_id == city.enterprise_id
    assert hazard.title == "VW-7 G-700 未登记设备报警"
    assert "位置不明（设备 VW-7 G-700）" in hazard.place
    assert hazard.details["leak_reading"] == "26.000"
    assert [m.reason for m in city.messages()] == ["unknown_place: VW-7 G-700"]


def test_it_is_told_once_and_again_only_when_worse(small_city: City) -> None:
    city = small_city
    city.measure("G-700", 10, 26, 30, 28, 26, 55, 60, 30, site="VW-7")
    for _ in range(3):
        city.drain()
    assert city.events(city.hazard()) == ["report"]
    assert city.hazard().alarm_level == 2


def test_each_detector_has_its_own_and_below_the_limit_none(small_city: City) -> None:
    city = small_city
    city.measure("G-700", 30, site="VW-7")
    city.drain()
    city.measure("G-701", 55, site="VW-7")
    city.measure("G-702", 24.9, site="VW-7")
    city.measure("G-700", 60, site="VW-7")
    city.drain()
    assert sorted((h.details["device"], h.alarm_level) for h in city.hazards()) == [
        ("VW-7 G-700", 2),
        ("VW-7 G-701", 2),
    ]
    assert city.states() == {"dead": 4}


def test_at_a_known_site_it_stands_beside_what_the_rules_open(small_city: City) -> None:
    city = small_city
    city.measure("G-555", 30)
    city.drain()
    assert [h.family for h in city.hazards()] == ["unregistered"]
    city.measure("G-556", 30, 30, 30)
    city.drain()
    assert sorted(h.family or "" for h in city.hazards()) == ["gas_leak", "unregistered"]
    assert {h.title[:4] for h in city.hazards()} == {"VW-1"}


def test_an_outside_systems_statement_counts_and_what_is_no_gas_does_not(small_city: City) -> None:
    city = small_city
    events = [event["body"] for event in recorded("real_nodered_cloudevents_http")["events"]]
    send(city, "cloudevents", *events)
    hazard = city.hazard()
    assert (hazard.family, hazard.alarm_level, hazard.details["device"]) == ("unregistered", 2, "VW-7 G-701")
    send(city, "cloudevents", events[0] | {"type": "disk.alarm.raised", "subject": "x/y", "id": "z"})
    assert len(city.hazards()) == 1


def test_an_alarm_without_any_place_is_named_by_its_own_name(small_city: City) -> None:
    body = recorded("docs_pagerduty")["body"]
    payload = {"summary": "gas", "class": "combustible gas", "severity": "critical", "source": "x"}
    send(small_city, "pagerduty", body | {"payload": payload})
    assert small_city.hazard().details["device"] == "VW-1/G-101/gas"


def test_a_replay_changes_nothing_and_after_closing_only_news_opens_another(small_city: City) -> None:
    city = small_city
    city.measure("G-700", 60, site="VW-7")
    city.drain()
    [message] = city.messages()

    def again() -> None:
        with city.database.transaction(SYSTEM) as session:
            inbox.replay(session, [message.id])
        city.drain()

    again()
    assert city.events(city.hazard()) == ["report"]
    city.pass_time(hours=1)
    city.move(city.hazard(), "closed")
    again()
    assert len(city.hazards()) == 1
    city.measure("G-700", 60, site="VW-7")
    city.drain()
    old, new = city.hazards()
    assert new.reopen_of_id == old.id


def test_a_flood_of_made_up_names_does_not_bury_the_desk(small_city: City) -> None:
    for number in range(60):
        small_city.measure(f"X-{number}", 60, site="nowhere", every=1)
    small_city.drain()
    assert len(small_city.hazards()) == 50
    assert small_city.states() == {"dead": 60}


@pytest.mark.parametrize("kind", ["regulator"])
def test_an_alarm_nobody_can_be_given_stays_in_quarantine_and_says_so(small_city: City, kind: str) -> None:
    city = small_city
    with city.database.transaction(SYSTEM) as session:
        office = session.query(Organisation).filter_by(kind=kind).one()
        for source in session.query(Source).filter_by(kind="mqtt"):
            source.organisation_id = source.home_id = office.id
    city.measure("G-700", 60, site="VW-7")
    city.drain()
    assert city.hazards() == []
    assert city.messages()[0].reason == "unknown_place: VW-7 G-700; nobody_responsible: VW-7 G-700"
