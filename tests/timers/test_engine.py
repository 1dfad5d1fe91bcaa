"""The engine on a toy subject: everything due fires once, whoever else is at work and whatever stands in the way."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hazard_flow.errors import NotFound
from hazard_flow.schedule.models import Timer, Upkeep
from hazard_flow.schedule.operations import plan
from hazard_flow.schedule.queries import overdue, parked_count
from hazard_flow.schedule.upkeep import recent
from hazard_flow.storage.base import new_id
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.timers.engine import tick
from hazard_flow.timers.handlers import Handlers
from hazard_flow.timers.parking import parked_page, retry
from tests.timers.lamps import NOW, LampHandler, blinks, make_lamps, pending, timer_of


class Deadlock(Exception):
    sqlstate = "40P01"


def test_everything_due_fires_once_and_what_is_not_due_stays(database):
    lamps = make_lamps(database, 30)
    with database.transaction(SYSTEM) as session:
        plan(session, [timer_of(lamps[0], name="later", due_at=NOW + timedelta(minutes=5))])
    handler = LampHandler()
    result = tick(database, NOW, handlers=Handlers([handler]), batch=12)
    assert (result.fired, result.parked, result.failed) == (30, 0, ())
    assert result.earliest_due_at == NOW + timedelta(minutes=5)
    assert set(blinks(database).values()) == {1}
    assert handler.batches == [12, 12, 6]
    assert [t.name for t in pending(database)] == ["later"]


def test_a_second_tick_at_the_same_instant_fires_nothing(database):
    make_lamps(database, 3)
    handlers = Handlers([LampHandler()])
    tick(database, NOW, handlers=handlers)
    assert tick(database, NOW, handlers=handlers).fired == 0


def test_a_timer_planned_again_by_its_handler_survives(database):
    make_lamps(database, 2)
    result = tick(database, NOW, handlers=Handlers([LampHandler(repeat=timedelta(hours=4))]))
    assert result.fired == 2
    assert result.earliest_due_at == NOW + timedelta(hours=4)
    assert [t.cycle for t in pending(database)] == [1, 1]


@pytest.mark.parametrize("names_the_guilty", [False, True])
def test_poisoned_timers_are_parked_alone_and_block_nobody(database, names_the_guilty):
    lamps = make_lamps(database, 40, broken={0, 17, 18, 39})
    told = []
    result = tick(
        database, NOW, handlers=Handlers([LampHandler(names_the_guilty=names_the_guilty)]),
        announce=lambda _session, timer, _now: told.append(timer.subject_id), batch=16,
    )  # fmt: skip
    assert (result.fired, result.parked) == (36, 4)
    assert sorted(told) == sorted(lamps[n] for n in (0, 17, 18, 39))
    assert sum(blinks(database).values()) == 36
    with database.reading(SYSTEM) as session:
        page = parked_page(session)
        assert [t.subject_id for t in page.items] == [lamps[n] for n in (0, 17, 18, 39)]
        assert all(
            "the lamp is broken" in t.error and t.parked_at == NOW and t.attempts == 1 for t in page.items
        )
        assert parked_count(session) == 4
        assert overdue(session, NOW) is None, "parked timers are reported as parked, not as late"


def test_a_parked_timer_fires_after_it_was_let_try_again(database):
    (lamp,) = make_lamps(database, 1, broken={0})
    handlers = Handlers([LampHandler()])
    tick(database, NOW, handlers=handlers)
    (timer,) = pending(database)
    with database.transaction(SYSTEM) as session:
        session.execute(sa.text("UPDATE lamp SET broken = :no"), {"no": False})
        retry(session, timer.id, actor="operator:root", now=NOW)
    assert tick(database, NOW, handlers=handlers).fired == 1
    assert blinks(database) == {lamp: 1}
    with pytest.raises(NotFound), database.transaction(SYSTEM) as session:
        retry(session, timer.id, actor="operator:root", now=NOW)


def test_letting_a_timer_try_again_stays_on_record(database):
    (lamp,) = make_lamps(database, 1, broken={0})
    tick(database, NOW, handlers=Handlers([LampHandler()]))
    (timer,) = pending(database)
    with database.transaction(SYSTEM) as session:
        retry(session, timer.id, actor="person:7", now=NOW)
    with database.reading(SYSTEM) as session:
        [done] = recent(session, ("timer.retried",), seen=sa.true())
        assert (done.actor, done.thing_id, done.subject_id, done.at) == ("person:7", timer.id, lamp, NOW)
        assert "the lamp is broken" in done.data["error"]
    with pytest.raises(sa.exc.DBAPIError), database.transaction(SYSTEM) as session:
        session.execute(sa.delete(Upkeep))


def test_an_alarm_about_a_parked_timer_that_fails_brings_it_not_back(database):
    make_lamps(database, 2, broken={0})

    def fail(*_):
        raise RuntimeError("no mail today")

    result = tick(database, NOW, handlers=Handlers([LampHandler()]), announce=fail)
    assert (result.fired, result.parked) == (1, 1)


def test_a_deadlock_repeats_the_whole_batch(database):
    make_lamps(database, 5)
    handler = LampHandler()
    handler.raises = [sa.exc.OperationalError("UPDATE", {}, Deadlock()) for _ in range(3)]
    result = tick(database, NOW, handlers=Handlers([handler]))
    assert (result.fired, result.parked) == (5, 0)
    assert handler.batches == [5, 5, 5, 5]


def test_a_timer_that_meets_only_contention_is_parked_in_the_end(database):
    make_lamps(database, 1)
    handler = LampHandler()
    handler.raises = [sa.exc.OperationalError("UPDATE", {}, Deadlock()) for _ in range(100)]
    result = tick(database, NOW, handlers=Handlers([handler]))
    assert (result.fired, result.parked) == (0, 1)


def test_a_failing_database_parks_nothing_and_the_other_kinds_go_on(database):
    (lamp,) = make_lamps(database, 1)

    class Full(Exception):
        sqlstate = "53100"

    class Bulbs(LampHandler):
        kind = "bulb"

    with database.transaction(SYSTEM) as session:
        plan(session, [timer_of(lamp, kind="bulb")])
    failing = Bulbs()
    failing.raises = [sa.exc.OperationalError("UPDATE", {}, Full())]
    result = tick(database, NOW, handlers=Handlers([failing, LampHandler()]))
    assert (result.fired, result.parked, result.failed) == (1, 0, ("bulb",))
    assert tick(database, NOW, handlers=Handlers([failing])).fired == 1


def test_a_claim_that_fails_parks_no_innocent_timer(database):
    make_lamps(database, 2)

    class Confused(LampHandler):
        def claim(self, session, now, limit):
            raise ValueError("which table?")

    result = tick(database, NOW, handlers=Handlers([Confused()]))
    assert (result.fired, result.parked, result.failed) == (0, 0, ("lamp",))


def test_two_workers_fire_nothing_twice(database):
    make_lamps(database, 300)
    handlers = [LampHandler() for _ in range(4)]
    results = []
    begin = threading.Barrier(4)

    def work(handler):
        begin.wait()
        results.append(tick(database, NOW, handlers=Handlers([handler]), batch=20))

    workers = [threading.Thread(target=work, args=(h,)) for h in handlers]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(r.fired for r in results) == 300
    assert set(blinks(database).values()) == {1}
    assert pending(database) == []


def test_a_worker_passes_over_what_another_holds(database):
    if database.engine.dialect.name == "sqlite":
        pytest.skip("one writer at a time there")
    lamps = make_lamps(database, 4)
    with database.transaction(SYSTEM) as busy:
        busy.execute(sa.text("SELECT 1 FROM lamp WHERE id = :id FOR UPDATE"), {"id": lamps[1]})
        assert tick(database, NOW, handlers=Handlers([LampHandler()])).fired == 3
    assert tick(database, NOW, handlers=Handlers([LampHandler()])).fired == 1


def test_a_stopping_worker_ends_after_the_batch_under_way(database):
    make_lamps(database, 6)
    handler = LampHandler()
    result = tick(
        database, NOW, handlers=Handlers([handler]), batch=2, should_stop=lambda: bool(handler.batches)
    )
    assert result.fired == 2
    assert result.earliest_due_at < NOW


def test_timers_of_kinds_nobody_handles_are_still_seen_as_late(database):
    with database.transaction(SYSTEM) as session:
        plan(session, [timer_of(new_id(), kind="orphan", due_at=NOW - timedelta(days=900))])
    tick(database, NOW, handlers=Handlers([]))
    with database.reading(SYSTEM) as session:
        assert overdue(session, NOW) == timedelta(days=900)
        assert session.scalar(sa.select(sa.func.count()).select_from(Timer)) == 1


def test_how_late_each_timer_fired_is_counted_once_it_is_committed(database):
    lamps = make_lamps(database, 3, broken={1})
    with database.transaction(SYSTEM) as session:
        plan(session, [timer_of(lamps[0], name="old", due_at=NOW - timedelta(hours=2))])
    result = tick(database, NOW, handlers=Handlers([LampHandler(names_the_guilty=True)]))
    assert (result.fired, result.parked) == (3, 1)
    # due 3 s, 2 s (broken) and 1 s ago, and two hours ago
    assert dict(result.late) == {
        "late.le_10": 1, "late.le_1": 1, "late.le_21600": 1, "late.sum_ms": 3_000 + 1_000 + 7_200_000,
    }  # fmt: skip
