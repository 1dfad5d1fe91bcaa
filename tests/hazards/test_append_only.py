"""The record is only ever added to: the database itself refuses the rest, also to the owner."""

import pytest
import sqlalchemy as sa

from hazard_flow.storage.engine import make_engine
from hazard_flow.storage.protection import append_only_tables
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City
from tests.harness.founding import on_postgres_only, on_sqlite_only

REFUSED = "append-only|permission denied"


@pytest.mark.parametrize(
    "table", sorted(append_only_tables() & {"hazard_event", "evidence", "workflow_release"})
)
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_the_application_neither_changes_nor_removes(city: City, table: str, statement: str):
    city.report()
    column = {"hazard_event": "actor", "evidence": "filename", "workflow_release": "sha256"}[table]
    filled = statement.format(table, column, column)

    if table == "workflow_release":
        with city.database.transaction(SYSTEM) as session:
            session.execute(sa.text("INSERT INTO workflow_release VALUES ('general', 1, 'ab', '2026-11-02')"))
    with pytest.raises(sa.exc.DBAPIError, match=REFUSED), city.database.transaction(SYSTEM) as session:
        session.execute(sa.text(filled))


@pytest.mark.parametrize("statement", ["UPDATE hazard_event SET actor = 'nobody'", "DELETE FROM evidence"])
def test_not_even_the_owner_does(city: City, statement: str):
    city.report()

    refuse_the_owner(city, statement)


@on_postgres_only
def test_the_owner_does_not_empty_the_table_either(city: City):
    city.report()

    refuse_the_owner(city, "TRUNCATE hazard_event")


def refuse_the_owner(city: City, statement: str) -> None:
    engine = make_engine(city.owner_url)
    with engine.connect() as connection:
        if city.on_postgres:
            connection.exec_driver_sql("SELECT set_config('hf.everything', 'on', true)")
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            connection.exec_driver_sql(statement)
    engine.dispose()


@on_sqlite_only
def test_replacing_a_row_by_inserting_it_again_is_refused(city: City):
    city.report()

    with pytest.raises(sa.exc.DBAPIError, match="append-only"), city.database.transaction(SYSTEM) as session:
        session.execute(sa.text("INSERT OR REPLACE INTO hazard_event SELECT * FROM hazard_event"))


@on_postgres_only
@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE hazard_event",
        "TRUNCATE hazard_event",
        "TRUNCATE evidence CASCADE",
        "ALTER TABLE hazard_event DISABLE TRIGGER ALL",
        "ALTER TABLE hazard DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE hazard NO FORCE ROW LEVEL SECURITY",
        "DROP TRIGGER hazard_event_append_only ON hazard_event",
        "DROP POLICY hazard_scope ON hazard",
        "CREATE TABLE mine (id int)",
        "CREATE OR REPLACE FUNCTION hf_everything() RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        "SET session_replication_role = replica",
        "UPDATE alembic_version SET version_num = 'x'",
    ],
)
def test_the_applications_role_cannot_unlock_anything(city: City, statement: str):
    from hazard_flow.hazards import guarding

    words = "must be owner|permission denied"
    with city.database.engine.connect() as connection:
        connection.info[guarding._OPEN] = 1  # the database's own answer is asked, not our listener's
        try:
            with pytest.raises(sa.exc.DBAPIError, match=words):
                connection.exec_driver_sql(statement)
        finally:
            connection.info[guarding._OPEN] = 0
