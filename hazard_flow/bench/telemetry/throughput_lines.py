"""The throughput table: servers are started, a city is settled, and each figure is measured in rounds."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from hazard_flow.bench import Line, Options
from hazard_flow.bench.telemetry import intake_lines, webhook_lines
from hazard_flow.bench.telemetry.ground import Ground
from hazard_flow.simulation.servers import Mosquitto, Postgres

MESSAGES, QUICK_MESSAGES = 20_000, 1_500
BACKLOG, QUICK_BACKLOG = 1_000_000, 5_000
ROUNDS, SECONDS = 3, 6.0


def measured(options: Options) -> Sequence[Line]:
    """Everything about speed."""
    count, length = (QUICK_MESSAGES, QUICK_BACKLOG) if options.quick else (MESSAGES, BACKLOG)
    rounds, seconds = (1, 1.5) if options.quick else (ROUNDS, SECONDS)
    with (
        tempfile.TemporaryDirectory(prefix="hazard-flow-bench-") as name,
        Postgres() as server,
        Mosquitto() as broker,
    ):
        ground = Ground(server, broker, Path(name))
        ground.prepare()
        return [
            *intake_lines.rates(ground, count=count, rounds=rounds),
            *webhook_lines.rates(ground, seconds=seconds, rounds=rounds),
            *intake_lines.backlog(ground, count=length),
        ]
