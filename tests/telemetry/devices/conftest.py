"""Fixtures of this folder: the telemetry city on both databases, and the story city with devices in the field."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from hazard_flow.evidence.store import Store
from hazard_flow.storage.unit import Database
from tests.harness.cast import Founded
from tests.harness.city import City
from tests.harness.founding import place
from tests.telemetry.conftest import city, database, small_city
from tests.telemetry.devices.field import Field

__all__ = ["city", "database", "place", "small_city"]


@pytest.fixture
def devices(place: tuple[Database, Founded, str], tmp_path: Path) -> Iterator[Field]:
    """Detectors in the story city, on each kind of database; what must always be true of hazards is checked at the end."""
    database_, founded, owner_url = place
    story = City(database_, founded, owner_url=owner_url, store=Store(MemoryStore()))
    yield Field(story, tmp_path)
    story.checks()
