"""The web process that is measured: the whole application behind waitress, its webhook committing together or each request alone.

    python -m hazard_flow.bench.telemetry.serving together|alone PORT

Settings come from the environment. Says `ready` when it listens.
"""

import os
import sys

import structlog
from waitress import create_server  # type: ignore[import-untyped]

from hazard_flow import app
from hazard_flow.settings import load_settings
from hazard_flow.telemetry import api
from hazard_flow.telemetry.deliveries import Together

#: as `hazard-flow web` has
THREADS = 8


def main() -> None:
    """Serve until told to end."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    application = app.build(load_settings(os.environ))
    web = app.create_web(application)
    together = Together(application.database, alone=sys.argv[1] == "alone")
    web.extensions[api.EXTENSION] = together
    server = create_server(web, host="127.0.0.1", port=int(sys.argv[2]), threads=THREADS)
    print("ready", flush=True)
    server.run()


if __name__ == "__main__":
    main()
