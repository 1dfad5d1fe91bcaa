"""Fixtures of this folder."""

from pathlib import Path

import pytest

from tests.harness.city import City, city, place
from tests.harness.site import small_site
from tests.inspections.office import Office

__all__ = ["city", "place", "small_site"]


@pytest.fixture
def office(city: City, tmp_path: Path) -> Office:
    """The whole application over the city."""
    return Office(city, tmp_path)
