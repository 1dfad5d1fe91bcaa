"""What every test may ask for. Servers start once a session (and once a worker), and only when a test asks."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from hazard_flow.simulation.servers import Mosquitto
from tests.harness import founding
from tests.harness.browser import chromium
from tests.harness.drawing import Noting, mark_drawn
from tests.harness.mosquitto import broker
from tests.harness.postgres import PostgresBench, postgres_bench

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.harness.s3 import S3Server

# A busy machine is not a bug: deadlines are measured by `bench`, not guessed by each example.
settings.register_profile("ci", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci")

#: Fixtures that need a server, by the marker they bring along.
MARKED = {
    "postgres_server": "postgres",
    "durable_server": "postgres",
    "mqtt_broker": "broker",
    "browser": "browser",
}


#: folders whose files take minutes each: begun first, so that no process is left alone with one of them at the end
LONG = ("browser", "bench", "chaos", "guards", "reports", "rulebook", "sim", "simulation")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The run of every change takes a sample of the costliest tests; by hand, each test that is named runs."""
    parser.addoption("--sampled", action="store_true", help="leave out what this run's seed does not draw")
    parser.addoption(
        "--note-costs",
        type=Path,
        metavar="FILE",
        help="write what the dearest tests cost, as tests/costs.csv",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Costs are noted where all reports come together."""
    file = config.getoption("note_costs")
    if file is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Noting(file), "note-costs")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark each test by the servers it asks for, so that `-m "not browser"` works without anybody remembering.

    The full counts run where they are asked for by name: by `hazard-flow soak`.
    """
    here = Path(__file__).parent
    mark_drawn(config, items, here)
    is_soak = "soak" in str(config.getoption("markexpr"))
    for item in items:
        if not is_soak and item.get_closest_marker("soak"):
            item.add_marker(pytest.mark.skip("the full count runs by `hazard-flow soak`"))
        for fixture in getattr(item, "fixturenames", ()):
            if fixture in MARKED:
                item.add_marker(MARKED[fixture])
    items.sort(key=lambda item: item.path.relative_to(here).parts[0] not in LONG)  # otherwise as shuffled


@pytest.fixture(autouse=True, scope="session")
def _own_settings_only() -> None:
    """No test reads the settings of whoever runs it."""
    for name in [name for name in os.environ if name.startswith("HAZARD_FLOW_")]:
        del os.environ[name]


@pytest.fixture(autouse=True, scope="session")
def _kept_cities_closed() -> Iterator[None]:
    """Before anything they stand on is stopped."""
    yield
    founding.let_go()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresBench]:
    """A real PostgreSQL with the two roles; `.fresh(prepare)` gives a database of one's own."""
    with postgres_bench() as bench:
        yield bench


@pytest.fixture(scope="session")
def mqtt_broker() -> Iterator[Mosquitto]:
    """A real mosquitto on a free port."""
    with broker() as running:
        yield running


@pytest.fixture(scope="session")
def s3_server() -> Iterator["S3Server"]:
    """A real S3 on a free port; `.fresh()` gives a bucket of one's own."""
    from tests.harness.s3 import s3_server_running  # moto is large, and few tests need it

    with s3_server_running() as running:
        yield running


# By the file: while Playwright runs, its loop stands in the thread, and nothing else in it can run one of its own.
@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """A real Chromium."""
    with chromium() as running:
        yield running
