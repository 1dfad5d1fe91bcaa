"""The unit of work: the only place that commits, and the place where a scope becomes row-level security."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.storage.engine import READ_ONLY, is_sqlite
from hazard_flow.storage.patience import patiently
from hazard_flow.storage.scope import SYSTEM, Scope

T = TypeVar("T")


class Database:
    """A database and its two ways in: `transaction` to write, `reading` to look."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        #: what the application hands to every session: rules, registered facts
        self.info: dict[str, Any] = {}
        self._readers = engine.execution_options(**{READ_ONLY: True})

    @contextlib.contextmanager
    def transaction(self, scope: Scope) -> Iterator[Session]:
        """A session that commits at the end of the block and rolls back on any error."""
        with Session(self.engine, expire_on_commit=False, info=self.info) as session, session.begin():
            apply_scope(session, scope)
            yield session

    def carry_out(self, scope: Scope, work: Callable[[Session], T]) -> T:
        """`work` in a transaction of its own; begun anew when others were in the way or the connection was lost (`patience`).

        A commit whose answer was lost may have happened: the work must be one that has its effect once however often it is asked for,
        as whatever carries a request key is.
        """

        def once() -> T:
            with self.transaction(scope) as session:
                return work(session)

        return patiently(once)

    @contextlib.contextmanager
    def reading(self, scope: Scope) -> Iterator[Session]:
        """A session for queries; whatever it changes is thrown away. What it loaded stays readable afterwards."""
        with Session(self._readers, expire_on_commit=False, autoflush=False, info=self.info) as session:
            apply_scope(session, scope)
            # Closing rolls back; an explicit rollback would expire every loaded row as well.
            yield session

    @contextlib.contextmanager
    def snapshot(self, scope: Scope, *, lent: str | None = None) -> Iterator[Session]:
        """A session for queries that all see the same instant, however long they take and whatever is written meanwhile.

        `lent`: the name of a snapshot another session stands at (`lend`), to see the same.
        """
        engine = self._readers
        if not is_sqlite(self.engine):  # SQLite's reading transaction is one already
            engine = engine.execution_options(isolation_level="REPEATABLE READ")
        with Session(engine, expire_on_commit=False, autoflush=False, info=self.info) as session:
            if lent is not None:  # before any query, says PostgreSQL
                session.execute(sa.text(f"SET TRANSACTION SNAPSHOT '{lent}'"))
            apply_scope(session, scope)
            yield session

    def dispose(self) -> None:
        """Close all pooled connections."""
        self.engine.dispose()


def apply_scope(session: Session, scope: Scope) -> None:
    """Remember the scope on the session and tell PostgreSQL's policies for the length of this transaction."""
    session.info["scope"] = scope
    if is_sqlite(session.connection()):
        return
    values = scope.settings()
    session.execute(sa.select(*[sa.func.set_config(name, value, True) for name, value in values.items()]))


def lend(session: Session) -> str | None:
    """The name of the instant a snapshot's session sees, for others to see it too while it lasts; SQLite has none."""
    if is_sqlite(session.connection()):
        return None
    name: str = session.execute(sa.select(sa.func.pg_export_snapshot())).scalar_one()
    return name


@contextlib.contextmanager
def beyond_scope(session: Session) -> Iterator[None]:
    """For a count the law wants whole: inside, the session sees everything; nothing of what it reads may be shown to anybody."""
    scope = scope_of_session(session)
    session.flush()
    apply_scope(session, SYSTEM)
    try:
        yield
    finally:
        apply_scope(session, scope)


def scope_of_session(session: Session) -> Scope:
    """The scope the session was opened with."""
    scope = session.info["scope"]
    assert isinstance(scope, Scope)
    return scope
