"""Databases to measure on: prepared once as a template, copied for every measurement, so that each starts from the same."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from hazard_flow.bench.timers import town
from hazard_flow.bench.timers.trial import Watch
from hazard_flow.resources import PACKAGE
from hazard_flow.settings import PREFIX, Settings, load_settings
from hazard_flow.simulation.servers import DatabaseAddress, Postgres

_FIRED = "SELECT count(*) FROM hazard_event WHERE type = 'timer.escalated'"
_LEFT = "SELECT EXISTS (SELECT 1 FROM timer WHERE parked_at IS NULL AND due_at <= '{}')"
#: timers of nobody, due in a year: what a claim must not stumble over
_PENDING = """
INSERT INTO timer (id, home_id, subject_kind, subject_id, name, level, cycle, due_at, expires_at, started_at, fence, rule, provisional,
                   created_at, attempts)
SELECT gen_random_uuid(), h.home_id, 'hazard', gen_random_uuid(), 'classify', 0, 0, now() + interval '1 year' + g * interval '1 second',
       now() + interval '1 year', now(), 1, 'state', false, now(), 0
FROM generate_series(1, {count}) AS g, (SELECT home_id FROM hazard LIMIT 1) AS h
"""


@dataclass(frozen=True)
class Place:
    """A database with a town in it."""

    settings: Settings
    #: of a worker
    environment: dict[str, str]
    watch: Watch


@dataclass(frozen=True)
class Template:
    """A prepared database."""

    name: str
    #: timers due up to here are to be fired
    due_at: datetime


class Towns:
    """Towns on one PostgreSQL."""

    def __init__(self, server: Postgres, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self._copies = 0

    def prepare(self, name: str, *, overdue: int) -> Template:
        """A town with so many hazards whose first rung is due."""
        settings = _settings(self.folder, self.server.create_database(name))
        application = town.found(settings)
        due_at = town.fill_overdue(application, overdue)
        application.database.dispose()
        self.server.sql("VACUUM ANALYZE", "CHECKPOINT", database=name)
        return Template(name, due_at)

    def with_pending(self, template: Template, *, count: int) -> Template:
        """The same with so many more timers that are not due for long."""
        name = f"{template.name}_{count}"
        self.server.create_database(name, template=template.name)
        self.server.sql(_PENDING.format(count=count), "VACUUM ANALYZE", "CHECKPOINT", database=name)
        return Template(name, template.due_at)

    @contextmanager
    def copy(self, template: Template) -> Iterator[Place]:
        """A copy of one's own for one measurement."""
        self._copies += 1
        address = self.server.create_database(f"copy_{self._copies}", template=template.name)
        self.server.sql("CHECKPOINT")
        try:
            with connect(self.server, address.name) as connection:
                watch = Watch(connection, _FIRED, _LEFT.format(template.due_at.isoformat()))
                settings = _settings(self.folder, address)
                yield Place(settings, worker_environment(settings), watch)
        finally:
            self.server.drop_database(address.name)


@contextmanager
def connect(server: Postgres, name: str) -> Iterator[psycopg.Connection[Any]]:
    """The superuser's connection, to look."""
    url = f"postgresql://postgres@127.0.0.1:{server.port}/{name}"
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


class SqliteTown:
    """A town in one file, with the settings every installation has: WAL and `synchronous=FULL`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.due_at: datetime | None = None

    def prepare(self, *, overdue: int) -> None:
        """Fill the file copies are made of."""
        application = town.found(_settings(self.folder / "template"))
        self.due_at = town.fill_overdue(application, overdue)
        application.database.dispose()

    @contextmanager
    def copy(self, name: str) -> Iterator[Place]:
        """A copy of one's own for one measurement."""
        assert self.due_at is not None
        folder = self.folder / name
        shutil.copytree(self.folder / "template", folder)
        settings = _settings(folder)
        due_at = self.due_at.replace(tzinfo=None).isoformat(" ", "microseconds")
        with closing(sqlite3.connect(settings.database_url.removeprefix("sqlite:///"))) as connection:
            yield Place(
                settings, worker_environment(settings), Watch(connection, _FIRED, _LEFT.format(due_at))
            )


def worker_environment(settings: Settings) -> dict[str, str]:
    """What a worker of ours is told."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    path = os.pathsep.join(filter(None, [str(PACKAGE.parent), kept.get("PYTHONPATH")]))
    return kept | {
        "PYTHONPATH": path,
        f"{PREFIX}DATABASE_URL": settings.database_url,
        f"{PREFIX}DATA_DIR": str(settings.DATA_DIR),
        f"{PREFIX}SECRET_KEY": settings.SECRET_KEY.get_secret_value(),
    }


def _settings(folder: Path, address: DatabaseAddress | None = None) -> Settings:
    urls = {"DATABASE_URL": address.url, "DATABASE_OWNER_URL": address.owner_url} if address else {}
    return load_settings({}, DATA_DIR=folder, SECRET_KEY="bench" * 8, **urls)
