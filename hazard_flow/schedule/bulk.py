"""Many rows in one statement: typed `unnest` arrays on PostgreSQL, executemany on SQLite. Any table whose rows are known beforehand.

Rows are mappings or named tuples with the same columns in all of them. Statements are built once for a table and a set of columns. A
column that holds the very same object in every row travels once, not as an array.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from hazard_flow.storage.engine import is_sqlite
from hazard_flow.storage.json_text import to_json

#: a mapping, or a named tuple
Row = Mapping[str, Any] | tuple[Any, ...]
_Columns = dict[str, Sequence[Any]]

#: From so many rows on, columns of one value are looked for; below it only the number of different statements would grow.
_MANY = 32


def insert_rows(
    session: Session,
    table: sa.FromClause,
    rows: Sequence[Row],
    *,
    key: Sequence[str] = (),
    update: Sequence[str] = (),
) -> None:
    """Insert rows; a row that breaks a unique rule is left out.

    With `update`, the row that is there already (the same `key`) takes over these columns instead. Two rows with one key in the same
    call: the later one counts, because PostgreSQL refuses to touch a row twice in one statement.
    """
    if not rows:
        return
    columns = _columns(rows)
    if key:
        columns = _last_of_each(columns, key)
    _insert(session, table, columns, key=tuple(key), update=tuple(update), lenient=True)


def append_rows(session: Session, table: sa.FromClause, rows: Sequence[Row]) -> None:
    """Insert rows that are new; one that breaks a unique rule is an error. Half the cost of `insert_rows` on PostgreSQL."""
    if rows:
        _insert(session, table, _columns(rows), key=(), update=(), lenient=False)


def claim_rows(
    session: Session, table: sa.FromClause, rows: Sequence[Row], *, key: str, scope: str
) -> set[int]:
    """Insert the rows whose (`scope`, `key`) is not there yet, a text within an id; their places in `rows`. No two rows may be alike.

    PostgreSQL inserts them in their order and waits for whoever claims the same: give them sorted. SQLite's writer is alone: it looks
    first.
    """
    if not rows:
        return set()
    columns = _columns(rows)
    names = list(zip(columns[scope], columns[key], strict=True))
    connection = session.connection()
    if is_sqlite(connection):
        look = _light_look(table, key, scope)
        asked = {"wanted": to_json(list(columns[key])), "scopes": list(set(columns[scope]))}
        there = {tuple(row) for row in connection.execute(look, asked)}
        places = [place for place, name in enumerate(names) if name not in there]
        if places:
            records = _records(columns)
            chosen = [records[place] for place in places]
            connection.execute(_light_insert(table, key=(), update=(), lenient=False), chosen)
        return set(places)
    arrays = _varying(columns) | {key}
    statement = _heavy_insert(table, tuple(columns), arrays=arrays, key=(), update=(), lenient=True)
    claimed = _heavy_claim(statement, table, key, scope)
    won = {
        tuple(row)
        for row in connection.execute(claimed, _parameters(table, columns, arrays, connection.dialect))
    }
    return {place for place, name in enumerate(names) if name in won}


def update_rows(session: Session, table: sa.FromClause, rows: Sequence[Row], *, key: str = "id") -> None:
    """Set the other columns of the rows named by `key`."""
    if not rows:
        return
    columns = _columns(rows)
    connection = session.connection()
    if is_sqlite(connection):
        named = {_name(column): values for column, values in columns.items()}
        connection.execute(_light_update(table, tuple(columns), key), _records(named))
        return
    statement, arrays = _heavy_update(table, tuple(columns), key), frozenset(columns)
    connection.execute(statement, _parameters(table, columns, arrays, connection.dialect))


def among(session: Session, column: Any, values: Iterable[Any]) -> sa.ColumnElement[bool]:
    """`column IN values` for many values: one array on PostgreSQL, where each member of a list is a parameter to read and plan."""
    wanted = list(values)
    if is_sqlite(session.connection()):
        return cast("sa.ColumnElement[bool]", column.in_(wanted))
    return _in_array(column, sa.bindparam(None, wanted, type_=sa.types.NullType()))


def among_named(column: Any, name: str, *, light: bool) -> sa.ColumnElement[bool]:
    """The same for a statement that is built once: the list comes with each execution, under this name. `light`: for SQLite."""
    if light:
        return cast("sa.ColumnElement[bool]", column.in_(sa.bindparam(name, expanding=True)))
    return _in_array(column, sa.bindparam(name, type_=sa.types.NullType()))


def _in_array(column: Any, array: sa.BindParameter[Any]) -> sa.ColumnElement[bool]:
    # Cast, so that the driver gets the list as it is: SQLAlchemy would look at each member.
    return cast("sa.ColumnElement[bool]", column == sa.any_(sa.cast(array, postgresql.ARRAY(column.type))))


def _insert(
    session: Session,
    table: sa.FromClause,
    columns: _Columns,
    *,
    key: tuple[str, ...],
    update: tuple[str, ...],
    lenient: bool,
) -> None:
    connection = session.connection()
    if is_sqlite(connection):
        connection.execute(_light_insert(table, key=key, update=update, lenient=lenient), _records(columns))
        return
    arrays = _varying(columns)
    statement = _heavy_insert(table, tuple(columns), arrays=arrays, key=key, update=update, lenient=lenient)
    connection.execute(statement, _parameters(table, columns, arrays, connection.dialect))


@lru_cache(maxsize=256)
def _light_insert(
    table: sa.Table, *, key: tuple[str, ...], update: tuple[str, ...], lenient: bool
) -> sqlite.Insert:
    insert = sqlite.insert(table)
    if not lenient:
        return insert
    if not update:
        return insert.on_conflict_do_nothing()
    return insert.on_conflict_do_update(
        index_elements=list(key), set_={c: insert.excluded[c] for c in update}
    )


@lru_cache(maxsize=256)
def _heavy_insert(
    table: sa.Table,
    names: tuple[str, ...],
    *,
    arrays: frozenset[str],
    key: tuple[str, ...],
    update: tuple[str, ...],
    lenient: bool,
) -> postgresql.Insert:
    chosen = sa.select(*[_bound(table.c[name], array=name in arrays) for name in names])
    insert = postgresql.insert(table).from_select(list(names), chosen)
    if not lenient:
        return insert
    # Without a named target, doing nothing needs no right to read: a person may write what they may not see.
    if not update:
        return insert.on_conflict_do_nothing()
    return insert.on_conflict_do_update(
        index_elements=list(key), set_={c: insert.excluded[c] for c in update}
    )


@lru_cache(maxsize=16)
def _light_look(table: sa.Table, key: str, scope: str) -> sa.Select[Any]:
    # One parameter for any number of keys; the few scopes lead the index.
    wanted = sa.func.json_each(sa.bindparam("wanted")).table_valued("value")
    scopes = sa.bindparam("scopes", expanding=True, type_=table.c[scope].type)
    chosen = sa.and_(table.c[scope].in_(scopes), table.c[key].in_(sa.select(wanted.c.value)))
    return sa.select(table.c[scope], table.c[key]).where(chosen)


@lru_cache(maxsize=64)
def _heavy_claim(
    insert: postgresql.Insert, table: sa.Table, key: str, scope: str
) -> sa.sql.dml.ReturningInsert[Any]:
    return insert.returning(table.c[scope], table.c[key])


@lru_cache(maxsize=256)
def _light_update(table: sa.Table, names: tuple[str, ...], key: str) -> sa.Update:
    return (
        sa.update(table)
        .where(table.c[key] == sa.bindparam(_name(key)))
        .values({name: sa.bindparam(_name(name)) for name in names if name != key})
    )


@lru_cache(maxsize=256)
def _heavy_update(table: sa.Table, names: tuple[str, ...], key: str) -> sa.Update:
    new = sa.select(*[_bound(table.c[name], array=True).label(name) for name in names]).subquery("new")
    return (
        sa.update(table)
        .where(table.c[key] == new.c[key])
        .values({name: new.c[name] for name in names if name != key})
    )


def _bound(column: sa.Column[Any], *, array: bool) -> sa.ColumnElement[Any]:
    """The column's values as the statement names them. Their types are said by casts: what is bound is ready for the driver."""
    is_json = isinstance(column.type, sa.JSON)
    kind = sa.Text() if is_json else column.type
    value = sa.bindparam(_name(str(column.key)), type_=sa.types.NullType())
    if array:
        bound: sa.ColumnElement[Any] = sa.func.unnest(sa.cast(value, postgresql.ARRAY(kind)), type_=kind)
    else:
        bound = sa.cast(value, kind)
    return sa.cast(bound, sa.JSON) if is_json else bound


