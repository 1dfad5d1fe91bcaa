"""Triggers as they are made and as they are found: what stands in the database is compared with what was declared, word by word.

A trigger of the right name with another body is as good as none, so names alone prove nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

#: on PostgreSQL: before any change of standing rows, and after rows were put in
CHANGED, INSERTED = "BEFORE UPDATE OR DELETE OR TRUNCATE", "AFTER INSERT"
#: pg_trigger.tgtype of the two: before 2, insert 4, delete 8, update 16, truncate 32, once a statement
_KINDS = {CHANGED: 2 + 8 + 16 + 32, INSERTED: 4}
#: How a check of new rows runs: it finds the rows before them by their key, however small the table was when the statement was planned.
_CHECKING = {"enable_seqscan": "off"}


@dataclass(frozen=True)
class Trigger:
    """One trigger; on PostgreSQL with the function that carries its body."""

    table: str
    name: str
    event: str
    body: str
    function: str = ""
    #: SQLite only: fires where this holds
    when: str = ""

    def on_sqlite(self) -> Iterator[str]:
        """The statements that put it there anew."""
        yield f"DROP TRIGGER IF EXISTS {self.name}"
        yield self.sqlite_text()

    def sqlite_text(self) -> str:
        """As SQLite keeps it."""
        when = f" WHEN {self.when}" if self.when else ""
        return f"CREATE TRIGGER {self.name} {self.event} ON {self.table}{when} BEGIN {self.body} END"

    def on_postgresql(self) -> Iterator[str]:
        """The statements that put function and trigger there anew."""
        fresh = ""
        settings = ""
        if self.event == INSERTED:
            fresh = " REFERENCING NEW TABLE AS fresh"
            settings = "".join(f" SET {name} TO '{value}'" for name, value in _CHECKING.items())
        body = self.body.replace("%", "%%")
        yield f"CREATE OR REPLACE FUNCTION {self.function}() RETURNS trigger LANGUAGE plpgsql{settings} AS $${body}$$"
        yield f"DROP TRIGGER IF EXISTS {self.name} ON {self.table}"
        yield (
            f"CREATE TRIGGER {self.name} {self.event} ON {self.table}{fresh} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {self.function}()"
        )


def differences_on_sqlite(connection: sa.Connection, declared: Iterable[Trigger]) -> list[str]:
    """One sentence for each declared trigger that is missing or reads otherwise, and for each stranger on the same tables."""
    standing = {
        name: (table, text)
        for name, table, text in connection.exec_driver_sql(
            "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
        )
    }
    wanted = {trigger.name: trigger for trigger in declared}
    found = [f"trigger {name} is missing" for name in sorted(wanted.keys() - standing.keys())]
    found += [
        f"trigger {name} was altered"
        for name in sorted(wanted.keys() & standing.keys())
        if standing[name] != (wanted[name].table, wanted[name].sqlite_text())
    ]
    return found + _strangers(wanted.values(), {name: table for name, (table, _) in standing.items()})


_STANDING = """
SELECT t.tgname, c.relname, t.tgtype, t.tgenabled, t.tgqual IS NULL, p.proname, p.prosrc, coalesce(p.proconfig, '{}')
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace
"""


def differences_on_postgresql(connection: sa.Connection, declared: Iterable[Trigger]) -> list[str]:
    """The same on PostgreSQL: also where a trigger is switched off, or its function says something else."""
    standing = {row[0]: tuple(row) for row in connection.exec_driver_sql(_STANDING)}
    wanted = {trigger.name: trigger for trigger in declared}
    found = []
    for name, trigger in sorted(wanted.items()):
        if name not in standing or standing[name][3] == "D":
            found.append(f"trigger {name} is missing")
            continue
        settings = [f"{key}={value}" for key, value in _CHECKING.items()] if trigger.event == INSERTED else []
        _, table, kind, _enabled, always, function, body, given = standing[name]
        as_declared = (
            trigger.table,
            _KINDS[trigger.event],
            True,
            trigger.function,
            trigger.body,
            sorted(settings),
        )
        if (table, kind, always, function, body, sorted(given)) != as_declared:
            found.append(f"trigger {name} was altered")
    return found + _strangers(wanted.values(), {name: row[1] for name, row in standing.items()})


def _strangers(wanted: Iterable[Trigger], standing: dict[str, str]) -> list[str]:
    known, tables = {trigger.name for trigger in wanted}, {trigger.table for trigger in wanted}
    return [
        f"trigger {name} on {table} is not in the code"
        for name, table in sorted(standing.items())
        if table in tables and name not in known
    ]
