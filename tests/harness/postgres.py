"""A PostgreSQL for the session, and databases copied from a prepared template in a blink."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hazard_flow.simulation.servers import DatabaseAddress, Postgres


class PostgresBench:
    """One cluster; `fresh()` gives a test a database of its own, made once through `prepare` and copied from then on."""

    def __init__(self, server: Postgres) -> None:
        self.server = server
        self._numbers = itertools.count(1)
        self._templates: dict[str, str] = {}

    def empty(self) -> DatabaseAddress:
        """A database without any table."""
        return self.server.create_database(f"hf_{next(self._numbers)}")

    def fresh(self, prepare: Callable[[DatabaseAddress], None], *, key: str = "migrated") -> DatabaseAddress:
        """A copy of the database `prepare` filled (run once a key; it must close its connections)."""
        if key not in self._templates:
            template = self.server.create_database(f"hf_template_{key}")
            prepare(template)
            self._templates[key] = template.name
        return self.server.create_database(f"hf_{next(self._numbers)}", template=self._templates[key])

    def drop(self, address: DatabaseAddress) -> None:
        """Throw a test's database away."""
        self.server.drop_database(address.name)


@contextmanager
def postgres_bench() -> Iterator[PostgresBench]:
    """The cluster of one test session, without durability: chaos tests start their own `Postgres()`."""
    with Postgres(durable=False) as server:
        yield PostgresBench(server)
