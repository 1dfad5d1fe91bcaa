"""DBOS: a queue that runs 64 workflows at a time and is looked at every fifth of a second; the work is one step of the workflow."""

import os
import threading
import time
from datetime import datetime

import psycopg_pool
import ticket
from dbos import DBOS, DBOSClient, DBOSConfig

QUEUE = "tickets"
AT_A_TIME = 64
POLL_SECONDS = 0.2
_pool: psycopg_pool.ConnectionPool | None = None


@DBOS.step()
def update(number: int) -> None:
    """The work."""
    assert _pool is not None
    with _pool.connection() as connection:
        connection.execute(ticket.FIRE.format("%s"), (number,))


@DBOS.workflow()
def fire(number: int) -> None:
    """The workflow around it."""
    update(number)


def _launch(dsn: str) -> None:
    DBOS(
        config=DBOSConfig(
            name="peer",
            system_database_url=dsn,
            application_version="1",
            executor_id=f"worker-{os.getpid()}",
            log_level="ERROR",
        )
    )
    DBOS.launch()
    DBOS.register_queue(QUEUE, worker_concurrency=AT_A_TIME, polling_interval_sec=POLL_SECONDS)


def prepare(dsn: str) -> None:
    """Its tables, and the queue."""
    _launch(dsn)
    DBOS.destroy()


def schedule(dsn: str, planned: list[tuple[int, datetime]]) -> None:
    """One call and one transaction a workflow."""
    client = DBOSClient(system_database_url=dsn)
    for number, due_at in planned:
        wait = due_at.timestamp() - time.time()
        options = {"workflow_name": fire.__qualname__, "queue_name": QUEUE, "app_version": "1"}
        client.enqueue(options | ({"delay_seconds": wait} if wait > 0 else {}), number)
    client.destroy()


def work(dsn: str) -> None:
    """Until killed."""
    global _pool  # noqa: PLW0603 - a step is found by its name
    _pool = psycopg_pool.ConnectionPool(dsn, min_size=10, max_size=10, kwargs={"autocommit": True})
    _launch(dsn)
    threading.Event().wait()


if __name__ == "__main__":
    ticket.main(prepare=prepare, schedule=schedule, work=work)
