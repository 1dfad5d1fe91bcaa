"""Server time of the pages people open all day, on the demo city, each beside a page that asks nothing of the database.

In process through WSGI: what is measured is our own work, not the network. Every page is asked in turn, round by round, so that a slow
minute of the machine hits all of them alike.
"""

import json
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from flask.testing import FlaskClient
from rich.progress import track

from hazard_flow import app
from hazard_flow.bench import Line, Options
from hazard_flow.settings import load_settings
from hazard_flow.simulation.city import build

ROUNDS = 60
WARM_UP = 3
#: the issue's bar for the 95th percentile, milliseconds
BAR_MS = 150.0
_REFERENCE = "/livez"


def run(options: Options) -> Sequence[Line]:
    """Median and 95th percentile of each page, in milliseconds, and its ratio to the page that does nothing."""
    with tempfile.TemporaryDirectory(prefix="hazard-flow-bench-") as folder:
        client, headers, number = _city(Path(folder))
        pages = {
            "list": "/hazards",
            "board": "/hazards/board",
            "hazard": f"/hazards/{number}",
            "my_work": "/",
            "api_list": "/api/v1/hazards",
            "api_hazard": f"/api/v1/hazards/{number}",
        }
        times: dict[str, list[float]] = {name: [] for name in (*pages, _REFERENCE)}
        for _ in range(WARM_UP):
            for path in pages.values():
                _ask(client, path, headers)
        for _ in track(range(5 if options.quick else ROUNDS), description="bench pages"):
            for name, path in pages.items():
                times[name].append(_ask(client, path, headers))
            times[_REFERENCE].append(_ask(client, _REFERENCE, {}))
    return list(_lines(times))


def _lines(times: dict[str, list[float]]) -> Sequence[Line]:
    floor = statistics.median(times.pop(_REFERENCE))
    found = []
    for name, taken in times.items():
        p95 = statistics.quantiles(taken, n=20)[18]
        found.append(
            Line(
                f"{name}: median_ms",
                statistics.median(taken),
                "ms",
                "an empty page",
                statistics.median(taken) / floor,
            )
        )
        found.append(Line(f"{name}: p95_ms", p95, "ms", f"bar {BAR_MS:.0f} ms", p95 / BAR_MS))
    return found


def _city(folder: Path) -> tuple[FlaskClient, dict[str, str], str]:
    settings = load_settings({}, DATA_DIR=folder, SECRET_KEY=os.urandom(32).hex())
    app.upgrade(settings)
    application = app.build(settings)
    city = build(application.database, application.store, application.clock)
    client = app.create_web(application).test_client()
    first = next(a for a in city.accounts if a.role == "regulator")
    headers = {"Authorization": f"Bearer {first.api_token}"}
    answer = client.get("/api/v1/hazards?stage=closed&limit=1", headers=headers)
    return client, headers, str(json.loads(answer.data)["items"][0]["number"])


def _ask(client: FlaskClient, path: str, headers: dict[str, str]) -> float:
    started = time.perf_counter()
    answer = client.get(path, headers=headers)
    taken = (time.perf_counter() - started) * 1000
    assert answer.status_code == 200, f"{path} answered {answer.status_code}"
    return taken
