"""Many rows in one statement: typed `unnest` arrays on PostgreSQL, executemany on SQLite. Any table whose rows are known beforehand."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from hazard_flow.storage.engine import is_sqlite

Row = Mapping[str, Any]


def insert_rows(
    session: Session,
    table: sa.FromClause,
    rows: Sequence[Row],
    *,
    key: Sequence[str] = (),
    update: Sequence[str] = (),
) -> None:
    """Insert rows that all have the same columns; a row that breaks a unique rule is left out.

    With `update`, the row that is there already (the same `key`) takes over these columns instead. Two rows with one key in the same
    call: the later one counts, because PostgreSQL refuses to touch a row twice in one statement.
    """
    if not rows:
        return
    assert isinstance(table, sa.Table)
    if key:
        rows = list({tuple(row[c] for c in key): row for row in rows}.values())
    if is_sqlite(session.connection()):
        light = sqlite.insert(table)
        chosen = (
            light.on_conflict_do_update(index_elements=list(key), set_={c: light.excluded[c] for c in update})
            if update
            else light.on_conflict_do_nothing()
        )
        session.connection().execute(chosen, [dict(row) for row in rows])
        return
    names = list(rows[0])
    heavy = postgresql.insert(table).from_select(
        names, sa.select(*[_column(table.c[c], rows) for c in names])
    )
    # Without a named target, doing nothing needs no right to read: a person may write what they may not see.
    final = (
        heavy.on_conflict_do_update(index_elements=list(key), set_={c: heavy.excluded[c] for c in update})
        if update
        else heavy.on_conflict_do_nothing()
    )
    session.connection().execute(final)


def _column(column: sa.ColumnElement[Any], rows: Sequence[Row]) -> sa.ColumnElement[Any]:
    values = [row[str(column.key)] for row in rows]
    if isinstance(column.type, sa.JSON):
        texts = [json.dumps(value, ensure_ascii=False) for value in values]
        return sa.cast(_unnest(texts, sa.Text()), sa.JSON)
    return _unnest(values, column.type)


def _unnest(values: list[Any], kind: sa.types.TypeEngine[Any]) -> sa.ColumnElement[Any]:
    return sa.func.unnest(sa.bindparam(None, values, type_=postgresql.ARRAY(kind)))