def _parameters(
    table: sa.FromClause, columns: _Columns, arrays: frozenset[str], dialect: sa.Dialect
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, values in columns.items():
        ready = _processor(table.c[name].type, dialect)
        if name in arrays:
            found[_name(name)] = list(values) if ready is None else [ready(value) for value in values]
        else:
            found[_name(name)] = values[0] if ready is None else ready(values[0])
    return found


@lru_cache(maxsize=256)
def _processor(kind: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> Callable[[Any], Any] | None:
    """What must happen to a value before the driver takes it; None where it takes it as it is."""
    if isinstance(kind, sa.JSON):
        return to_json
    if isinstance(kind, sa.LargeBinary):
        return None  # psycopg binds bytes by itself; SQLAlchemy would wrap each of them
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _name(column: str) -> str:
    """The bare names of columns are SQLAlchemy's own in an insert or update."""
    return f"new_{column}"


def _columns(rows: Sequence[Row]) -> _Columns:
    first = rows[0]
    if isinstance(first, Mapping):
        mappings = cast("Sequence[Mapping[str, Any]]", rows)
        return {name: [row[name] for row in mappings] for name in first}
    names: tuple[str, ...] = first._fields  # type: ignore[attr-defined]  # a named tuple, as promised
    return dict(zip(names, zip(*cast("Sequence[tuple[Any, ...]]", rows), strict=True), strict=True))


def _records(columns: _Columns) -> list[dict[str, Any]]:
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _last_of_each(columns: _Columns, key: Sequence[str]) -> _Columns:
    places = {values: place for place, values in enumerate(zip(*(columns[c] for c in key), strict=True))}
    if len(places) == len(columns[key[0]]):
        return columns
    return {name: [values[place] for place in places.values()] for name, values in columns.items()}


def _varying(columns: _Columns) -> frozenset[str]:
    """The columns that must travel as arrays."""
    count = len(next(iter(columns.values())))
    if count < _MANY:
        return frozenset(columns)
    # By identity: it is cheap, and what a batch shares (its instant, a word, nothing at all) is one object.
    found = frozenset(name for name, values in columns.items() if len(set(map(id, values))) > 1)
    return found or frozenset(columns)
