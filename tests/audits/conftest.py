"""Fixtures of this folder."""

from collections.abc import Iterator

import pytest

from hazard_flow.reports.worker import Press
from tests.audits.bench import Bench
from tests.harness.city import City, city, place

__all__ = ["city", "place"]


@pytest.fixture(scope="session")
def press() -> Iterator[Press]:
    """One press for all files."""
    with Press() as press:
        yield press


@pytest.fixture
def bench(city: City) -> Bench:
    """The audit desk of a city of one's own."""
    return Bench(city)
