"""One engine for both databases, with the settings that keep an acknowledged commit."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from hazard_flow.storage.json_text import from_json

#: Execution option: a plain BEGIN instead of BEGIN IMMEDIATE on SQLite, so that readers never wait for the writer.
READ_ONLY = "hazard_flow_read_only"


def make_engine(url: str) -> sa.Engine:
    """An engine for `sqlite:///…` or `postgresql+psycopg://…`.

    SQLite: WAL, `synchronous=FULL` (NORMAL loses acknowledged commits in a power cut), foreign keys, BEGIN IMMEDIATE (the driver's
    own deferred BEGIN silently loses updates). PostgreSQL: a frozen worker gives its row locks back after 30 s,
    whether it fell silent between two statements or while an answer was on its way (a server that waits to write is not idle).
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(url)
    return _postgresql(url)


def _postgresql(url: str) -> sa.Engine:
    from psycopg.types.array import ListBinaryDumper

    engine = sa.create_engine(
        url,
        json_deserializer=from_json,
        pool_size=10,
        max_overflow=20,
        pool_pre_ping=True,
        connect_args={
            "options": "-c idle_in_transaction_session_timeout=30000 -c tcp_user_timeout=30000 -c timezone=UTC -c lock_timeout=15000",
            "application_name": "hazard-flow",
        },
    )

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # Whole columns travel as arrays (see schedule.bulk): as text they cost the driver three to eighty times as much.
        connection.adapters.register_dumper(list, ListBinaryDumper)

    return engine


def _sqlite(url: str) -> sa.Engine:
    engine = sa.create_engine(
        url, json_deserializer=from_json, connect_args={"timeout": 15, "check_same_thread": False}
    )

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, see _begin
        # recursive_triggers: without it INSERT OR REPLACE deletes rows of append-only tables past their triggers
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "recursive_triggers=ON",
            "busy_timeout=15000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        read_only = connection.get_execution_options().get(READ_ONLY)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def is_sqlite(bind: sa.Engine | sa.Connection) -> bool:
    """Whether this is the embedded database."""
    return bind.dialect.name == "sqlite"
