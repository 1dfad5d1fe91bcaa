"""The places to be mistreated."""

import pytest

from tests.chaos.place import durable_server, place, postgres_place, sqlite_place

__all__ = ["durable_server", "place", "postgres_place", "sqlite_place"]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """The full counts run in `hazard-flow soak` alone; said before a place is founded for nothing."""
    if item.get_closest_marker("soak") and "soak" not in str(item.config.getoption("markexpr")):
        pytest.skip("the full count runs by `hazard-flow soak chaos`")
