"""A worker stands still in mid-transaction: the others go on, its locks come back, and when it wakes it finds that it is too late."""

import signal
import time

import pytest
import sqlalchemy as sa

from hazard_flow.bench.timers.trial import wait_until
from hazard_flow.hazards import files, operations
from hazard_flow.schedule.models import Timer
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.timers.engine import BATCH_MAX
from tests.chaos.checker import check
from tests.chaos.dice import dice
from tests.chaos.firings import all_fired, fates, lay, left
from tests.chaos.journal import ACKNOWLEDGED, Entry, Journal, new_key
from tests.chaos.place import Place
from tests.chaos.programs import Worker
from tests.chaos.sight import Writes, sight

#: a minute on a machine of one's own, many on one that is shared
pytestmark = pytest.mark.timeout(900)

TIMERS = BATCH_MAX + 500
#: how long the database waits for who says nothing: of the sample, and the product's own
HASTY, OWN = 3, 30
#: what a machine shared with others may add
SLACK_SECONDS = 30
FREEZES = 5


@pytest.mark.postgres
def test_a_frozen_worker_holds_nobody_up_for_long(postgres_place: Place):
    run(postgres_place, waits=HASTY)


@pytest.mark.soak
@pytest.mark.postgres
@pytest.mark.timeout(0)
def test_frozen_workers_hold_nobody_up_for_long(postgres_place: Place):
    for _ in range(FREEZES):
        run(postgres_place, waits=OWN)


@pytest.mark.postgres
def test_who_reads_no_answer_gives_their_locks_back(postgres_place: Place):
    """Stopped while a long answer is on its way: the server waits to write, which it does not count as idle."""
    lay(postgres_place, 1)
    database, blocked = (
        postgres_place.database,
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'ClientWrite'",
    )
    with database.engine.connect() as frozen, postgres_place.watching() as watching:
        frozen.exec_driver_sql(f"SET tcp_user_timeout = '{HASTY}s'")
        frozen.exec_driver_sql("SET hf.everything = 'on'")
        raw = frozen.connection.driver_connection
        assert raw is not None
        raw.pgconn.send_query(
            b"SELECT id, repeat('x', 100000) FROM hazard, generate_series(1, 1000) FOR UPDATE OF hazard"
        )
        assert wait_until(lambda: watching.execute(blocked).fetchone() == (1,), 30)

        # somebody waits for the lock, as long as everybody does
        with database.transaction(SYSTEM) as session:
            held = session.execute(sa.text("SELECT id FROM hazard FOR UPDATE")).all()

        assert len(held) == 1
        frozen.invalidate()


def run(place: Place, *, waits: int) -> None:
    chance = dice("frozen worker")
    laid = lay(place, TIMERS)
    launch = ["-m", "tests.chaos.hasty", str(waits)] if waits != OWN else None
    frozen = _hasty(place, launch) if launch else place.worker()
    with sight(place) as writes:
        _freeze_in_mid_batch(frozen, writes)
    began, journal = time.monotonic(), Journal()

    other = place.worker()
    assert wait_until(lambda: left(place, laid) <= BATCH_MAX, 300), "the others do not go on"
    others = time.monotonic() - began
    _act_on_what_is_held(place, journal)
    acted = time.monotonic() - began
    assert all_fired(place, laid, within_seconds=waits + SLACK_SECONDS), "its locks do not come back"
    freed = time.monotonic() - began
    assert frozen.process is not None
    frozen.process.send_signal(signal.SIGCONT)
    assert wait_until(lambda: frozen.said("timers.kind_failed") > 0, 300), frozen.tail()
    later = lay(place, 100)
    other.stop()
    assert all_fired(place, later, within_seconds=300), "it does not work any more"
    frozen.stop()

    became = fates(place, laid)
    print(
        f"frozen: others done after {others:.1f} s, a person after {acted:.1f} s, all after {freed:.1f} s; {dict(became)}",
        flush=True,
    )
    assert became == {"fired": TIMERS}
    assert fates(place, later) == {"fired": 100}
    now = place.application.clock.now()
    assert check(place.database, now, journal=journal, all_fired=False, dice=chance) == []


def _hasty(place: Place, launch: list[str]) -> Worker:
    made = Worker(place.environment, place.folder / "hasty", launch=launch)
    made.words = []
    place.started.append(made)
    made.start()
    return made


def _freeze_in_mid_batch(worker: Worker, writes: Writes) -> None:
    """Stopped with a transaction open in which it has locked or written rows."""
    until = time.monotonic() + 300
    assert worker.process is not None
    while time.monotonic() < until:
        if worker.is_up and writes(worker.pid):
            worker.process.send_signal(signal.SIGSTOP)
            # a commit already on its way would still be carried out, and nothing be lost
            if not wait_until(lambda: not writes(worker.pid), 0.5):
                return
            worker.process.send_signal(signal.SIGCONT)
        time.sleep(0.002)
    raise AssertionError(f"never seen in a batch: {worker.tail()}")


def _act_on_what_is_held(place: Place, journal: Journal) -> None:
    """A person acts on a hazard the frozen worker holds: they wait, and are served."""
    actor = place.founded.actors["何安全"]
    with place.database.reading(SYSTEM) as session:
        held = session.scalars(
            sa.select(Timer.subject_id)
            .where(Timer.level == 0, Timer.name == "classify")
            .order_by(Timer.due_at, Timer.id)
        ).all()
    with place.database.reading(actor.scope) as session:
        mine = session.scalars(sa.text("SELECT id FROM hazard")).all()
    hazard_id = next(id_ for id_ in held if id_ in set(mine))
    key = new_key()
    files.carry_out(
        place.database,
        actor.scope,
        lambda session: operations.act(
            session,
            actor=actor,
            hazard_id=hazard_id,
            action="acknowledge",
            request_key=key,
            now=place.application.clock.now(),
        ),
        files=(),
        store=place.application.store,
    )
    journal.note(Entry(key, actor.key, "acknowledge", str(hazard_id), ACKNOWLEDGED))
