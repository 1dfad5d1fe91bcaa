"""An installation to be mistreated: a founded city in a database that keeps what it acknowledges, and how its processes reach it."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from hazard_flow import app
from hazard_flow.app import Application
from hazard_flow.bench.timers.databases import worker_environment
from hazard_flow.identity.models import Person
from hazard_flow.identity.operations import add_token
from hazard_flow.settings import load_settings
from hazard_flow.simulation.servers import DatabaseAddress, Postgres
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from tests.chaos.programs import Program, Web, Worker
from tests.harness.cast import Founded, found
from tests.harness.client import Client

_TEMPLATE = "founded"


@dataclass
class Place:
    """One installation."""

    application: Application
    founded: Founded
    folder: Path
    server: Postgres | None = None
    started: list[Program] = field(default_factory=list)

    @property
    def database(self) -> Database:
        """The test's own way in."""
        return self.application.database

    @property
    def environment(self) -> dict[str, str]:
        """What its processes are told."""
        return worker_environment(self.application.settings)

    def worker(self, *, launch: list[str] | None = None, **more: str) -> Worker:
        """A worker process, just started."""
        made = Worker(
            {**self.environment, **more}, self.folder / f"worker-{len(self.started)}", launch=launch
        )
        self.started.append(made)
        made.start()
        return made

    def web(self, command: str = "web", *, launch: list[str] | None = None) -> Web:
        """A web process that takes requests."""
        folder = self.folder / f"{command}-{len(self.started)}"
        made = Web(self.environment, folder, command=command, launch=launch)
        self.started.append(made)
        made.__enter__()
        return made

    def client(self, name: str, web: Web) -> Client:
        """A person's program."""
        with self.database.transaction(SYSTEM) as session:
            person = session.get_one(Person, self.founded.actors[name].id)
            token = add_token(session, person=person, name="chaos", now=self.application.clock.now())
        return Client(web.url, {"Authorization": f"Bearer {token}"})

    def see(self, statement: str, **params: Any) -> Any:
        """One value, as the system sees it."""
        with self.database.reading(SYSTEM) as session:
            return session.execute(sa.text(statement), params).scalar()

    @contextmanager
    def watching(self) -> Iterator[psycopg.Connection[Any]]:
        """The superuser's connection, to look at who does what."""
        assert self.server is not None
        name = self.database.engine.url.database
        address = f"postgresql://postgres@127.0.0.1:{self.server.port}/{name}"
        with psycopg.connect(address, autocommit=True, application_name="watching") as connection:
            yield connection


@contextmanager
def on_sqlite(folder: Path, *, data: Path | None = None) -> Iterator[Place]:
    """The city in one file under `data`, logs and all under `folder`."""
    with _opened(folder, _settings(data or folder)) as place:
        app.upgrade(place.application.settings)
        place.founded = found(place.database)
        yield place


@contextmanager
def on_postgres(server: Postgres, folder: Path, name: str = "chaos") -> Iterator[Place]:
    """The city in a new database of `server`."""
    address = server.create_database(name)
    with _opened(folder, _settings(folder, address), server) as place:
        app.upgrade(place.application.settings)
        place.founded = found(place.database)
        yield place


class Server:
    """A durable PostgreSQL shared by tests that leave the server itself alone, with a founded city to copy."""

    def __init__(self, server: Postgres, folder: Path) -> None:
        self.server = server
        self._numbers = itertools.count(1)
        with on_postgres(server, folder, _TEMPLATE) as place:
            self._founded = place.founded

    @contextmanager
    def place(self, folder: Path) -> Iterator[Place]:
        """A city of one's own."""
        address = self.server.create_database(f"chaos_{next(self._numbers)}", template=_TEMPLATE)
        with _opened(folder, _settings(folder, address), self.server) as place:
            place.founded = self._founded
            yield place
        self.server.drop_database(address.name)


@pytest.fixture(scope="session")
def durable_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for the session; unlike the stories' it syncs what it acknowledges."""
    with Postgres() as server:
        yield Server(server, tmp_path_factory.mktemp("founding"))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A city on each kind of database."""
    if request.param == "sqlite":
        with on_sqlite(tmp_path) as made:
            yield made
    else:
        with request.getfixturevalue("durable_server").place(tmp_path) as made:
            yield made


@pytest.fixture
def sqlite_place(tmp_path: Path) -> Iterator[Place]:
    """A city in one file."""
    with on_sqlite(tmp_path) as made:
        yield made


@pytest.fixture
def postgres_place(durable_server: Server, tmp_path: Path) -> Iterator[Place]:
    """A city on PostgreSQL."""
    with durable_server.place(tmp_path) as made:
        yield made


@contextmanager
def _opened(folder: Path, settings: Any, server: Postgres | None = None) -> Iterator[Place]:
    made = Place(app.build(settings), Founded({}, {}, {}, {}), folder, server)
    try:
        yield made
    finally:
        for program in made.started:
            program.kill()
        made.database.dispose()


def _settings(folder: Path, address: DatabaseAddress | None = None) -> Any:
    urls = {"DATABASE_URL": address.url, "DATABASE_OWNER_URL": address.owner_url} if address else {}
    return load_settings({}, DATA_DIR=folder, SECRET_KEY="chaos" * 8, **urls)
