"""Founded cities used again: put back as they were founded after each test, with their engine and its warm connections.

A new database, a first connection and a cold cache of compiled statements cost a test several times what its story does. What cannot be
put back for certain is thrown away: rows are compared table by table, and a changed schema or a stranger's connection ends the keeping.
"""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import psycopg
import sqlalchemy as sa
from psycopg import sql

from hazard_flow.storage.engine import make_engine

#: deleted rows stay in PostgreSQL's files for a while: a database is not used for ever
USES_MAX = 60

K = TypeVar("K", "KeptPostgres", "KeptSqlite")

_SCHEMA = """
SELECT md5(string_agg(line, '|' ORDER BY line)) FROM (
  SELECT concat_ws(' ', 't', c.relname, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.relacl) AS line
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', 'g', tgrelid::regclass, tgname, tgenabled, tgfoid) FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL SELECT concat_ws(' ', 'p', polrelid::regclass, polname, polroles, polqual, polwithcheck) FROM pg_policy
  UNION ALL SELECT concat_ws(' ', 'c', conrelid::regclass, conname, convalidated) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', 'f', proname, md5(prosrc)) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', 'a', attrelid::regclass, attname, atttypid, attnotnull) FROM pg_attribute
    WHERE attnum > 0 AND attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
) AS lines
"""


@dataclass
class KeptPostgres:
    """A founded database of a cluster, and how it looked when founded."""

    name: str
    engine: sa.Engine
    owner_url: str
    admin: "psycopg.Connection[Any]"
    tables: Sequence[str]
    schema: str
    founded: dict[str, tuple[int, int]]
    rows: dict[str, bytes]
    uses: int = 0

    @classmethod
    def open(cls, name: str, *, url: str, owner_url: str, admin: "psycopg.Connection[Any]") -> "KeptPostgres":
        """Remember a database just copied from its template."""
        names = admin.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        ).fetchall()
        kept = cls(name, make_engine(url), owner_url, admin, [row[0] for row in names], "", {}, {})
        admin.execute(
            "SET session_replication_role = replica"
        )  # no trigger and no foreign key of the application hears us
        kept.schema, kept.founded = kept._schema(), kept._fingerprints()
        kept.rows = {table: kept._copied(table) for table, (count, _) in kept.founded.items() if count}
        return kept

    def put_back(self) -> bool:
        """Make it what it was when founded; False where that is not certain, and it must be thrown away."""
        self.uses += 1
        pool = self.engine.pool
        assert isinstance(pool, sa.QueuePool)
        if self.uses >= USES_MAX or pool.checkedout():
            return False
        clients = self.admin.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
        ).fetchone()
        if clients != (pool.checkedin() + 1,) or self._schema() != self.schema:
            return False
        with self.admin.transaction():
            for table, mark in self._fingerprints().items():
                if mark != self.founded[table]:
                    self._restore(table)
        return True

    def _restore(self, table: str) -> None:
        self.admin.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        if table in self.rows:
            statement = sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(sql.Identifier(table))
            with self.admin.cursor() as cursor, cursor.copy(statement) as copy:
                copy.write(self.rows[table])

    def close(self) -> None:
        """Let go of it."""
        self.engine.dispose()
        self.admin.close()

    def _schema(self) -> str:
        [found] = self.admin.execute(_SCHEMA).fetchone() or [""]
        return str(found)

    def _fingerprints(self) -> dict[str, tuple[int, int]]:
        """Of each table how many rows it holds and the sum of their hashes."""
        asked = sql.SQL(" UNION ALL ").join(
            sql.SQL(
                "SELECT {name}, count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {table} AS t"
            ).format(name=sql.Literal(table), table=sql.Identifier(table))
            for table in self.tables
        )
        return {name: (count, int(total)) for name, count, total in self.admin.execute(asked).fetchall()}

    def _copied(self, table: str) -> bytes:
        statement = sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(sql.Identifier(table))
        with self.admin.cursor() as cursor, cursor.copy(statement) as copy:
            return b"".join(bytes(block) for block in copy)


@dataclass
class KeptSqlite:
    """A founded file and the engine that looks at it."""

    path: Path
    template: Path
    engine: sa.Engine

    @classmethod
    def open(cls, folder: Path, template: Path) -> "KeptSqlite":
        """A place for copies of the template, one after the other."""
        path = folder / "city.db"
        engine = make_engine(f"sqlite:///{path}")
        sa.event.listen(engine, "connect", _without_durability)
        kept = cls(path, template, engine)
        kept.put_back()
        return kept

    def put_back(self) -> bool:
        """A new copy in a new file: whoever still holds the old one keeps it to themselves."""
        self.engine.dispose()
        for left in self.path.parent.glob(self.path.name + "*"):
            left.unlink()
        shutil.copy(self.template, self.path)
        return True

    def close(self) -> None:
        """Let go of it."""
        self.engine.dispose()


def _without_durability(connection: Any, _record: Any) -> None:
    """Nobody pulls the plug of these: what survives that is shown on files of their own."""
    connection.execute("PRAGMA synchronous=OFF")


class Shelf(Generic[K]):
    """Places nobody uses at the moment."""

    def __init__(self, make: Callable[[], K], discard: Callable[[K], None]) -> None:
        self._make, self._discard, self._idle = make, discard, list[K]()

    def take(self) -> K:
        """One as founded."""
        return self._idle.pop() if self._idle else self._make()

    def clear(self) -> None:
        """Let go of all of them."""
        while self._idle:
            self._idle.pop().close()

    def give_back(self, kept: K) -> None:
        """Used and to be used again."""
        if kept.put_back():
            self._idle.append(kept)
        else:
            self._discard(kept)
