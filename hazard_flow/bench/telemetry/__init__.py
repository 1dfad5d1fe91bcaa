"""Telemetry: how well the alarm rules find leaks in a labelled city and how little noise they make, and how fast messages are taken.

Quality is judged on months of unseen seeds through the product's own fold, lever by lever, against labels and a naive panel. Throughput is
measured in rounds, both sides of every ratio in turn, because a rate taken alone says more about the minute than about the program.
"""

import importlib.util
from collections.abc import Sequence

from hazard_flow.bench import Line, Options
from hazard_flow.simulation.process import ServerMissing


def run(options: Options) -> Sequence[Line]:
    """Measure, and keep tables and plots beside the figures where asked to."""
    if importlib.util.find_spec("numpy") is None:
        raise ServerMissing("numpy; install it into this environment")
    from hazard_flow.bench.telemetry import (
        quality_lines,
        throughput_lines,
    )  # need numpy, which operation does without

    return [*throughput_lines.measured(options), *quality_lines.measured(options)]
