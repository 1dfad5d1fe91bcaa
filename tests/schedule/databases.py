"""The same test on both databases: `database` is a fresh one with all tables, policies and triggers, opened as the application's role."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hazard_flow.simulation.servers import DatabaseAddress
from hazard_flow.storage import tables
from hazard_flow.storage.base import Base
from hazard_flow.storage.engine import make_engine
from hazard_flow.storage.protection import install
from hazard_flow.storage.unit import Database


def prepare(address: DatabaseAddress) -> None:
    """All tables as the models say, owned by the owner."""
    build(address.owner_url, application_role="hazard_flow")


def build(url: str, *, application_role: str | None = None) -> None:
    tables.load()
    engine = make_engine(url)
    with engine.begin() as connection:
        Base.metadata.create_all(connection)
        install(connection, application_role=application_role)
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of one's own, once on each kind."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'test.db'}"
        build(url)
        opened = Database(make_engine(url))
        yield opened
        opened.dispose()
        return
    bench = request.getfixturevalue("postgres_server")
    address = bench.fresh(prepare, key="tables")
    opened = Database(make_engine(address.url))
    opened.owner_url = address.owner_url
    yield opened
    opened.dispose()
    bench.drop(address)
