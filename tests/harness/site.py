"""The real application over a founded city, served by the real server on a port of its own, at the real time."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from waitress import create_server

from hazard_flow import app as composition
from hazard_flow.cli.listening import BODY_BYTES_MAX, THREADS
from hazard_flow.clock import SystemClock
from hazard_flow.hazards.rules import install_rules, installed_rules
from hazard_flow.identity.models import Person
from hazard_flow.identity.operations import add_token
from hazard_flow.settings import load_settings
from hazard_flow.storage import tables
from hazard_flow.storage.base import Base
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from tests.harness import founding
from tests.harness.cast import Founded
from tests.harness.city import City
from tests.harness.client import Client

#: what a person may store; the worker's own rows (deliveries, documents, timers that fire) come and go by themselves
KEPT = ("hazard", "hazard_event", "hazard_party", "evidence", "request_key", "personal", "inbox", "alert")
AREAS = ("original", "display", "thumb")
LOOP_SECONDS = 0.1


@dataclass
class Site:
    """A running installation: its address, its people, and what lies in its database and store."""

    url: str
    application: composition.Application
    city: City
    folder: Path
    _tokens: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)

    @property
    def database(self) -> Database:
        """The application's own database."""
        return self.application.database

    def token(self, name: str, *, rights: str = "read,write") -> str:
        """A bearer token of the person, made once."""
        if (name, rights) not in self._tokens:
            with self.database.transaction(SYSTEM) as session:
                person = session.get(Person, self.city.person(name))
                assert person is not None
                self._tokens[name, rights] = add_token(
                    session, person=person, name="story", now=SystemClock().now(), rights=rights
                )
        return self._tokens[name, rights]

    def client(self, name: str, *, rights: str = "read,write", **headers: str) -> Client:
        """The API as this person's program sees it."""
        return Client(self.url, {"Authorization": f"Bearer {self.token(name, rights=rights)}", **headers})

    def stranger(self, **headers: str) -> Client:
        """The API as seen by nobody in particular."""
        return Client(self.url, headers)

    def username(self, name: str) -> str:
        """What the person signs in with."""
        with self.database.reading(SYSTEM) as session:
            found = session.scalar(sa.select(Person.username).where(Person.id == self.city.person(name)))
        assert found is not None
        return found

    def stored(self) -> Mapping[str, int]:
        """How many rows and files there are of everything people can store."""
        tables.load()
        with self.database.reading(SYSTEM) as session:
            rows = {
                name: session.scalar(sa.select(sa.func.count()).select_from(Base.metadata.tables[name])) or 0
                for name in KEPT
            }
        store = self.folder / "store"
        return rows | {area: sum(f.is_file() for f in (store / area).rglob("*")) for area in AREAS}


@contextmanager
def running(database: Database, founded: Founded, *, owner_url: str, folder: Path) -> Iterator[Site]:
    """Web and worker of one process over the database, until the block ends."""
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    settings = load_settings(
        {},
        DATA_DIR=folder,
        DATABASE_URL=database.engine.url.render_as_string(hide_password=False),
        SECRET_KEY="k" * 40,
        PUBLIC_URL=url,
    )
    application = composition.build(settings)
    worker = composition.make_worker(application)
    web = composition.create_web(application, worker)
    server = create_server(
        web, sockets=[listening], threads=THREADS, max_request_body_size=BODY_BYTES_MAX, ident="hazard-flow"
    )
    stopping = threading.Event()
    thread = threading.Thread(target=_serve, args=(server, stopping), name="site", daemon=True)
    thread.start()
    worker.start()
    city = City(application.database, founded, owner_url=owner_url, store=application.store)
    city.clock = SystemClock()  # type: ignore[assignment] # stories of a running site have no say over time
    try:
        yield Site(url=url, application=application, city=city, folder=folder)
    finally:
        worker.stop()
        stopping.set()
        thread.join(timeout=10)
        application.database.dispose()


def _serve(server: Any, stopping: threading.Event) -> None:
    while not stopping.is_set():
        server.asyncore.loop(timeout=LOOP_SECONDS, map=server._map, count=1)
    server.task_dispatcher.shutdown()
    server.asyncore.close_all(server._map, ignore_all=True)


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One running installation for each kind of database; stories share it and bring hazards of their own."""
    folder = tmp_path_factory.mktemp(f"site_{request.param}")
    if request.param == "sqlite":
        places = founding.on_sqlite(folder, _templates(tmp_path_factory))
    else:
        places = founding.on_postgres(request.getfixturevalue("postgres_server"))
    for database, founded, owner_url in places:
        install_rules(database.info, installed_rules(founding.ZONE))
        with running(database, founded, owner_url=owner_url, folder=folder) as made:
            yield made


@pytest.fixture(scope="module")
def small_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One on SQLite, for what does not depend on the database."""
    folder = tmp_path_factory.mktemp("site_small")
    for database, founded, owner_url in founding.on_sqlite(folder, _templates(tmp_path_factory)):
        with running(database, founded, owner_url=owner_url, folder=folder) as made:
            yield made


def _templates(factory: pytest.TempPathFactory) -> Path:
    folder = factory.getbasetemp() / "templates"
    folder.mkdir(exist_ok=True)
    return folder
