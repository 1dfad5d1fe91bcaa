"""Whole tables read row by row in bounded memory, as the driver gives them: for walks over everything, where a row costs microseconds."""

import itertools
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Span:
    """A part of a table by its key, as SQL literals: from `first` on and before `end`, each open where it is None."""

    first: tuple[str, ...] | None = None
    end: tuple[str, ...] | None = None

    def where(self, *columns: str) -> str:
        """The condition over these columns."""
        key = f"({', '.join(columns)})"
        limits = [
            f"{key} {sign} ({', '.join(limit)})"
            for sign, limit in ((">=", self.first), ("<", self.end))
            if limit
        ]
        return " AND ".join(limits) or "1 = 1"


WHOLE = Span()


def spans(session: Session, table: str, *columns: str, parts: int) -> list[Span]:
    """A table cut by its key into up to so many parts of about as many rows; together they leave nothing out, whatever its rows are."""
    key = ", ".join(columns)
    ((rows,),) = next(stream(session, f"SELECT count(*) FROM {table}"))  # noqa: S608 - our own names
    parts = min(parts, rows)
    edges = []
    for part in range(1, parts):
        at = f"SELECT {key} FROM {table} ORDER BY {key} LIMIT 1 OFFSET {rows * part // parts}"  # noqa: S608 - as above
        ((*values,),) = next(stream(session, at))
        edges.append(tuple(_literal(value) for value in values))
    return [Span(first, end) for first, end in itertools.pairwise([None, *edges, None])]


def _literal(value: object) -> str:
    """An identifier as the driver gave it."""
    if isinstance(value, bytes):
        return f"X'{value.hex()}'"
    quoted = str(value).replace("'", "''")
    return f"'{quoted}'::uuid" if isinstance(value, uuid.UUID) else f"'{quoted}'"
