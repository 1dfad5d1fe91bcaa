"""One measurement: workers fire what is due while we watch the database and the processes' CPU time."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from hazard_flow.bench.timers.processes import cpu_seconds

#: how often the end is looked for
LOOK_SECONDS = 0.02
#: how long a worker may take to load
LOAD_SECONDS_MAX = 60.0


class Connection(Protocol):
    """What psycopg's and sqlite3's connections have in common."""

    def execute(self, statement: Any, /) -> Any:
        """Rows to fetch."""


@dataclass(frozen=True)
class Watch:
    """How the state of things is read: statements that give one value."""

    connection: Connection
    #: how many timers have fired
    fired: str
    #: whether any is still due
    left: str

    def count(self) -> int:
        """How many have fired."""
        return int(self.connection.execute(self.fired).fetchone()[0])

    def any_left(self) -> bool:
        """Whether there is more to do."""
        return bool(self.connection.execute(self.left).fetchone()[0])


@dataclass(frozen=True)
class Trial:
    """What one measurement gave."""

    fired: int
    seconds: float
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        """Timers fired a second."""
        return self.fired / self.seconds

    @property
    def cpu_ms(self) -> float:
        """CPU of workers and database, milliseconds a timer."""
        return self.cpu_seconds * 1000 / self.fired


def our_workers(
    environment: Mapping[str, str], *, count: int = 1, mode: str = "batched"
) -> list[subprocess.Popen[str]]:
    """Workers of ours, loaded and waiting for their first line."""
    command = [sys.executable, "-m", "hazard_flow.bench.timers.worker", mode]
    workers = [
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=dict(environment),
        )
        for _ in range(count)
    ]
    for worker in workers:
        assert worker.stdout is not None
        if worker.stdout.readline().strip() != "ready":
            end(workers)
            raise RuntimeError("a worker did not come up; run it by hand to see why")
    return workers


def go(workers: Sequence[subprocess.Popen[str]]) -> None:
    """Let waiting workers begin."""
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()


@contextmanager
def running(workers: list[subprocess.Popen[str]]) -> Iterator[list[subprocess.Popen[str]]]:
    """The workers, ended afterwards whatever happens."""
    try:
        yield workers
    finally:
        end(workers)


def end(workers: Sequence[subprocess.Popen[str]]) -> None:
    """Ask, then insist."""
    for worker in workers:
        worker.terminate()
    for worker in workers:
        try:
            worker.wait(5)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
        for pipe in (worker.stdin, worker.stdout):
            if pipe is not None:
                pipe.close()


def measure(
    watch: Watch, processes: Sequence[int], *, seconds_max: float, begin: Callable[[], None] | None = None
) -> Trial:
    """Fires and CPU until nothing is left or the time is over.

    Counting starts with the first timers seen to have fired, so that nobody's start-up is held against them.
    """
    if begin is not None:
        begin()
    wait_until(lambda: watch.count() > 0, LOAD_SECONDS_MAX)
    first, cpu, began = watch.count(), cpu_seconds(processes), time.monotonic()
    wait_until(lambda: not watch.any_left(), seconds_max)
    seconds, spent = time.monotonic() - began, cpu_seconds(processes) - cpu
    return Trial(max(watch.count() - first, 1), seconds, spent)


def wait_until(condition: Callable[[], bool], seconds_max: float) -> bool:
    """Whether it came true in time."""
    deadline = time.monotonic() + seconds_max
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(LOOK_SECONDS)
    return False
