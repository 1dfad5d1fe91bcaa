"""Whether the place reads normal since the repair, and what the watch over the intake says."""

from datetime import timedelta

from hazard_flow.hazards.models import Hazard
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry.facts import sensor_facts
from hazard_flow.telemetry.queries import alarms_of, balance, broker_silent, pending_too_long, quarantine
from tests.telemetry.city import City
from tests.telemetry.payloads import AFTERNOON, bodies


def facts(city: City) -> dict[str, object]:
    with city.database.reading(SYSTEM) as session:
        hazard = session.get_one(Hazard, city.hazard().id)
        return dict(sensor_facts(session, [hazard])[hazard.id])


def test_a_detector_still_high_is_live_and_not_normal(city: City) -> None:
    city.measure("G-101", 60, 60, 60)
    city.drain()
    assert facts(city) == {"sensor_live": True, "sensor_normal_since": None, "sensor_fresh_at": city.now}


def test_normal_counts_from_the_last_high_sample_and_only_with_fresh_ones(city: City) -> None:
    city.measure("G-101", 60, 60, 60)
    last_high = city.now
    city.measure("G-101", 3, 2)
    city.drain()
    assert facts(city) == {"sensor_live": True, "sensor_normal_since": last_high, "sensor_fresh_at": city.now}


def test_silence_is_not_fresh(small_city: City) -> None:
    city = small_city
    city.measure("G-101", 60, 60, 60, 2)
    heard = city.now
    city.measure("G-102", 1)
    city.drain()
    assert facts(city)["sensor_fresh_at"] == heard  # the one heard least lately


def test_an_outside_systems_statements_prove_nothing(small_city: City) -> None:
    for number in AFTERNOON:
        small_city.post(*bodies(number))
    assert facts(small_city)["sensor_live"] is False


def test_the_inbox_balances_and_the_quarantine_shows_the_newest_first(small_city: City) -> None:
    city = small_city
    city.post(b"{", b"[]", *bodies("01"))
    city.post(*bodies("02"), drain=False)
    with city.database.reading(SYSTEM) as session:
        assert balance(session) == {"pending": 1, "done": 1, "dead": 2}
        assert [m.body for m in quarantine(session).items] == [b"[]", b"{"]
        assert pending_too_long(session, city.now) is None
        sentence = pending_too_long(session, city.now + timedelta(minutes=2))
        assert sentence is not None
        assert sentence.en.startswith("An alarm message waits for evaluation since 2026-11-23")


def test_a_silent_broker_is_noticed_after_a_minute(small_city: City) -> None:
    city = small_city
    with city.database.reading(SYSTEM) as session:
        assert "从未收到过消息" in broker_silent(session, city.now).zh
    city.deliver("hazard-flow/heartbeat/intake", b"{}")
    with city.database.reading(SYSTEM) as session:
        assert broker_silent(session, city.now + timedelta(seconds=50)) is None
        assert broker_silent(session, city.now + timedelta(seconds=70)) is not None
    assert city.messages() == []


def test_alarms_of_a_hazard_name_the_first_out_first(small_city: City) -> None:
    city = small_city
    for number in AFTERNOON:
        city.post(*bodies(number))
    with city.database.reading(SYSTEM) as session:
        alarms = alarms_of(session, city.hazard().id)
    assert [(a.device, a.peak_level, a.condition, a.alert_class) for a in alarms] == [
        ("G-101", 1, "firing", "process"),
        ("G-101", 2, "firing", "process"),
        ("G-102", 1, "normal", "process"),
        ("G-103", 1, "normal", "process"),
        ("G-101", 1, "firing", "sensor_fault"),
        ("G-101", 2, "firing", "process"),
        ("G-101", 2, "firing", "process"),
    ]
