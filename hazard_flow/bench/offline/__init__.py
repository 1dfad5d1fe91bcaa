"""What tablets hand in under a bad network: submissions with three photos each, a fifth of all requests spoiled, beside a lossless run.

Scripted clients follow the protocol over HTTP to a real `serve` process; between them stands a proxy that drops answers, cuts requests
short, answers 500 or a login page in the server's place, and dawdles. Afterwards every submission is looked for in the database and every
file in the store: what is missing is *lost*, what is there twice is *doubled*.
"""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rich.progress import track

from hazard_flow.bench import Bar, Line, Options
from hazard_flow.bench.offline.counting import Counted, count
from hazard_flow.bench.offline.ground import Ground, ground
from hazard_flow.bench.offline.proxy import FaultyProxy
from hazard_flow.bench.offline.sending import Sent, send_all
from hazard_flow.bench.offline.shots import Paper, papers

SUBMISSIONS, SUBMISSIONS_QUICK = 1000, 40
PHOTOS = 3
#: clients at the same time
TABLETS = 8
#: of all requests
FAULTS = 0.2
SEED = 20267
NONE = Bar(0, at_least=False)


def run(options: Options) -> Sequence[Line]:
    """Lost, doubled and damaged under faults; what it takes, beside a network without any."""
    written = papers(SUBMISSIONS_QUICK if options.quick else SUBMISSIONS, PHOTOS)
    calm, _, calm_seconds = _round(written, faults=0.0, told="lossless")
    rough, counted, rough_seconds = _round(written, faults=FAULTS, told=f"{FAULTS:.0%} faults")
    return lines(written, counted, rough, rough_seconds=rough_seconds, calm_seconds=calm_seconds, calm=calm)


def lines(
    written: Sequence[Paper],
    counted: Counted,
    rough: Sent,
    *,
    rough_seconds: float,
    calm_seconds: float,
    calm: Sent,
) -> list[Line]:
    """The figures."""
    every = len(written)
    return [
        Line("submissions", every, "pieces", f"{PHOTOS} photos each, {TABLETS} tablets"),
        Line("lost", counted.lost, "pieces", "in the database", bar=NONE),
        Line("doubled", counted.doubled, "pieces", "in the database", bar=NONE),
        Line("hash differences", counted.damaged, "files", f"of {counted.files} in the store", bar=NONE),
        Line("faults", rough.faults, "requests", f"of {rough.requests}"),
        Line("retries", rough.requests - calm.requests, "requests", "more than without faults"),
        Line("lossless: wall", calm_seconds, "s"),
        Line("faulty: wall", rough_seconds, "s", "lossless", rough_seconds / calm_seconds),
        Line("lossless: rate", every / calm_seconds, "1/s"),
        Line("faulty: rate", every / rough_seconds, "1/s", "lossless", calm_seconds / rough_seconds),
    ]


def _round(written: Sequence[Paper], *, faults: float, told: str) -> tuple[Sent, Counted, float]:
    with (
        tempfile.TemporaryDirectory(prefix="hazard-flow-bench-") as folder,
        ground(Path(folder)) as place,
        FaultyProxy(place.port, faults=faults, seed=SEED) as proxy,
    ):
        began = time.monotonic()
        todo = track(written, description=told, total=len(written))
        requests = send_all(todo, port=proxy.port, token=place.token, tablets=TABLETS)
        taken = time.monotonic() - began
        return Sent(requests, proxy.spoiled), _counted(place, written), taken


def _counted(place: Ground, written: Sequence[Paper]) -> Counted:
    return count(place.database, place.store, written)
