"""Whole tables read row by row in bounded memory, as the driver gives them: for walks over everything, where a row costs microseconds."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.storage.engine import is_sqlite

#: rows fetched at a time
CHUNK = 2_000
_numbers = itertools.count(1)


def stream(session: Session, statement: str, *, chunk: int = CHUNK) -> Iterator[Sequence[tuple[Any, ...]]]:
    """The rows of a statement without parameters, in lists of up to `chunk`. Values are the driver's own: SQLite keeps instants as text."""
    connection = session.connection()
    raw = connection.connection.driver_connection
    assert raw is not None
    if is_sqlite(connection):
        cursor = raw.cursor()
        cursor.execute(statement)
    else:
        # a cursor with a name stands on the server; binary, because a body in hex is twice as long
        cursor = raw.cursor(name=f"walk_{next(_numbers)}", binary=True)
        cursor.execute(statement)
    try:
        while rows := cursor.fetchmany(chunk):
            yield rows
    finally:
        cursor.close()


def key_of(session: Session, *columns: str) -> str:
    """SQL for identifiers put together into one value that sorts as they do."""
    connection: sa.Connection = session.connection()
    parts = [column if is_sqlite(connection) else f"uuid_send({column})" for column in columns]
    return " || ".join(parts)
