"""A hazard whose timer cannot be fired blocks nobody, is seen by people, and climbs on once the fault is mended."""

import sqlalchemy as sa

from hazard_flow.hazards.guarding import door_open
from hazard_flow.notifications.alarms import announce_parked
from hazard_flow.schedule.models import Outbox, Timer
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.timers.engine import tick
from hazard_flow.timers.parking import parked_page, retry
from tests.harness.city import City

#: a state no workflow has
NOWHERE = "nowhere"


def put_into(city: City, number: str, state: str) -> None:
    """As if somebody had repaired the table by hand, or restored half of it."""
    _alter(city, "UPDATE hazard SET state = :v WHERE number = :n", v=state, n=number)


def pin_to(city: City, number: str, version: int) -> None:
    """As if a newer version of this program had opened the hazard."""
    _alter(city, "UPDATE hazard SET workflow_version = :v WHERE number = :n", v=version, n=number)


def _alter(city: City, statement: str, **values: object) -> None:
    with city.database.transaction(SYSTEM) as session, door_open(session):
        session.execute(sa.text(statement), values)


def test_it_is_parked_alone_people_are_alarmed_and_it_climbs_on_after_the_retry(city: City):
    hazards = [city.report(f"阀井漏气第{n}处") for n in range(6)]
    cursed = hazards[3]
    put_into(city, cursed.number, NOWHERE)
    city.clock.move_to(min(t.due_at for t in city.timers(hazards[0]).values()))

    result = tick(city.database, city.now, handlers=city.handlers, announce=announce_parked)

    assert (result.fired, result.parked, result.failed) == (5, 1, ())
    assert [len(city.firings(h, "control")) for h in hazards if h is not cursed] == [1] * 5
    with city.database.reading(SYSTEM) as session:
        [timer] = parked_page(session).items
        assert timer.subject_id == cursed.id
        assert NOWHERE in (timer.error or "")
    told = city.all(sa.select(Outbox).where(Outbox.template == "parked"))
    assert {city.name(r.person_id) for r in told} == {"钱管理"}

    put_into(city, cursed.number, cursed.state)
    with city.database.transaction(SYSTEM) as session:
        retry(session, timer.id, actor=f"person:{city.person('钱管理')}", now=city.now)
    city.fast_forward(hours=2)

    fired = city.firings(cursed, "control")
    assert [f.level for f in fired][:2] == [0, 1], "the parked rung first, then the ladder as ever"
    assert city.all(sa.select(Timer).where(Timer.parked_at.is_not(None))) == []


def test_what_was_not_fired_says_how_late_it_came(city: City):
    hazard = city.report()
    put_into(city, hazard.number, NOWHERE)
    city.clock.move_to(min(t.due_at for t in city.timers(hazard).values()))
    tick(city.database, city.now, handlers=city.handlers)
    put_into(city, hazard.number, hazard.state)
    with city.database.transaction(SYSTEM) as session:
        for timer in parked_page(session).items:
            retry(session, timer.id, actor="operator:root", now=city.now)

    city.outage(minutes=5)

    [event] = [e for e in city.events(hazard, "timer.escalated") if e.data["timer"] == "control"]
    assert event.data["late_ms"] == 5 * 60 * 1000
    assert event.data["level"] == 0


def test_what_a_newer_version_opened_is_left_to_it(city: City):
    """Parked by the older version, it would stay unfired when the newer one comes: it waits, late for all to see, and fires then."""
    known, newer = city.report(), city.report("新版规则下的漏气")
    pin_to(city, newer.number, 99)
    city.clock.move_to(max(city.timers(h)["control"].due_at for h in (known, newer)))

    result = tick(city.database, city.now, handlers=city.handlers, announce=announce_parked)

    assert (result.parked, result.failed, result.earliest_due_at) == (
        0,
        (),
        city.timers(newer)["control"].due_at,
    )
    assert [len(city.firings(h, "control")) for h in (known, newer)] == [1, 0]

    pin_to(city, newer.number, newer.workflow_version)
    city.fast_forward(minutes=1)
    assert len(city.firings(newer, "control")) == 1
