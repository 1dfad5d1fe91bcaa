"""Tables cut by day on PostgreSQL, so that what is old goes away by whole pieces; on SQLite they are plain.

Declared beside the models, installed after every migration (`protection.install`). The pieces lie in a schema of their own, which the
application's role may not enter: it reads and writes through the table, whose policy it cannot pass by. It may ask two functions of
the owner's to make a piece ahead and to drop old ones. Whatever has no piece goes to the rest.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.storage.engine import is_sqlite

SCHEMA = "hf_parts"

_PARTITIONED: dict[str, "Cut"] = {}


@dataclass(frozen=True)
class Cut:
    """How a table is cut: by the day (UTC) of a column. Rows that `keep` says stay when their day is dropped: in the rest."""

    table: str
    by: str
    keep: str


def partitioned(table: str, *, by: str, keep: str = "false") -> None:
    """Declare a table cut by day. Its model says `postgresql_partition_by`, and its primary key holds the column."""
    _PARTITIONED[table] = Cut(table, by, keep)


def partitioned_tables() -> frozenset[str]:
    """The tables cut by day."""
    return frozenset(_PARTITIONED)


def statements(connection: sa.Connection, role: str | None) -> Iterator[str]:
    """What makes the schema, the rests and the functions, on PostgreSQL; safe to run any number of times."""
    cut = connection.exec_driver_sql(
        "SELECT c.relname FROM pg_class c WHERE c.relkind = 'p' AND c.relnamespace = 'public'::regnamespace"
    ).scalars()
    standing = [_PARTITIONED[table] for table in sorted(set(cut) & _PARTITIONED.keys())]
    if not standing:
        return
    yield from make_schema(connection)
    for one in standing:
        yield f"CREATE TABLE IF NOT EXISTS {SCHEMA}.{one.table}_rest PARTITION OF public.{one.table} DEFAULT"
        yield _ahead(one)
        yield _drop(one)
        for function in (f"hf_ahead_{one.table}", f"hf_drop_{one.table}"):
            yield f"REVOKE EXECUTE ON FUNCTION {function}(date) FROM PUBLIC"
            if role:
                yield f'GRANT EXECUTE ON FUNCTION {function}(date) TO "{role}"'


def make_schema(connection: sa.Connection) -> Iterator[str]:
    """The pieces' schema where it is missing: making it takes a right on the database, which is asked for once only."""
    if connection.exec_driver_sql(f"SELECT to_regnamespace('{SCHEMA}')").scalar() is None:
        yield f"CREATE SCHEMA {SCHEMA}"


def make_ahead(session: Session, table: str, *, today: date, days: int) -> int:
    """Have a piece for today and each of the `days` after it; how many were made."""
    if is_sqlite(session.connection()):
        return 0
    made = 0
    for number in range(days + 1):
        made += bool(_call(session, f"hf_ahead_{table}", today + timedelta(days=number)))
    return made


def drop_before(session: Session, table: str, day: date) -> int:
    """Drop the pieces of the days before `day`, but for the rows that stay; how many pieces."""
    return 0 if is_sqlite(session.connection()) else int(_call(session, f"hf_drop_{table}", day))


def _call(session: Session, function: str, day: date) -> int:
    answer: int = session.scalar(sa.select(getattr(sa.func, function)(sa.cast(day, sa.Date)))) or 0
    return answer


def _ahead(cut: Cut) -> str:
    table = cut.table
    return f"""
CREATE OR REPLACE FUNCTION hf_ahead_{table}(day date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  piece text := '{table}_' || to_char(day, 'YYYYMMDD');
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('{SCHEMA}'));
  IF to_regclass('{SCHEMA}.' || piece) IS NOT NULL THEN RETURN 0; END IF;
  EXECUTE format('CREATE TABLE {SCHEMA}.%I (LIKE public.{table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)', piece);
  EXECUTE format('WITH moved AS (DELETE FROM {SCHEMA}.{table}_rest WHERE {cut.by} >= %L AND {cut.by} < %L RETURNING *)
    INSERT INTO {SCHEMA}.%I SELECT * FROM moved', day, day + 1, piece);
  EXECUTE format('ALTER TABLE public.{table} ATTACH PARTITION {SCHEMA}.%I FOR VALUES FROM (%L) TO (%L)', piece, day, day + 1);
  RETURN 1;
END $$""".replace("%", "%%")  # noqa: S608 - names of our own tables


def _drop(cut: Cut) -> str:
    table, keep = cut.table, cut.keep.replace("'", "''")
    return f"""
CREATE OR REPLACE FUNCTION hf_drop_{table}(day date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  piece text;
  dropped integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('{SCHEMA}'));
  FOR piece IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'public.{table}'::regclass AND c.relname ~ '^{table}_[0-9]{{8}}$'
      AND right(c.relname, 8) < to_char(day, 'YYYYMMDD') ORDER BY c.relname
  LOOP
    EXECUTE format('ALTER TABLE public.{table} DETACH PARTITION {SCHEMA}.%I', piece);
    EXECUTE format('INSERT INTO {SCHEMA}.{table}_rest SELECT * FROM {SCHEMA}.%I WHERE {keep}', piece);
    EXECUTE format('DROP TABLE {SCHEMA}.%I', piece);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END $$""".replace("%", "%%")  # noqa: S608 - names of our own tables
