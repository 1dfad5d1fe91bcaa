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
from tests.harness.kept import KeptPostgres, KeptSqlite, Shelf
from tests.harness.postgres import PostgresBench

ZONE = ZoneInfo("Asia/Shanghai")
#: the one made with each template: its rows have the same ids in every copy
_founded: dict[str, Founded] = {}
_templates: dict[str, DatabaseAddress] = {}
_numbers = itertools.count(1)
_rules: list[Rules] = []
_shelves: dict[str, Shelf[KeptPostgres]] = {}
_files: dict[str, Shelf[KeptSqlite]] = {}


def rules() -> Rules:
    """The installed rules, read and proved once."""
    if not _rules:
        _rules.append(installed_rules(ZONE))
    return _rules[0]


def opened(url: str) -> Database:
    """A database as the application opens it."""
    return _with_rules(Database(make_engine(url)))


def _with_rules(database: Database) -> Database:
    install_rules(database.info, rules())
    return database


def on_sqlite(folder: Path, templates: Path) -> Iterator[tuple[Database, Founded, str]]:
    """A city in a file of its own: database, what was founded, the owner's URL."""
    template = _sqlite_template(templates)
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
        _shelves[key] = Shelf(
            lambda: _copied(bench, _templates[key].name), lambda kept: _dropped(bench, kept)
        )
    kept = _shelves[key].take()
    # A view of the engine: what a test listens for ends with the test.
    database = _with_rules(Database(kept.engine.execution_options()))
    yield database, _founded[key], kept.owner_url
    _shelves[key].give_back(kept)


def on_kept_sqlite(templates: Path) -> Iterator[tuple[Database, Founded, str]]:
    """The same in a file that is laid anew under the same name each time."""
    template = _sqlite_template(templates)
    key = str(template)
    if key not in _files:
        _files[key] = Shelf(lambda: KeptSqlite.open(_new(templates), template), KeptSqlite.close)
    kept = _files[key].take()
    database = _with_rules(Database(kept.engine.execution_options()))
    yield database, _founded[key], f"sqlite:///{kept.path}"
    _files[key].give_back(kept)


def _new(parent: Path) -> Path:
    folder = parent / f"kept_{next(_numbers)}"
    folder.mkdir()
    return folder


def _copied(bench: PostgresBench, template: str) -> KeptPostgres:
    name = f"hf_city_{next(_numbers)}"
    bench.server.sql(f"CREATE DATABASE {name} OWNER hazard_flow_owner TEMPLATE {template} STRATEGY FILE_COPY")
    address = bench.server.address(name)
    admin = psycopg.connect(
        host="127.0.0.1", port=bench.server.port, user="postgres", dbname=name, autocommit=True
    )
    return KeptPostgres.open(name, url=address.url, owner_url=address.owner_url, admin=admin)


def _dropped(bench: PostgresBench, kept: KeptPostgres) -> None:
    kept.close()
    bench.server.sql(f"DROP DATABASE {kept.name} WITH (FORCE)")


def _sqlite_template(templates: Path) -> Path:
    template = templates / "city.db"
    if str(template) not in _founded:
        _found(f"sqlite:///{template}", f"sqlite:///{template}", key=str(template))
    return template


def let_go() -> None:
    """Close what is kept: at the end of a run."""
    for shelf in (*_shelves.values(), *_files.values()):
        shelf.clear()


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
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Database, Founded, str]]:
    """A founded city's database, once on each kind: (database, what was founded, the owner's URL)."""
    if request.param == "sqlite":
        templates = tmp_path_factory.getbasetemp() / "templates"
        templates.mkdir(exist_ok=True)
        yield from on_kept_sqlite(templates)
    else:
        yield from on_postgres(request.getfixturevalue("postgres_server"))
