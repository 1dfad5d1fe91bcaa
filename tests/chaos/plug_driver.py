"""SQLAlchemy over a disk of `plug`: as much of the DB-API as the product's engine uses, on apsw. URLs: `sqlite+plug:////DISK/FILE`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import apsw
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite


class Error(Exception):
    """PEP 249, as are all of these."""


class DatabaseError(Error):
    pass


class OperationalError(DatabaseError):
    pass


class IntegrityError(DatabaseError):
    pass


class ProgrammingError(DatabaseError):
    pass


class Connection:
    """One connection. It holds the file alone: such a disk has no memory to share between connections."""

    def __init__(self, path: str) -> None:
        self._own = apsw.Connection(path, vfs=path.split("/")[1])
        self._own.execute("PRAGMA locking_mode=EXCLUSIVE")
        self.isolation_level: str | None = ""

    def cursor(self) -> "Cursor":
        return Cursor(self._own)

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> "Cursor":
        cursor = self.cursor()
        cursor.execute(statement, parameters)
        return cursor

    def create_function(
        self, name: str, arguments: int, function: Any, *, deterministic: bool = False
    ) -> None:
        self._own.create_scalar_function(name, function, arguments, deterministic=deterministic)

    def commit(self) -> None:
        with _translated():
            if self._own.in_transaction:
                self._own.execute("COMMIT")

    def rollback(self) -> None:
        with _translated():
            if self._own.in_transaction:
                self._own.execute("ROLLBACK")

    def close(self) -> None:
        self._own.close()


class Cursor:
    """Rows are fetched at once."""

    arraysize = 1

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._rows: Iterator[Any] = iter(())
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        self._run(statement, parameters)

    def executemany(self, statement: str, many: Sequence[Sequence[Any]]) -> None:
        total = 0
        for parameters in many:
            self._run(statement, parameters)
            total += self.rowcount
        self.rowcount = total

    def fetchone(self) -> Any:
        return next(self._rows, None)

    def fetchmany(self, size: int | None = None) -> list[Any]:
        return [row for _, row in zip(range(size or self.arraysize), self._rows, strict=False)]

    def fetchall(self) -> list[Any]:
        return list(self._rows)

    def close(self) -> None:
        self._rows = iter(())

    def _run(self, statement: str, parameters: Sequence[Any]) -> None:
        before = self._connection.total_changes()
        cursor = self._connection.cursor()
        cursor.exec_trace = self._describe
        self.description = None
        with _translated():
            rows = list(cursor.execute(statement, tuple(parameters)))
        cursor.close()
        self._rows = iter(rows)
        self.rowcount = self._connection.total_changes() - before
        self.lastrowid = self._connection.last_insert_rowid()

    def _describe(self, cursor: apsw.Cursor, _statement: str, _bindings: Any) -> bool:
        # Asked before the statement runs: afterwards an empty answer has forgotten its columns.
        self.description = cursor.description or None
        return True


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except apsw.ConstraintError as error:
        raise IntegrityError(str(error)) from error
    except apsw.Error as error:
        raise OperationalError(str(error)) from error


class PlugDialect(SQLiteDialect_pysqlite):
    """SQLite over apsw."""

    driver = "plug"
    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> Any:
        module = ModuleType("plug")
        vars(module).update(
            connect=lambda path, **_: Connection(path),
            paramstyle="qmark",
            apilevel="2.0",
            threadsafety=1,
            sqlite_version_info=tuple(int(part) for part in apsw.sqlite_lib_version().split(".")),
            Error=Error,
            DatabaseError=DatabaseError,
            OperationalError=OperationalError,
            IntegrityError=IntegrityError,
            ProgrammingError=ProgrammingError,
            InterfaceError=type("InterfaceError", (Error,), {}),
            DataError=type("DataError", (DatabaseError,), {}),
            InternalError=type("InternalError", (DatabaseError,), {}),
            NotSupportedError=type("NotSupportedError", (DatabaseError,), {}),
            Binary=bytes,
        )
        return module


def register() -> None:
    """Teach SQLAlchemy the URLs."""
    registry.register("sqlite.plug", __name__, "PlugDialect")
