"""The migrations make what the models say, on both databases; what differs is noticed; down and up again works with rows."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from hazard_flow.catalogue.models import LocalPolicy
from hazard_flow.storage import migrate, tables
from hazard_flow.storage.base import Base
from hazard_flow.storage.engine import is_sqlite, make_engine
from tests.harness.city import City
from tests.harness.local_rules import local_rules
from tests.harness.notices import announce, notice
from tests.harness.postgres import PostgresBench

tables.load()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database, as its owner."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    bench: PostgresBench = request.getfixturevalue("postgres_server")
    address = bench.empty()
    yield address.owner_url
    bench.drop(address)


def run(url: str, *statements: str) -> None:
    engine = make_engine(url)
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
    finally:
        engine.dispose()


def names(url: str) -> set[str]:
    engine = make_engine(url)
    found = set(sa.inspect(engine).get_table_names())
    engine.dispose()
    return found


def test_an_empty_database_becomes_what_the_models_say(url: str):
    migrate.upgrade(url)

    assert migrate.differences(url) == []
    assert names(url) == set(Base.metadata.tables) | {"alembic_version"}


def test_upgrading_again_changes_nothing(url: str):
    migrate.upgrade(url)
    migrate.upgrade(url)

    assert migrate.differences(url) == []


def test_an_empty_database_differs_in_every_table(url: str):
    found = migrate.differences(url)

    assert [table for table in Base.metadata.tables if not any(table in sentence for sentence in found)] == []


CONTROLS = {
    "a dropped column": ["ALTER TABLE asset DROP COLUMN address"],
    "a column too many": ["ALTER TABLE asset ADD COLUMN colour TEXT"],
    "a dropped index": ["DROP INDEX ix_asset_path"],
    "a dropped partial index": ["DROP INDEX uq_hazard_open_family"],
    "a table too many": ["CREATE TABLE stranger (id INTEGER)"],
}
ON_SQLITE = {
    "a dropped trigger": ["DROP TRIGGER hazard_event_append_only_delete"],
    "a dropped check": [
        "ALTER TABLE outbox RENAME TO old",
        "CREATE TABLE outbox AS SELECT * FROM old",
        "DROP TABLE old",
    ],
}
ON_POSTGRES = {
    "a dropped trigger": ["DROP TRIGGER evidence_append_only ON evidence"],
    "a disabled trigger": ["ALTER TABLE hazard_event DISABLE TRIGGER hazard_event_append_only"],
    "a dropped policy": ["DROP POLICY hazard_scope ON hazard"],
    "row-level security off": ["ALTER TABLE hazard DISABLE ROW LEVEL SECURITY"],
    "row-level security not for the owner": ["ALTER TABLE asset NO FORCE ROW LEVEL SECURITY"],
    "a dropped check": ["ALTER TABLE hazard DROP CONSTRAINT ck_hazard_stage"],
    "a check with other values": [
        "ALTER TABLE outbox DROP CONSTRAINT ck_outbox_state",
        "ALTER TABLE outbox ADD CONSTRAINT ck_outbox_state CHECK (state IN ('pending', 'sent'))",
    ],
    "a check too many": ["ALTER TABLE hazard ADD CONSTRAINT ck_hazard_mine CHECK (seq < 100)"],
    "a dropped unique rule": ["ALTER TABLE asset DROP CONSTRAINT uq_asset_home_id_code"],
    "a dropped foreign key": ["ALTER TABLE evidence DROP CONSTRAINT fk_evidence_hazard_id_hazard"],
    "a column that may be empty": ["ALTER TABLE hazard ALTER COLUMN number DROP NOT NULL"],
}


def test_every_kind_of_difference_is_noticed(url: str):
    """One database, one difference after the other: each adds a sentence."""
    migrate.upgrade(url)
    own = ON_SQLITE if url.startswith("sqlite") else ON_POSTGRES
    known: list[str] = []
    silent = []
    for what, statements in {**own, **CONTROLS}.items():
        run(url, *statements)
        found = migrate.differences(url)
        if not set(found) - set(known):
            silent.append(what)
        known = found

    assert silent == []


def test_what_was_unlocked_is_locked_again_by_the_next_upgrade(url: str):
    migrate.upgrade(url)
    own = ON_SQLITE if url.startswith("sqlite") else ON_POSTGRES
    run(url, *own["a dropped trigger"])
    assert migrate.differences(url) != []

    migrate.upgrade(url)

    assert migrate.differences(url) == []


def test_down_to_nothing_and_up_again_with_rows(city: City):
    city.bring_to(city.report(witness="赵大妈"), "closed")
    city.report(major=True)
    city.database.dispose()

    migrate.downgrade(city.owner_url, "base")
    assert names(city.owner_url) == {"alembic_version"}

    migrate.upgrade(city.owner_url, application_role="hazard_flow" if city.on_postgres else None)
    assert migrate.differences(city.owner_url) == []
    assert city.hazards() == []


def test_local_rules_come_and_go_and_the_hazards_stay(city: City):
    """0002 down with rows in its tables and up again: the hazards are untouched, the new tables empty and protected."""
    local_rules(city.database)
    announce(city.database, notice(), city.now)
    hazard = city.bring_to(city.report(catalogue_code="VLV-G03"), "assigned")
    city.database.dispose()

    migrate.downgrade(city.owner_url, "0001")
    assert not {"local_policy", "local_catalogue", "calendar_day", "rule_stamp"} & names(city.owner_url)
    migrate.upgrade(city.owner_url, application_role="hazard_flow" if city.on_postgres else None)

    assert migrate.differences(city.owner_url) == []
    assert city.all(sa.select(LocalPolicy)) == []
    assert city.look(hazard).details["catalogue"]["VLV-G03"]["version"] == "9901.v1"
    city.accept(hazard)
    local_rules(city.database)


def test_an_upgrade_keeps_the_rows_and_their_protection(city: City):
    hazard = city.bring_to(city.report(), "closed")

    migrate.upgrade(city.owner_url, application_role="hazard_flow" if city.on_postgres else None)

    assert city.look(hazard).state == "closed"
    city.checks()


def test_the_database_knows_its_revision(url: str):
    migrate.upgrade(url)
    engine = make_engine(url)
    with engine.connect() as connection:
        assert migrate.current(connection) == migrate.head()
        assert is_sqlite(connection) == url.startswith("sqlite")
    engine.dispose()


def test_only_a_role_that_is_not_the_owner_gets_grants():
    app, owner = "postgresql+psycopg://app@h/d", "postgresql+psycopg://owner@h/d"

    assert migrate.application_role(app, owner) == "app"
    assert migrate.application_role(owner, owner) is None
    assert migrate.application_role("sqlite:///x", "sqlite:///x") is None
