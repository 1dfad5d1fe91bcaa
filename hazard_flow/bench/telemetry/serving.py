"""The web process that is measured: the whole application behind waitress, its webhook committing together or each request alone.

    python -m hazard_flow.bench.telemetry.serving together|alone PORT

Settings come from the environment. Says `ready` when it listens.
"""

import importlib
import importlib.util
import os
import sys
from typing import Any

import structlog
from waitress import create_server  # type: ignore[import-untyped]

from hazard_flow import app
from hazard_flow.settings import load_settings

#: as `hazard-flow web` has
THREADS = 8
_DELIVERIES = "hazard_flow.telemetry.deliveries"


def has_group_commit() -> bool:
    """Whether this build commits deliveries together."""
    return importlib.util.find_spec(_DELIVERIES) is not None


def main() -> None:
    """Serve until told to end."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    application = app.build(load_settings(os.environ))
    web = app.create_web(application)
    if has_group_commit():
        deliveries: Any = importlib.import_module(_DELIVERIES)
        web.extensions["hazard_flow.deliveries"] = deliveries.Together(
            application.database, alone=sys.argv[1] == "alone"
        )
    server = create_server(web, host="127.0.0.1", port=int(sys.argv[2]), threads=THREADS)
    print("ready", flush=True)
    server.run()


if __name__ == "__main__":
    main()
