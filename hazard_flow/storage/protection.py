"""What the database itself refuses: changes to append-only tables, and rows outside the scope.

Declared beside the models, installed by one idempotent function after every migration, because Alembic's batch mode on SQLite
rebuilds tables and drops their triggers without a word. `differences()` compares what stands in the database with what was declared.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from hazard_flow.storage import partitions, triggers
from hazard_flow.storage.engine import is_sqlite
from hazard_flow.storage.triggers import Trigger

_APPEND_ONLY: dict[str, str] = {}
_SECURED: dict[str, "Policy"] = {}
_CHECKED: dict[str, "InsertRule"] = {}

#: One rule in SQL, the same as `Scope.sees`: whole database, organisation paths, divisions, or a part in the hazard.
FUNCTIONS = """
CREATE OR REPLACE FUNCTION hf_everything() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(current_setting('hf.everything', true), '') = 'on' $$;
CREATE OR REPLACE FUNCTION hf_person() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(current_setting('hf.person', true), '') $$;
CREATE OR REPLACE FUNCTION hf_prefixed(value text, setting text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT EXISTS (SELECT 1 FROM unnest(string_to_array(coalesce(current_setting(setting, true), ''), ',')) AS p
                  WHERE p <> '' AND starts_with(value, p)) $$;
CREATE OR REPLACE FUNCTION hf_sees(path text, division text, parties text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT hf_everything() OR hf_prefixed(path, 'hf.paths') OR hf_prefixed(division, 'hf.divisions')
       OR (hf_person() <> '' AND position(',' || hf_person() || ',' IN parties) > 0) $$;
CREATE OR REPLACE FUNCTION hf_names(path text, division text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT hf_everything() OR hf_prefixed(path, 'hf.homes') OR hf_prefixed(division, 'hf.divisions') $$;
"""


#: the body of the trigger function behind every append-only table
_REFUSE_CHANGE = (
    " BEGIN RAISE EXCEPTION 'append-only table %', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END "
)


#: table → (the table it is reached through, condition)
_WIDENED: dict[str, list[tuple[str, str]]] = {}


@dataclass(frozen=True)
class InsertRule:
    """What a row must keep to be let in. The conditions say when it is *refused*; both are NULL-safe, a gap must not slip through."""

    table: str
    name: str
    says: str
    #: over NEW
    sqlite: str
    #: a query over the transition table `fresh` that finds a row to refuse
    postgresql: str


@dataclass(frozen=True)
class Policy:
    """Which rows may be read and changed (`using`), and which may be written (`check`)."""

    using: str
    check: str


def append_only(table: str) -> None:
    """Declare that rows of this table are never updated or deleted."""
    _APPEND_ONLY[table] = table


def secured(table: str, using: str, *, check: str | None = None) -> None:
    """Declare row-level security: `using` is a PostgreSQL condition over the table's columns. The system's own scope sees everything."""
    _SECURED[table] = Policy(using=using, check=check or using)


def widened(table: str, *, by: str, using: str) -> None:
    """Declare rows of a secured table that are reached through another one, `by`; in a database without that one they are not."""
    _WIDENED.setdefault(table, []).append((by, using))


def checked_insert(table: str, name: str, *, says: str, sqlite: str, postgresql: str) -> None:
    """Declare what the database itself checks of every new row of a table; `says` is its refusal."""
    _CHECKED[f"{table}_{name}"] = InsertRule(table, name, says, sqlite, postgresql)


def append_only_tables() -> frozenset[str]:
    """The tables whose rows never change."""
    return frozenset(_APPEND_ONLY)


def secured_tables() -> frozenset[str]:
    """The tables under row-level security."""
    return frozenset(_SECURED)


def install(connection: sa.Connection, *, application_role: str | None = None) -> None:
    """(Re-)create triggers, policies and grants; safe to run any number of times."""
    present = set(sa.inspect(connection).get_table_names())
    for statement in _statements(connection, present, application_role):
        connection.exec_driver_sql(statement)


def lift_policies(connection: sa.Connection) -> None:
    """Take the policies off before migrations run: a table another one's policy reads can't be dropped. `install` puts them back.

    In one transaction with it, so that nobody ever sees a table without its policy.
    """
    if is_sqlite(connection):
        return
    standing = connection.exec_driver_sql(
        "SELECT policyname, tablename FROM pg_policies WHERE schemaname = 'public'"
    )
    for policy, table in sorted(tuple(row) for row in standing):
        connection.exec_driver_sql(f'DROP POLICY "{policy}" ON "{table}"')
        # without a policy a forced table shows no row at all, not even to a migration
        connection.exec_driver_sql(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')


def _statements(connection: sa.Connection, present: set[str], role: str | None) -> Iterator[str]:
    if is_sqlite(connection):
        for trigger in _triggers(present, sqlite=True):
            yield from trigger.on_sqlite()
        return
    yield FUNCTIONS.replace("%", "%%")
    yield from partitions.statements(connection, role)
    for trigger in _triggers(present, sqlite=False):
        yield from trigger.on_postgresql()
    for table in sorted(_SECURED.keys() & present):
        policy = _SECURED[table]
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
        yield f"DROP POLICY IF EXISTS {table}_scope ON {table}"
        also = [condition for by, condition in _WIDENED.get(table, ()) if by in present]
        using, check = (_or_everything(" OR ".join((one, *also))) for one in (policy.using, policy.check))
        yield f"CREATE POLICY {table}_scope ON {table} USING ({using}) WITH CHECK ({check})"
    if role:
        yield from _grants(present, role)


def _or_everything(condition: str) -> str:
    # As a subquery it is asked once for a statement, in front of a rule that is asked for each of its rows.
    return f"(SELECT hf_everything()) OR ({condition})"


def _grants(present: set[str], role: str) -> Iterator[str]:
    yield f'GRANT USAGE ON SCHEMA public TO "{role}"'
    for table in sorted(present):
        rights = "SELECT, INSERT" if table in _APPEND_ONLY else "SELECT, INSERT, UPDATE, DELETE"
        if table == "alembic_version":
            rights = "SELECT"
        yield f'REVOKE ALL ON {table} FROM "{role}"'
        yield f'GRANT {rights} ON {table} TO "{role}"'


def _triggers(present: set[str], *, sqlite: bool) -> list[Trigger]:
    """Every trigger the tables that are there should have."""
    found = []
    for table in sorted(_APPEND_ONLY.keys() & present):
        if sqlite:
            refusal = f"SELECT RAISE(ABORT, 'append-only table {table}');"
            found += [
                Trigger(table, f"{table}_append_only_{verb.lower()}", f"BEFORE {verb}", refusal)
                for verb in ("UPDATE", "DELETE")
            ]
        else:
            found.append(
                Trigger(table, f"{table}_append_only", triggers.CHANGED, _REFUSE_CHANGE, "hf_refuse_change")
            )
    for name, rule in sorted(_CHECKED.items()):
        if rule.table not in present:
            continue
        if sqlite:
            refusal = f"SELECT RAISE(ABORT, '{rule.table}: {rule.says}');"
            found.append(Trigger(rule.table, name, "BEFORE INSERT", refusal, when=rule.sqlite))
        else:
            # It must find the rows before the new ones whatever the actor may see; an error takes the setting back with the rows.
            body = (
                " DECLARE scope text := coalesce(current_setting('hf.everything', true), 'off');"
                " BEGIN PERFORM set_config('hf.everything', 'on', true);"
                f" IF EXISTS ({rule.postgresql}) THEN RAISE EXCEPTION '{rule.table}: {rule.says}'"
                " USING ERRCODE = 'restrict_violation'; END IF;"
                " PERFORM set_config('hf.everything', scope, true); RETURN NULL; END "
            )
            found.append(Trigger(rule.table, name, triggers.INSERTED, body, f"hf_{name}"))
    return found


def differences(connection: sa.Connection) -> list[str]:
    """What is missing in the database against what was declared, one sentence each."""
    present = set(sa.inspect(connection).get_table_names())
    found: list[str] = []
    declared = _triggers(present, sqlite=is_sqlite(connection))
    if is_sqlite(connection):
        return triggers.differences_on_sqlite(connection, declared)
    found += triggers.differences_on_postgresql(connection, declared)
    policies = set(connection.exec_driver_sql("SELECT policyname FROM pg_policies").scalars())
    forced = set(
        connection.exec_driver_sql(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"
        ).scalars()
    )
    found += [
        f"policy {t}_scope is missing"
        for t in sorted(_SECURED.keys() & present)
        if f"{t}_scope" not in policies
    ]
    found += [
        f"row-level security on {t} is not forced"
        for t in sorted(_SECURED.keys() & present)
        if t not in forced
    ]
    return found
