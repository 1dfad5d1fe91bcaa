"""`hazard-flow worker`, but for the time the database grants a frozen process: SECONDS instead of thirty, so that a test need not wait.

`python -m tests.chaos.hasty SECONDS`.
"""

import os
import sys
from typing import Any

import sqlalchemy as sa

from hazard_flow import app
from hazard_flow.cli.environment import configure_log
from hazard_flow.settings import load_settings


def main() -> None:
    """Work until told to stop."""
    configure_log()
    application, seconds = app.build(load_settings(os.environ)), int(sys.argv[1])

    @sa.event.listens_for(application.database.engine, "connect")
    def _hasten(connection: Any, _record: Any) -> None:
        connection.execute(f"SET idle_in_transaction_session_timeout = '{seconds}s'")
        connection.execute(f"SET tcp_user_timeout = '{seconds}s'")
        connection.commit()

    app.make_worker(application).run()


if __name__ == "__main__":
    main()
