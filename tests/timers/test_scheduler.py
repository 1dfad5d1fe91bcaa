"""The worker's loop in real time: it wakes, sleeps until the next due instant, survives its jobs' errors, and leaves when asked."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from hazard_flow.clock import SystemClock, VirtualClock
from hazard_flow.schedule.models import Timer
from hazard_flow.schedule.operations import plan
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.timers.beat import Beat
from hazard_flow.timers.checks import late_timers, parked_timers, worker_check
from hazard_flow.timers.database_clock import DatabaseClock
from hazard_flow.timers.handlers import Handlers
from hazard_flow.timers.scheduler import LOOK_SECONDS, Job, WorkerLoop, _nothing, _SteadyScheduler
from tests.timers.lamps import NOW, LampHandler, blinks, make_lamps, timer_of


def until(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def test_a_job_runs_at_once_and_again_and_an_error_does_not_stop_it():
    runs = []

    def job():
        runs.append(1)
        if len(runs) == 1:
            raise ValueError("first time is hard")

    loop = WorkerLoop([Job("hard", 0.05, job)])
    loop.start()
    until(lambda: len(runs) >= 3)
    loop.stop()
    count = len(runs)
    time.sleep(0.15)
    assert len(runs) == count
    assert not loop.is_running
    loop.stop()


def test_a_slow_job_never_runs_beside_itself_and_stopping_waits_for_it():
    running, most = [], []

    def slow():
        running.append(1)
        most.append(len(running))
        time.sleep(0.2)
        running.pop()

    loop = WorkerLoop([Job("slow", 0.05, slow)])
    loop.start()
    until(lambda: len(most) >= 2)
    loop.stop()
    assert max(most) == 1
    assert running == []


def test_its_health_is_the_age_of_the_last_run_that_came_to_its_end():
    go = threading.Event()

    def fail():
        go.set()
        raise ValueError("never")

    loop = WorkerLoop([Job("bad", 0.05, fail), Job("good", 0.05, lambda: None)])
    check = worker_check(loop)
    loop.start()
    go.wait(5)
    time.sleep(0.3)
    assert loop.age_seconds("good") < 0.2 < loop.age_seconds("bad")
    assert set(loop.stale(slack_seconds=0.1)) == {"bad"}
    assert check(None, NOW) is None, "half a minute of slack"
    loop.stop()


def test_a_beat_fires_a_timer_within_the_second_it_is_due(database):
    (lamp,) = make_lamps(database, 1, due_at=datetime.now(UTC) + timedelta(seconds=1.4))
    handler = LampHandler()
    beat = Beat(database, SystemClock(), Handlers([handler]))
    loop = WorkerLoop([beat.job()])
    loop.start()
    until(lambda: blinks(database)[lamp] == 1)
    loop.stop()
    assert beat.last is not None


def test_a_timer_due_between_two_beats_keeps_the_first_one_going(database):
    (lamp,) = make_lamps(database, 1)
    with database.transaction(SYSTEM) as session:
        session.execute(sa.update(Timer).values(due_at=datetime.now(UTC) + timedelta(seconds=0.97)))

    Beat(database, SystemClock(), Handlers([LampHandler()]))()

    assert blinks(database)[lamp] == 1


def test_a_beat_that_always_finds_more_comes_back_in_the_end(database, monkeypatch):
    make_lamps(database, 1, due_at=datetime.now(UTC))
    monkeypatch.setattr("hazard_flow.timers.beat.STAY_SECONDS_MAX", 1.0)
    handler = LampHandler(repeat=timedelta(milliseconds=30))
    begun = time.monotonic()

    Beat(database, SystemClock(), Handlers([handler]))()

    assert len(handler.batches) > 1
    assert time.monotonic() - begun < 60


def test_a_beat_with_nothing_due_comes_back_at_once_and_on_a_standing_clock_it_does_not_spin(database):
    make_lamps(database, 1, due_at=NOW + timedelta(seconds=0.5))
    begun = time.monotonic()
    Beat(database, VirtualClock(NOW), Handlers([LampHandler()]))()
    assert time.monotonic() - begun < 3


def test_the_databases_clock_never_goes_back(database):
    machine = VirtualClock(NOW)
    clock = DatabaseClock(database, machine)
    first = clock.now()
    machine.advance(timedelta(hours=-1))
    assert clock.now() >= first
    assert first.tzinfo is not None
    if database.engine.dialect.name != "sqlite":
        assert abs(first - datetime.now(UTC)) < timedelta(seconds=5)


def test_what_is_late_or_parked_is_told(database):
    lamps = make_lamps(database, 1, broken={0})
    with database.transaction(SYSTEM) as session:
        assert late_timers(session, NOW + timedelta(minutes=3)) is not None
        assert parked_timers(session, NOW) is None
        session.execute(sa.text("UPDATE timer SET parked_at = due_at"))
        assert late_timers(session, NOW + timedelta(minutes=3)) is None
        assert "1 个时限" in parked_timers(session, NOW).zh
        plan(session, [timer_of(lamps[0], due_at=NOW + timedelta(days=1))])
        assert parked_timers(session, NOW) is None, "planned anew it gets a new chance"


def test_the_worker_in_front_leaves_on_sigterm(tmp_path: Path):
    script = tmp_path / "worker.py"
    script.write_text(
        "import time\n"
        "from hazard_flow.timers.scheduler import Job, WorkerLoop\n"
        "def work():\n    print('begun', flush=True)\n    time.sleep(0.4)\n    print('done', flush=True)\n"
        "WorkerLoop([Job('work', 30, work)]).run()\nprint('left', flush=True)\n"
    )
    process = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env={**os.environ}
    )
    said = []
    for line in process.stdout:
        said.append(line.strip())
        if "begun" in line:
            break
    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "done" in rest
    assert rest.strip().endswith("left")


def test_the_clock_is_looked_at_every_second_whatever_was_planned():
    """A jump between two readings of the clock plans a job for next month: the sleep until then must not last as long."""
    scheduler = _SteadyScheduler(timezone="UTC", daemon=True)
    scheduler.start()
    try:
        scheduler.add_job(_nothing, "interval", days=30)
        assert 0 < scheduler._process_jobs() <= LOOK_SECONDS
    finally:
        scheduler.shutdown()
