"""What breaks on purpose: the process dies before or after a commit, somebody else holds the database."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import psycopg
import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.storage.scope import Scope
from hazard_flow.storage.unit import Database

Fault = Literal["dies_before_commit", "dies_after_commit", "locked_midway", "locked_out"]


class Died(BaseException):
    """The process ends here; nothing of it catches this, as nothing catches a power cut."""


class Breakable(Database):
    """The city's database, which can be told to break at its next commits or statements."""

    def __init__(self, engine: sa.Engine) -> None:
        super().__init__(engine)
        self._fault: Fault | None = None
        self._after = 0
        #: whether the fault under way came to pass
        self.broke = False
        sa.event.listen(engine, "commit", self._before_commit)

    @contextmanager
    def transaction(self, scope: Scope) -> Iterator[Session]:
        """As ever; a process that dies after the commit is dead before anybody hears of it."""
        with super().transaction(scope) as session:
            yield session
        if self._is_now("dies_after_commit"):
            raise Died

    @contextmanager
    def breaking(self, fault: Fault | None, *, after: int = 0) -> Iterator[None]:
        """Inside, the fault comes to pass once, at the commit or statement that so many others precede."""
        self._fault, self._after, self.broke = fault, after, False
        if fault == "locked_midway":
            sa.event.listen(self.engine, "before_cursor_execute", self._before_statement)
        try:
            if fault == "locked_out" and self.engine.dialect.name == "sqlite":
                with self._held_by_somebody():
                    yield
            else:
                yield
        finally:
            self._fault = None
            if fault == "locked_midway":
                sa.event.remove(self.engine, "before_cursor_execute", self._before_statement)

    @contextmanager
    def _held_by_somebody(self) -> Iterator[None]:
        """Another process writes and does not come to an end."""
        other = sqlite3.connect(str(self.engine.url.database), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        self.broke = True
        try:
            yield
        finally:
            other.close()

    def _before_commit(self, _connection: sa.Connection) -> None:
        if self._is_now("dies_before_commit"):
            raise Died

    def _before_statement(self, _connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith(("INSERT", "UPDATE", "DELETE")) and self._is_now("locked_midway"):
            locked: Exception = sqlite3.OperationalError("database is locked")
            if self.engine.dialect.name != "sqlite":
                locked = psycopg.errors.LockNotAvailable("canceling statement due to lock timeout")
            raise sa.exc.OperationalError(statement, {}, locked)

    def _is_now(self, fault: Fault) -> bool:
        if self._fault != fault:
            return False
        self._after -= 1
        if self._after >= 0:
            return False
        self._fault, self.broke = None, True
        return True
