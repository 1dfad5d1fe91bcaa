"""Fixtures of this folder: the city on both databases."""

from pathlib import Path

import pytest

from hazard_flow.storage.engine import make_engine
from hazard_flow.storage.unit import Database
from tests.schedule.databases import build as build_tables
from tests.schedule.databases import database
from tests.telemetry.city import City, build
from tests.telemetry.desk_city import DeskCity, open_desk

__all__ = ["database"]


@pytest.fixture
def city(database: Database) -> City:
    """The city, once on each database."""
    return build(database)


@pytest.fixture
def small_city(tmp_path: Path) -> City:
    """The city on the embedded database alone, for what does not depend on which."""
    url = f"sqlite:///{tmp_path / 'city.db'}"
    build_tables(url)
    return build(Database(make_engine(url)))


@pytest.fixture
def desk(city: City) -> DeskCity:
    """The alarm desk, once on each database."""
    return open_desk(city)


@pytest.fixture
def small_desk(small_city: City) -> DeskCity:
    """The alarm desk on the embedded database alone."""
    return open_desk(small_city)
