"""In = done + dead + pending, always: one bad message is set aside with its reason and never holds up the others."""

import json
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from hazard_flow.hazards import door
from hazard_flow.hazards.changes import Outcome
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry import inbox, notices, tickets
from hazard_flow.telemetry.inbox import Arrival
from hazard_flow.telemetry.intake import drain
from tests.telemetry.city import City
from tests.telemetry.payloads import bodies


def webhook(*alerts: dict[str, Any]) -> bytes:
    return json.dumps({"alerts": list(alerts)}).encode()


def gas(device: str, *, name: str = "CombustibleGasFirstLevel", **labels: str) -> dict[str, Any]:
    return {
        "status": "firing",
        "fingerprint": f"f-{device}-{name}",
        "startsAt": "2026-11-23T08:00:00Z",
        "labels": {"alertname": name, "device": device, "level": "1", **labels},
        "annotations": {"summary": "30 %LEL"},
    }


def test_an_alert_nobody_mapped_is_dead_beside_one_that_opens(small_city: City) -> None:
    city = small_city
    city.post(webhook(gas("G-101"), gas("G-900", name="DiskFull")))
    assert city.hazard().title.startswith("VW-1")
    [message] = city.messages()
    assert (message.state, message.reason) == ("dead", "no_mapping: DiskFull")
    with city.database.transaction(SYSTEM) as session:
        inbox.replay(session, [message.id])
    city.drain()
    assert city.events(city.hazard()) == ["report"]  # replayed: what took effect does not take it twice


def test_the_doors_refusal_sets_one_signal_aside_and_the_rest_goes_on(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = door.apply

    def refuse(session: Any, changes: Any, now: Any) -> list[Outcome]:
        """As the door does where a rule has changed under us."""
        outcomes = real(session, changes, now)
        from hazard_flow.errors import Refused

        return [
            Outcome(error=Refused()) if getattr(change, "data", {}).get("device") == "G-102" else outcome
            for change, outcome in zip(changes, outcomes, strict=True)
        ]

    monkeypatch.setattr(door, "apply", refuse)
    city.post(webhook(gas("G-102"), gas("G-101"), gas("G-900")), webhook(gas("G-901")), drain=False)
    city.drain()
    assert sorted(h.title[:4] for h in city.hazards()) == ["VW-1", "VW-9"]
    assert city.states() == {"dead": 1, "done": 1}
    assert city.messages()[0].reason == "not_taken: refused"
    assert {a.summary for a in city.alerts()} == {"30 %LEL"}
    assert len(city.alerts()) == 3  # what was refused left no half of itself behind

    monkeypatch.undo()
    with city.database.transaction(SYSTEM) as session:
        inbox.replay(session, [city.messages()[0].id])
    city.drain()
    assert city.states() == {"done": 2}
    assert len(city.hazards()) == 2


def test_our_own_mistake_costs_one_message(small_city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    city = small_city
    real = tickets._report

    def stumble(notice: notices.Notice, *rest: Any, **kwargs: Any) -> Any:
        if notice.subject == "G-102":
            raise ZeroDivisionError
        return real(notice, *rest, **kwargs)

    monkeypatch.setattr(tickets, "_report", stumble)
    city.post(webhook(gas("G-102")), webhook(gas("G-900")), drain=False)
    city.drain()
    assert city.hazard().title.startswith("VW-9")
    assert [m.reason for m in city.messages()] == ["failed: ZeroDivisionError()", ""]


def test_a_database_that_fails_leaves_everything_pending(
    small_city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = small_city
    city.post(webhook(gas("G-101")), drain=False)

    def gone(*_: Any) -> list[Outcome]:
        raise OperationalError("x", {}, Exception("connection lost"))

    monkeypatch.setattr(door, "apply", gone)
    with pytest.raises(OperationalError):
        city.drain()
    assert city.states() == {"pending": 1}
    monkeypatch.undo()
    city.drain()
    assert city.states() == {"done": 1}
    assert len(city.hazards()) == 1


def test_many_messages_are_taken_portion_by_portion(small_city: City) -> None:
    city = small_city
    for n in range(7):
        city.post(webhook(gas("G-101", name=f"CombustibleGas{n}")), drain=False)
    assert [city.drain(limit=3).taken for _ in range(4)] == [3, 3, 1, 0]
    assert len(city.events(city.hazard())) == 7


def test_two_workers_never_evaluate_at_once(city: City) -> None:
    """The second finds the lane held and comes back later; nothing is taken twice."""
    if city.database.engine.dialect.name == "sqlite":
        pytest.skip("a writing transaction is alone there")
    city.post(*bodies("01"), drain=False)
    with city.database.transaction(SYSTEM) as first:
        assert drain(first, city.now).taken == 1
        with city.database.transaction(SYSTEM) as second:
            assert drain(second, city.now).taken == 0
    assert len(city.hazards()) == 1


def test_the_same_delivery_racing_is_stored_once(city: City) -> None:
    arrival = Arrival(city.alertmanager_id, "alertmanager", "k", b"{}", city.now)
    with city.database.transaction(SYSTEM) as session:
        assert inbox.store(session, [arrival, arrival]) == 1
    with city.database.transaction(SYSTEM) as session:
        assert inbox.store(session, [arrival]) == 0
    assert len(city.messages()) == 1


@pytest.mark.parametrize(
    "summary", ["a\nb\x07c", "{device} {0} %s", "<script>alert(1)</script>", "长" * 400, "\ud800", "\x00"]
)
def test_no_words_of_a_sender_keep_an_alarm_out(small_city: City, summary: str) -> None:
    alert = gas("G-101") | {"annotations": {"summary": summary}}
    small_city.post(webhook(alert))
    assert small_city.hazard().alarm_level == 1


@pytest.mark.parametrize("device", ["G\n1", "x" * 500, "G-101'; --", "设备"])
def test_no_name_of_a_device_keeps_an_alarm_out(small_city: City, device: str) -> None:
    small_city.post(webhook(gas(device, site="VW-1")))
    found = {h.family: h.alarm_level for h in small_city.hazards()}
    assert found["gas_leak"] == 1
