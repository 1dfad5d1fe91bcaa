"""Signs of life: any process can tell when no worker is at work, and what all of them together have done."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hazard_flow.clock import VirtualClock
from hazard_flow.schedule.models import Pulse
from hazard_flow.schedule.operations import plan
from hazard_flow.schedule.pulse import GONE_AFTER, PAST, beat, fold, leave, pulses, totals
from hazard_flow.storage.base import new_id
from hazard_flow.storage.scope import SYSTEM, Scope
from hazard_flow.timers.checks import worker_silent
from hazard_flow.timers.pulse import PULSE_EVERY, PulseKeeper
from hazard_flow.timers.scheduler import Job
from tests.timers.lamps import NOW, timer_of

TIMERS, MAIL = Job("timers", 1, lambda: None), Job("notifications", 2, lambda: None)


@dataclass
class Did:
    counts: dict

    def tally(self):
        return Counter(self.counts)


@pytest.fixture
def clock():
    return VirtualClock(NOW)


def rows(database):
    with database.reading(SYSTEM) as session:
        return {(p.worker, p.job): p for p in session.scalars(sa.select(Pulse))}


def silent(database, at, jobs=("timers", "notifications")):
    with database.reading(SYSTEM) as session:
        return worker_silent(jobs)(session, at)


def test_a_job_that_runs_every_second_writes_only_now_and_then(database, clock):
    keeper = PulseKeeper(database, clock, worker="one")
    for _ in range(25):
        keeper(TIMERS, Did({"fired": 2}), None)
        clock.advance(timedelta(seconds=1))
    row = rows(database)["one", "timers"]
    assert row.beat_at == NOW + 2 * PULSE_EVERY
    assert row.counts == {"fired": 2 * 21}, "what was counted since waits for the next sign"


def test_a_failing_job_is_told_at_once_and_so_is_its_recovery(database, clock):
    keeper = PulseKeeper(database, clock, worker="one")
    keeper(TIMERS, None, None)
    clock.advance(timedelta(seconds=1))
    keeper(TIMERS, None, ValueError("with names in it"))
    row = rows(database)["one", "timers"]
    assert (row.beat_at, row.failed_at, row.error) == (NOW, NOW + timedelta(seconds=1), "ValueError")
    clock.advance(timedelta(seconds=1))
    keeper(TIMERS, None, None)
    assert rows(database)["one", "timers"].error is None


def test_a_database_that_does_not_answer_stops_no_job_and_loses_no_count(database, clock):
    keeper = PulseKeeper(database, clock, worker="one")
    with database.transaction(SYSTEM) as session:
        session.execute(sa.text("SELECT 1"))
    real, keeper._database = keeper._database, Broken()
    keeper(TIMERS, Did({"fired": 3}), None)
    keeper._database = real
    keeper(TIMERS, Did({"fired": 4}), None)
    assert rows(database)["one", "timers"].counts == {"fired": 7}


class Broken:
    def transaction(self, _scope):
        raise sa.exc.OperationalError("BEGIN", {}, Exception("gone"))


def test_two_workers_are_one_as_long_as_one_of_them_beats(database):
    with database.transaction(SYSTEM) as session:
        beat(session, "one", "timers", now=NOW, add={"fired": 1})
        beat(session, "two", "timers", now=NOW - timedelta(minutes=5), add={"fired": 10})
        beat(session, "two", "notifications", now=NOW, add={})
    assert silent(database, NOW + timedelta(seconds=60)) is None
    found = silent(database, NOW + timedelta(seconds=61))
    assert "timers" in found.en
    assert "61" in found.zh
    with database.reading(SYSTEM) as session:
        assert totals(session)["fired"] == 11


def test_other_jobs_may_be_busy_for_minutes(database):
    with database.transaction(SYSTEM) as session:
        beat(session, "one", "timers", now=NOW + timedelta(minutes=11), add={})
        beat(session, "one", "notifications", now=NOW, add={})
    assert silent(database, NOW + timedelta(minutes=10)) is None
    assert "notifications" in silent(database, NOW + timedelta(minutes=11)).en


def test_where_no_worker_ever_ran_only_waiting_timers_make_it_a_fault(database):
    assert silent(database, NOW) is None
    with database.transaction(SYSTEM) as session:
        plan(session, [timer_of(new_id(), due_at=NOW + timedelta(days=9))])
    assert "从未运行" in silent(database, NOW).zh


def test_a_house_whose_last_worker_stopped_cleanly_is_seen_to_be_without_one(database, clock):
    keeper = PulseKeeper(database, clock, worker="one")
    keeper(TIMERS, Did({"fired": 5}), None)
    keeper(MAIL, None, None)
    keeper.close()
    with database.reading(SYSTEM) as session:
        assert pulses(session) == [], "it is not shown among those at work"
        assert totals(session)["fired"] == 5
    assert silent(database, NOW + timedelta(seconds=30)) is None
    assert silent(database, NOW + timedelta(seconds=90)) is not None


def test_counts_of_workers_long_gone_are_kept_and_their_rows_are_not(database):
    with database.transaction(SYSTEM) as session:
        for n in range(3):
            beat(session, f"old {n}", "timers", now=NOW, add={"fired": n, "parked": 1})
        beat(session, "new", "timers", now=NOW + GONE_AFTER, add={"fired": 100})
    later = NOW + GONE_AFTER + timedelta(seconds=1)
    with database.transaction(SYSTEM) as session:
        assert fold(session, later) == 3
        assert fold(session, later) == 0
    assert set(rows(database)) == {(PAST, "timers"), ("new", "timers")}
    with database.reading(SYSTEM) as session:
        assert totals(session) == {"fired": 103, "parked": 3}
    with database.transaction(SYSTEM) as session:
        assert leave(session, "new") == 1
        assert totals(session)["fired"] == 103


def test_nobody_but_the_system_reads_them(database):
    with database.transaction(SYSTEM) as session:
        beat(session, "one", "timers", now=NOW, add={})
    if database.engine.dialect.name == "sqlite":
        pytest.skip("row-level security stands on PostgreSQL")
    with database.reading(Scope(person_id=new_id(), divisions=("99",))) as session:
        assert pulses(session) == []
