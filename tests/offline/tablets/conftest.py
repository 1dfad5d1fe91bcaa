"""The story city with its web application, and one tablet that reports in."""

from pathlib import Path

import pytest

from tests.harness.city import City, city, place
from tests.offline.depot import Depot

__all__ = ["city", "place"]


@pytest.fixture
def depot(city: City, tmp_path: Path) -> Depot:
    return Depot(city, tmp_path)
