"""kill -9 of the web process between the commit of a webhook and its answer: the sender's retry changes nothing."""

import http.client
import json
import threading

import pytest
import sqlalchemy as sa

from hazard_flow.clock import SystemClock
from hazard_flow.hazards.models import Hazard
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry.jobs import drain_inbox
from tests.chaos.checker import check
from tests.chaos.place import Place
from tests.chaos.programs import Web
from tests.chaos.wells import equip
from tests.harness.waiting import wait_for

pytestmark = pytest.mark.timeout(900)

FIRING = {
    "version": "4",
    "status": "firing",
    "alerts": [
        {
            "status": "firing",
            "fingerprint": "aa11",
            "startsAt": "2026-11-23T08:00:00Z",
            "labels": {
                "alertname": "CombustibleGasHigh",
                "site": "TVW-1",
                "device": "G-101",
                "level": "2",
                "severity": "critical",
            },
            "annotations": {"summary": "60 %LEL"},
        }
    ],
}


def test_killed_between_store_and_answer(place: Place):
    token = equip(place, kind="alertmanager")
    web = place.web("web", launch=["-m", "tests.chaos.late_answer"])
    cut: list[object] = []
    asking = threading.Thread(target=lambda: cut.append(post(web, token)))
    asking.start()
    wait_for(lambda: place.see("SELECT count(*) FROM inbox"), lambda count: count == 1, seconds=60)
    web.kill()
    asking.join(30)
    assert cut == [None], "an answer got out before the kill"

    drain_inbox(place.database, SystemClock())
    once = outcome(place)
    again = place.web()
    assert post(again, token) == {"stored": True, "seen_before": True}
    again.stop()
    drain_inbox(place.database, SystemClock())
    assert outcome(place) == once
    assert check(place.database, place.application.clock.now(), all_fired=False) == []


def post(web: Web, token: str) -> object:
    """What Alertmanager is told; None for nothing at all."""
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=60)
    try:
        connection.request("POST", f"/in/alertmanager/{token}", json.dumps(FIRING).encode())
        answer = connection.getresponse()
        assert answer.status == 202
        return json.loads(answer.read())
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def outcome(place: Place) -> list[tuple[object, ...]]:
    """All a webhook can change: messages, signals, alerts, hazards and their events."""
    with place.database.reading(SYSTEM) as session:
        counts = [
            session.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar()
            for table in ("inbox", "inbox_key", "signal", "alert", "hazard_event")
        ]
        hazards = session.execute(sa.select(Hazard.number, Hazard.alarm_level, Hazard.seq)).all()
    assert len(hazards) == 1
    return [tuple(counts), *map(tuple, hazards)]
