"""procrastinate: ten jobs at a time, looking every quarter of a second (its default of five seconds would only wait)."""

import asyncio
from datetime import datetime

import ticket
from procrastinate import App, PsycopgConnector
from psycopg_pool import AsyncConnectionPool

CONCURRENCY = 10
POLL_SECONDS = 0.25
CHUNK = 1000


def _app(dsn: str) -> App:
    return App(connector=PsycopgConnector(conninfo=dsn))


def prepare(dsn: str) -> None:
    """Its tables and functions."""
    with _app(dsn).open() as app:
        app.schema_manager.apply_schema()


def schedule(dsn: str, planned: list[tuple[int, datetime]]) -> None:
    """In bulk where the due time is one for all, which is all that its bulk call takes."""
    with _app(dsn).open() as app:
        if len({due_at for _, due_at in planned}) == 1:
            deferrer = app.configure_task("fire", schedule_at=planned[0][1])
            for start in range(0, len(planned), CHUNK):
                deferrer.batch_defer(*[{"number": number} for number, _ in planned[start : start + CHUNK]])
            return
        for number, due_at in planned:
            app.configure_task("fire", schedule_at=due_at).defer(number=number)


def work(dsn: str) -> None:
    """Until told to stop."""
    asyncio.run(_work(dsn))


async def _work(dsn: str) -> None:
    app = _app(dsn)
    async with AsyncConnectionPool(
        dsn, min_size=CONCURRENCY, max_size=CONCURRENCY, kwargs={"autocommit": True}
    ) as pool:

        @app.task(name="fire")
        async def fire(number: int) -> None:
            async with pool.connection() as connection:
                await connection.execute(ticket.FIRE.format("%s"), (number,))

        async with app.open_async():
            await app.run_worker_async(concurrency=CONCURRENCY, fetch_job_polling_interval=POLL_SECONDS)


if __name__ == "__main__":
    ticket.main(prepare=prepare, schedule=schedule, work=work)
