"""Cities in a blink: founded once for each kind of database, copied for each test."""

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest

from hazard_flow.hazards.rules import Rules, install_rules, installed_rules
from hazard_flow.simulation.servers import DatabaseAddress
from hazard_flow.storage import migrate, tables
from hazard_flow.storage.engine import make_engine
from hazard_flow.storage.unit import Database
from tests.harness.cast import Founded, found
from tests.harness.postgres import PostgresBench

ZONE = ZoneInfo("Asia/Shanghai")
#: the one made with each template: its rows have the same ids in every copy
_founded: dict[str, Founded] = {}
_templates: dict[str, DatabaseAddress] = {}
_numbers = itertools.count(1)
_rules: list[Rules] = []


def rules() -> Rules:
    """The installed rules, read and proved once."""
    if not _rules:
        _rules.append(installed_rules(ZONE))
    return _rules[0]


def opened(url: str) -> Database:
    """A database as the application opens it."""
    database = Database(make_engine(url))
    install_rules(database.info, rules())
    return database


def on_sqlite(folder: Path, templates: Path) -> Iterator[tuple[Database, Founded, str]]:
    """A city in a file of its own: database, what was founded, the owner's URL."""
    template = templates / "city.db"
    if str(template) not in _founded:
        _found(f"sqlite:///{template}", f"sqlite:///{template}", key=str(template))
    copy = folder / "city.db"
    shutil.copy(template, copy)
    database = opened(f"sqlite:///{copy}")
    yield database, _founded[str(template)], f"sqlite:///{copy}"
    database.dispose()


def on_postgres(bench: PostgresBench) -> Iterator[tuple[Database, Founded, str]]:
    """A city in a database of its own, seen by the application's role."""
    key = f"postgres {id(bench)}"
    if key not in _founded:
        _templates[key] = bench.empty()
        _found(_templates[key].url, _templates[key].owner_url, key=key)
    name = f"hf_city_{next(_numbers)}"
    with psycopg.connect(
        host="127.0.0.1", port=bench.server.port, user="postgres", autocommit=True
    ) as server:
        server.execute(
            f"CREATE DATABASE {name} OWNER hazard_flow_owner TEMPLATE {_templates[key].name} STRATEGY FILE_COPY"
        )
        address = bench.server.address(name)
        database = opened(address.url)
        yield database, _founded[key], address.owner_url
        database.dispose()
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def migrated(address: DatabaseAddress) -> None:
    """All migrations, with the application's grants."""
    _migrate(address.url, address.owner_url)


def _found(url: str, owner_url: str, *, key: str) -> None:
    _migrate(url, owner_url)
    database = opened(url)
    _founded[key] = found(database)
    database.dispose()


def _migrate(url: str, owner_url: str) -> None:
    tables.load()
    migrate.upgrade(owner_url, application_role=migrate.application_role(url, owner_url))


#: for what only one of the two databases knows
on_postgres_only = pytest.mark.parametrize(
    "place", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
on_sqlite_only = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def place(
    request: pytest.FixtureRequest, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Database, Founded, str]]:
    """A founded city's database, once on each kind: (database, what was founded, the owner's URL)."""
    if request.param == "sqlite":
        templates = tmp_path_factory.getbasetemp() / "templates"
        templates.mkdir(exist_ok=True)
        yield from on_sqlite(tmp_path, templates)
    else:
        yield from on_postgres(request.getfixturevalue("postgres_server"))
