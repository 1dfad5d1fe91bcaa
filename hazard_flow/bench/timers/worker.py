"""The process that is measured: the product's own timer job, or the same engine with one timer a transaction.

    python -m hazard_flow.bench.timers.worker batched|per-row

Settings come from the environment. Says `ready` when everything is loaded, begins at the first line it is sent, ends when told.
"""

import gc
import os
import sys
import time

import structlog

from hazard_flow import app
from hazard_flow.settings import load_settings
from hazard_flow.timers.beat import Beat
from hazard_flow.timers.database_clock import DatabaseClock
from hazard_flow.timers.engine import tick
from hazard_flow.timers.scheduler import WorkerLoop

_IDLE_SECONDS = 0.05


def main() -> None:
    """Load, say so, wait, work."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    application = app.build(load_settings(os.environ))
    database, handlers = application.database, application.handlers
    clock = DatabaseClock(database, application.clock)
    gc.collect()
    gc.freeze()  # as the command line does after loading
    print("ready", flush=True)
    sys.stdin.readline()
    if sys.argv[1] == "batched":
        WorkerLoop([Beat(database, clock, handlers).job()]).run()
    while True:
        if not tick(database, clock.now(), handlers=handlers, batch=1).fired:
            time.sleep(_IDLE_SECONDS)


if __name__ == "__main__":
    main()
