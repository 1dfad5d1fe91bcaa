"""A city in a blink: founded once a process, its file copied for each episode, without the durability nobody needs here."""

import atexit
import itertools
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hazard_flow.clock import VirtualClock
from hazard_flow.hazards.rules import install_rules
from hazard_flow.simulation.servers import DatabaseAddress
from hazard_flow.storage.engine import make_engine
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from tests.harness import founding
from tests.harness.cast import START, found
from tests.harness.postgres import PostgresBench
from tests.sim.cast import Cast, settle_in
from tests.sim.faults import Breakable
from tests.sim.ids import seeded

#: the founding itself is the same in every process
FOUNDED_BY = 20_261_102
_numbers = itertools.count(1)
#: who was founded on each server
_casts: dict[int, Cast] = {}


@dataclass(frozen=True)
class Place:
    """One city's database and the people in it."""

    database: Breakable
    cast: Cast


@contextmanager
def sqlite_place() -> Iterator[Place]:
    """A fresh copy of the founded city in a file of its own."""
    template, cast = _template()
    copy = template.parent / f"city-{next(_numbers)}.db"
    shutil.copy(template, copy)
    database = _opened(make_engine(f"sqlite:///{copy}"))
    try:
        yield Place(database, _own(cast))
    finally:
        database.dispose()
        for file in template.parent.glob(f"{copy.name}*"):
            file.unlink()


@contextmanager
def postgres_place(bench: PostgresBench) -> Iterator[Place]:
    """A fresh city on a real PostgreSQL, seen by the application's role."""

    def prepare(address: DatabaseAddress) -> None:
        founding.migrated(address)
        with _founded(make_engine(address.url)) as cast:
            _casts[id(bench)] = cast

    address = bench.fresh(prepare, key="simulated")
    database = _opened(make_engine(address.url))
    try:
        yield Place(database, _own(_casts[id(bench)]))
    finally:
        database.dispose()
        bench.drop(address)


@cache
def _template() -> tuple[Path, Cast]:
    folder = Path(tempfile.mkdtemp(prefix="hazard-flow-simulated-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    file = folder / "template.db"
    url = f"sqlite:///{file}"
    founding.migrated(DatabaseAddress(name="template", url=url, owner_url=url))
    with _founded(make_engine(url)) as cast:
        return file, cast


@contextmanager
def _founded(engine: sa.Engine) -> Iterator[Cast]:
    dice = random.Random(FOUNDED_BY)
    database = _opened(engine)
    with seeded(dice, VirtualClock(START)):
        founded = found(database)
        with database.transaction(SYSTEM) as session:
            cast = settle_in(session, founded, dice)
    database.dispose()
    yield cast


def _own(cast: Cast) -> Cast:
    """A cast this episode may change."""
    return replace(
        cast, units=dict(cast.units), assets=dict(cast.assets), actors=dict(cast.actors), away=set(cast.away)
    )


def _opened(engine: sa.Engine) -> Breakable:
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _without_durability)
    database = Breakable(engine)
    install_rules(database.info, founding.rules())
    return database


def _without_durability(connection: sqlite3.Connection, _record: Any) -> None:
    # One process, no power cut: an acknowledged commit lives in memory. Nobody to wait for either: a lock held here is held on purpose.
    for pragma in ("synchronous=OFF", "busy_timeout=0", "wal_autocheckpoint=4000"):
        connection.execute(f"PRAGMA {pragma}")


def is_sqlite(database: Database) -> bool:
    """Whether the city lives in a file."""
    return database.engine.dialect.name == "sqlite"
