"""Debian's own Alertmanager sends to our webhook: it fires, groups, resolves and repeats; one hazard opens, none closes."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from hazard_flow.clock import SystemClock
from hazard_flow.settings import load_settings
from hazard_flow.simulation.servers import find_program
from hazard_flow.telemetry.api import blueprint
from hazard_flow.telemetry.jobs import drain_inbox
from hazard_flow.web.context import Kernel
from hazard_flow.web.shell import make_web
from tests.harness.alertmanager import alertmanager, fire
from tests.telemetry.city import City
from tests.telemetry.test_mqtt import eventually

pytestmark = pytest.mark.skipif(
    find_program("prometheus-alertmanager", "alertmanager") is None, reason="Alertmanager is not installed"
)


#: when whatever fires here began: a minute before the tests
BEGUN_AT = time.time() - 60


@contextmanager
def serving(city: City, folder: Path) -> Iterator[str]:
    """Our webhook on a port of its own."""
    settings = load_settings({}, DATA_DIR=folder, SECRET_KEY="k" * 40)
    kernel = Kernel(settings=settings, database=city.database, clock=SystemClock())
    server = make_server("127.0.0.1", 0, make_web(kernel, (blueprint,)), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/in/alertmanager/{city.alertmanager_token}"
    finally:
        server.shutdown()
        thread.join(10)


def alert(level: int, device: str, *, ends_in: float | None = None) -> dict[str, object]:
    name = {1: "CombustibleGasFirstLevel", 2: "CombustibleGasSecondLevel"}[level]
    said: dict[str, object] = {
        "labels": {"alertname": name, "device": device, "site": "VW-1", "level": str(level)},
        "annotations": {"summary": f"{device} {25 * level} %LEL"},
        # without it, an alert that ends within the second it began is another one to Alertmanager
        "startsAt": _instant(BEGUN_AT),
    }
    if ends_in is not None:
        said["endsAt"] = _instant(time.time() + ends_in)
    return said


def _instant(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


@pytest.mark.slow
def test_it_fires_groups_resolves_and_repeats_into_one_open_hazard(small_city: City, tmp_path: Path) -> None:
    city = small_city
    with serving(city, tmp_path) as webhook, alertmanager(webhook) as manager:
        fire(manager, alert(1, "G-101"))
        eventually(lambda: len(city.messages()) >= 1, seconds=15)
        drain_inbox(city.database, SystemClock())
        assert city.hazard().alarm_level == 1
        fire(manager, alert(2, "G-101"), alert(1, "G-102"))
        eventually(lambda: len(city.messages()) >= 2, seconds=15)
        drain_inbox(city.database, SystemClock())
        assert city.hazard().alarm_level == 2
        fire(manager, alert(1, "G-101", ends_in=-1), alert(1, "G-102", ends_in=-1))
        eventually(lambda: any(b'"resolved"' in m.body for m in city.messages()), seconds=15)
        drain_inbox(city.database, SystemClock())
    hazard = city.hazard()
    assert (hazard.alarm_level, hazard.closed_at) == (2, None)
    assert set(city.states()) == {"done"}
    assert sorted(a.condition for a in city.alerts()) == ["firing", "normal", "normal"]
