"""What the server says of a city of 50 000 assets, 5 000 pipes and 5 000 open hazards: milliseconds and bytes of a view at each zoom.

In process through WSGI on the embedded database; a view is the region a browser of 1280 × 800 asks for. How long it takes until somebody
sees it, from the input to the painted frame, is measured in Chromium by `tests/browser/test_map.py`.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from rich.progress import track

from hazard_flow import app
from hazard_flow.assets.map import viewports
from hazard_flow.bench import Line, Options
from hazard_flow.bench._wide_city import BOX, lay_out
from hazard_flow.i18n import Label
from hazard_flow.identity import operations as identity
from hazard_flow.settings import load_settings
from hazard_flow.storage.scope import SYSTEM

ASSETS, PIPES, HAZARDS = 50_000, 5_000, 5_000
ROUNDS = 15
ZOOMS = range(11, 19)
#: the issue's bar for half of all moves, of which the server's answer is a part where one has to be waited for
BAR_MS = 100.0
LAYERS = "pipes,assets,hazards,alarms"
WIDTH_PX, HEIGHT_PX = 1_536, 1_024


def run(options: Options) -> Sequence[Line]:
    """Median milliseconds and the payload of a view at each zoom, fresh each time."""
    scale = 20 if options.quick else 1
    with tempfile.TemporaryDirectory(prefix="hazard-flow-bench-") as folder:
        client, headers = _city(Path(folder), scale)
        found: list[Line] = []
        for zoom in track(ZOOMS, description="bench map"):
            taken, size = _measure(client, headers, zoom, 3 if options.quick else ROUNDS)
            median = statistics.median(taken)
            found.append(
                Line(f"zoom {zoom}: median_ms", median, "ms", f"bar {BAR_MS:.0f} ms", median / BAR_MS)
            )
            found.append(Line(f"zoom {zoom}: payload_kb", size / 1000, "kB"))
    return found


def _measure(client: Any, headers: dict[str, str], zoom: int, rounds: int) -> tuple[list[float], float]:
    taken, sizes = [], []
    for number in range(rounds):
        # a little further east each time: no answer is kept from the one before
        lon = (BOX[0] + BOX[2]) / 2 + number * 0.0001
        view = viewports.around(lon, (BOX[1] + BOX[3]) / 2, zoom, width_px=WIDTH_PX, height_px=HEIGHT_PX)
        edges = {name: getattr(view, name) for name in ("west", "south", "east", "north", "zoom")}
        started = time.perf_counter()
        answer = client.get(f"/api/v1/map/{LAYERS}?{urlencode(edges)}", headers=headers)
        taken.append((time.perf_counter() - started) * 1000)
        assert answer.status_code == 200, answer.status_code
        sizes.append(len(answer.data))
    return taken, statistics.median(sizes)


def _city(folder: Path, scale: int) -> tuple[Any, dict[str, str]]:
    settings = load_settings({}, DATA_DIR=folder, SECRET_KEY=os.urandom(32).hex())
    app.upgrade(settings)
    application = app.build(settings)
    now = application.clock.now()
    with application.database.transaction(SYSTEM) as session:
        identity.add_division(session, code="990102", label=Label(zh="城东区", en="East"))
        owner = identity.add_organisation(
            session, kind="enterprise", label=Label(zh="甲燃气", en="A Gas"), division="990102", now=now
        )
        person = identity.add_person(
            session,
            username="bench",
            name="测",
            organisation=owner,
            roles=("safety_director",),
            password=os.urandom(12).hex(),
            now=now,
        )
        token = identity.add_token(session, person=person, name="bench", now=now, rights="read")
        owner_id = owner.id
    lay_out(
        application.database,
        owner_id,
        now=now,
        assets=ASSETS // scale,
        pipes=PIPES // scale,
        hazards=HAZARDS // scale,
    )
    client = app.create_web(application).test_client()
    return client, {"Authorization": f"Bearer {token}"}
