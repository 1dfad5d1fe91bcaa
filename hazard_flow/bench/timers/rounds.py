"""The single measurements, each written so that it can be taken in turn with the others, round by round."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hazard_flow import app
from hazard_flow.bench.timers import pgbench, town
from hazard_flow.bench.timers.chains import Tally, tally
from hazard_flow.bench.timers.databases import SqliteTown, Template, Towns, connect, worker_environment
from hazard_flow.bench.timers.rivals import rival
from hazard_flow.bench.timers.trial import Trial, end, go, measure, our_workers, running, wait_until
from hazard_flow.schedule.operations import plan
from hazard_flow.schedule.rows import TimerRow
from hazard_flow.settings import load_settings
from hazard_flow.simulation.servers import Postgres
from hazard_flow.storage.base import new_id
from hazard_flow.storage.scope import SYSTEM

OURS, PER_ROW, TWO_WORKERS = "hazard_flow", "per_row", "two_workers"
#: a measurement ends after this, however much is left
SECONDS_MAX = 60.0
#: before the first timer of a trickle is due: the worker must be up
TRICKLE_LEAD = timedelta(seconds=2)
_PLAN_CHUNK = 1000


@dataclass
class Samples:
    """What was measured, by who was measured."""

    trials: dict[str, list[Trial]] = field(default_factory=dict)
    yardstick: list[float] = field(default_factory=list)

    def add(self, name: str, trial: Trial) -> None:
        """One more."""
        self.trials.setdefault(name, []).append(trial)


def yardstick(server: Postgres, samples: Samples, *, seconds: int) -> None:
    """pgbench, in the same minute."""
    samples.yardstick.append(pgbench.transactions_per_second(server, seconds=seconds))


def ours(
    towns: Towns, template: Template, samples: Samples, name: str = OURS, *, workers: int = 1, mode: str = "batched",
    seconds_max: float = SECONDS_MAX,
) -> None:  # fmt: skip
    """Our workers fire everything that is due."""
    with (
        towns.copy(template) as place,
        running(our_workers(place.environment, count=workers, mode=mode)) as started,
    ):
        samples.add(
            name,
            measure(
                place.watch,
                [_pid(towns.server), *(worker.pid for worker in started)],
                begin=lambda: go(started),
                seconds_max=seconds_max,
            ),
        )


def theirs(name: str, python: Path, server: Postgres, samples: Samples, *, count: int) -> float:
    """A peer fires as many as it is given; returns how many it can schedule a second."""
    with rival(name, python, server, tickets=count) as peer:
        scheduled = count / peer.schedule(count, due_at=time.time() - 5)
        server.sql("CHECKPOINT")
        with running([peer.start()]) as started:
            samples.add(name, measure(peer.watch, [_pid(server), started[0].pid], seconds_max=SECONDS_MAX))
    return scheduled


def on_sqlite(towns: SqliteTown, samples: Samples, *, number: int, mode: str, seconds_max: float) -> None:
    """Our worker on the embedded database."""
    name = f"sqlite_{mode}"
    with (
        towns.copy(f"{name}_{number}") as place,
        running(our_workers(place.environment, mode=mode)) as started,
    ):
        samples.add(
            name,
            measure(place.watch, [started[0].pid], begin=lambda: go(started), seconds_max=seconds_max),
        )


def schedule(towns: Towns, template: Template, *, count: int) -> float:
    """How many timers a second our own operation plans, a thousand a transaction."""
    with towns.copy(template) as place:
        application = app.build(place.settings)
        now = datetime.now(UTC)
        row = TimerRow(
            id=new_id(), home_id=new_id(), subject_kind="hazard", subject_id=new_id(), name="classify", level=0, cycle=0,
            due_at=now + timedelta(days=30), expires_at=now + timedelta(days=30), started_at=now, fence=1, rule="state",
            provisional=False, created_at=now,
        )  # fmt: skip
        began = time.perf_counter()
        for start in range(0, count, _PLAN_CHUNK):
            size = min(_PLAN_CHUNK, count - start)
            with application.database.transaction(SYSTEM) as session:
                plan(session, [row._replace(id=new_id(), subject_id=new_id()) for _ in range(size)])
        taken = time.perf_counter() - began
        application.database.dispose()
    return count / taken


def our_lags_ms(folder: Path, *, count: int, seconds: float) -> list[float]:
    """From due to committed, for timers that come one by one; on a server of its own that notes when each transaction was committed."""
    server = Postgres()
    server.settings = {"track_commit_timestamp": "on"}
    with server:
        address = server.create_database("trickle")
        settings = load_settings(
            {}, DATA_DIR=folder, SECRET_KEY="bench" * 8, DATABASE_URL=address.url, DATABASE_OWNER_URL=address.owner_url
        )  # fmt: skip
        application = town.found(settings)
        with running(our_workers(worker_environment(settings))) as started:
            # Loading a hazard takes a while: those of a long trickle are loaded before its first is due.
            first = datetime.now(UTC) + TRICKLE_LEAD + timedelta(milliseconds=10 * count)
            due = [first + timedelta(seconds=seconds * n / count) for n in range(count)]
            town.fill_trickle(application, due)
            application.database.dispose()
            go(started)
            time.sleep(max(0.0, (due[-1] - datetime.now(UTC)).total_seconds()) + 1)
            with connect(server, "trickle") as connection:
                rows = connection.execute(
                    "SELECT EXTRACT(EPOCH FROM pg_xact_commit_timestamp(e.xmin) - h.reported_at - %s::interval) * 1000"
                    " FROM hazard_event e JOIN hazard h ON h.id = e.hazard_id"
                    " WHERE e.type = 'timer.escalated' AND convert_from(e.body, 'UTF8')::json -> 'data' ->> 'timer' = 'classify'",
                    (town.CLASSIFY_WITHIN,),
                )
                return sorted(float(row[0]) for row in rows)


def their_lags_ms(name: str, python: Path, server: Postgres, *, count: int, seconds: float) -> list[float]:
    """The same for a peer, from due to its own update; those that never came are left out."""
    with rival(name, python, server, tickets=count) as peer:
        # Filled before the worker starts: APScheduler is told of nothing that another process adds.
        first, spacing = time.time() + 8 + count / 100, seconds / count
        peer.schedule(count, due_at=first, spacing=spacing)
        with running([peer.start()]):
            time.sleep(max(0.0, first + seconds - time.time()) + 6)
            rows = peer.watch.connection.execute(
                f"SELECT EXTRACT(EPOCH FROM fired_at) - {first} - id * {spacing} FROM ticket WHERE fired > 0"  # noqa: S608 - numbers
            )
            return sorted(float(row[0]) * 1000 for row in rows.fetchall())


def our_crash(towns: Towns, template: Template, *, count: int) -> Tally:
    """One of two workers is killed in mid-batch and another takes its place."""
    with towns.copy(template) as place:
        workers = our_workers(place.environment, count=3)
        with running(workers):
            go(workers[:2])
            wait_until(lambda: place.watch.count() >= count // 4, SECONDS_MAX)
            workers[0].kill()
            go(workers[2:])
            wait_until(lambda: not place.watch.any_left(), SECONDS_MAX)
            end(workers)
        return tally(place.watch.connection)


def their_crash(name: str, python: Path, server: Postgres, *, count: int, seconds_max: float) -> Tally:
    """The same for a peer: killed, started again, given time to notice what was lost."""
    with rival(name, python, server, tickets=count) as peer:
        peer.schedule(count, due_at=time.time() - 5)
        with running([peer.start()]) as started:
            wait_until(lambda: peer.watch.count() >= count // 4, SECONDS_MAX)
            started[0].kill()
        with running([peer.start()]):
            wait_until(lambda: not peer.watch.any_left(), seconds_max)
        fired = Counter(
            int(row[0]) for row in peer.watch.connection.execute("SELECT fired FROM ticket").fetchall()
        )
    return Tally(planned=count, lost=fired[0], doubled=count - fired[0] - fired[1], broken=0)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the sorted values lies."""
    return values[min(len(values) - 1, int(len(values) * share))]


def _pid(server: Postgres) -> int:
    assert server.process is not None
    return server.process.pid
