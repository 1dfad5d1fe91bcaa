"""A hazard whose timer cannot be fired blocks nobody, is seen by people, and climbs on once the fault is mended."""

import sqlalchemy as sa

from hazard_flow.notifications.alarms import announce_parked
from hazard_flow.schedule.models import Outbox, Timer
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.timers.engine import tick
from hazard_flow.timers.parking import parked_page, retry
from tests.harness.city import City


def pin_to(city: City, number: str, version: int) -> None:
    """As if the hazard ran under a workflow release this program does not have: a restored backup, a file gone missing."""
    with city.database.transaction(SYSTEM) as session:
        session.connection().info["hazards.door_open"] = 1
        session.execute(
            sa.text("UPDATE hazard SET workflow_version = :v WHERE number = :n"), {"v": version, "n": number}
        )
        session.connection().info["hazards.door_open"] = 0


def test_it_is_parked_alone_people_are_alarmed_and_it_climbs_on_after_the_retry(city: City):
    hazards = [city.report(f"阀井漏气第{n}处") for n in range(6)]
    cursed = hazards[3]
    pin_to(city, cursed.number, 99)
    city.clock.move_to(min(t.due_at for t in city.timers(hazards[0]).values()))

    result = tick(city.database, city.now, handlers=city.handlers, announce=announce_parked)

    assert (result.fired, result.parked, result.failed) == (5, 1, ())
    assert [len(city.firings(h, "control")) for h in hazards if h is not cursed] == [1] * 5
    with city.database.reading(SYSTEM) as session:
        [timer] = parked_page(session).items
        assert timer.subject_id == cursed.id
        assert "99" in (timer.error or "")
    told = city.all(sa.select(Outbox).where(Outbox.template == "parked"))
    assert {city.name(r.person_id) for r in told} == {"钱管理"}

    pin_to(city, cursed.number, cursed.workflow_version)
    with city.database.transaction(SYSTEM) as session:
        retry(session, timer.id, actor=f"person:{city.person('钱管理')}", now=city.now)
    city.fast_forward(hours=2)

    fired = city.firings(cursed, "control")
    assert [f.level for f in fired][:2] == [0, 1], "the parked rung first, then the ladder as ever"
    assert city.all(sa.select(Timer).where(Timer.parked_at.is_not(None))) == []


def test_what_was_not_fired_says_how_late_it_came(city: City):
    hazard = city.report()
    pin_to(city, hazard.number, 99)
    city.clock.move_to(min(t.due_at for t in city.timers(hazard).values()))
    tick(city.database, city.now, handlers=city.handlers)
    pin_to(city, hazard.number, hazard.workflow_version)
    with city.database.transaction(SYSTEM) as session:
        for timer in parked_page(session).items:
            retry(session, timer.id, actor="operator:root", now=city.now)

    city.outage(minutes=5)

    [event] = [e for e in city.events(hazard, "timer.escalated") if e.data["timer"] == "control"]
    assert event.data["late_ms"] == 5 * 60 * 1000
    assert event.data["level"] == 0
