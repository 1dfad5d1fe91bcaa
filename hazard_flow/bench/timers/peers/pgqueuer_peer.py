"""pgqueuer on asyncpg: a hundred jobs a batch, the fastest durable queue in Python we know of."""

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg
import ticket
from pgqueuer import AsyncpgDriver, Job, PgQueuer, Queries

BATCH = 100
CONNECTIONS = 10
CHUNK = 1000


def prepare(dsn: str) -> None:
    """Its tables and triggers."""
    asyncio.run(_prepare(dsn))


async def _prepare(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await Queries(AsyncpgDriver(connection)).install()
    await connection.close()


def schedule(dsn: str, planned: list[tuple[int, datetime]]) -> None:
    """In bulk."""
    asyncio.run(_schedule(dsn, planned))


async def _schedule(dsn: str, planned: list[tuple[int, datetime]]) -> None:
    connection = await asyncpg.connect(dsn)
    queries = Queries(AsyncpgDriver(connection))
    for start in range(0, len(planned), CHUNK):
        some = planned[start : start + CHUNK]
        now = datetime.now(UTC)
        await queries.enqueue(
            ["fire"] * len(some),
            [str(number).encode() for number, _ in some],
            [0] * len(some),
            [max(due_at - now, timedelta()) for _, due_at in some],
        )
    await connection.close()


def work(dsn: str) -> None:
    """Until told to stop."""
    asyncio.run(_work(dsn))


async def _work(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    queuer = PgQueuer(AsyncpgDriver(connection))
    async with asyncpg.create_pool(dsn, min_size=CONNECTIONS, max_size=CONNECTIONS) as pool:

        @queuer.entrypoint("fire")
        async def fire(job: Job) -> None:
            assert job.payload is not None
            await pool.execute(ticket.FIRE.format("$1"), int(job.payload))

        await queuer.run(batch_size=BATCH)


if __name__ == "__main__":
    ticket.main(prepare=prepare, schedule=schedule, work=work)
