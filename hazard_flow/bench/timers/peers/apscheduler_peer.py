"""APScheduler 3 with its SQLAlchemy job store on PostgreSQL: one date job a ticket, ten threads, nothing dropped for being late."""

import threading
from datetime import datetime

import sqlalchemy as sa
import ticket
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler

THREADS = 10
_engine: sa.Engine | None = None


def fire(number: int) -> None:
    """The job."""
    assert _engine is not None
    with _engine.connect() as connection:
        connection.execute(sa.text(ticket.FIRE.format(":number")), {"number": number})


def _scheduler(dsn: str) -> BackgroundScheduler:
    # Without the grace APScheduler deletes unrun whatever is more than a second late.
    return BackgroundScheduler(
        jobstores={"default": SQLAlchemyJobStore(url=_url(dsn))},
        executors={"default": ThreadPoolExecutor(THREADS)},
        job_defaults={"misfire_grace_time": None},
        timezone="UTC",
    )


def _url(dsn: str) -> str:
    return dsn.replace("postgresql://", "postgresql+psycopg://")


def prepare(dsn: str) -> None:
    """The job store makes its table when it is first started."""
    schedule(dsn, [])


def schedule(dsn: str, planned: list[tuple[int, datetime]]) -> None:
    """Its only way in: one call and one transaction a job."""
    scheduler = _scheduler(dsn)
    scheduler.start(paused=True)
    for number, due_at in planned:
        scheduler.add_job(fire, "date", run_date=due_at, args=[number])
    scheduler.shutdown(wait=False)


def work(dsn: str) -> None:
    """Until killed."""
    global _engine  # noqa: PLW0603 - a job of APScheduler is a name, so what it uses must be found by name
    _engine = sa.create_engine(_url(dsn), pool_size=THREADS, isolation_level="AUTOCOMMIT")
    _scheduler(dsn).start()
    threading.Event().wait()


if __name__ == "__main__":
    ticket.main(prepare=prepare, schedule=schedule, work=work)
