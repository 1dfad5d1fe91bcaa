"""`hazard-flow web`, but each webhook waits between its commit and its answer, so that a kill finds it there.

`python -m tests.chaos.late_answer web --port PORT`.
"""

import time
from collections.abc import Sequence

from hazard_flow.__main__ import main
from hazard_flow.telemetry.deliveries import Delivery, Together

PAUSE_SECONDS = 120


class Late(Together):
    """Stores at once and says so late."""

    def store(self, delivery: Delivery) -> Sequence[bool]:
        stored = super().store(delivery)
        time.sleep(PAUSE_SECONDS)
        return stored


if __name__ == "__main__":
    from hazard_flow.telemetry import api

    api.Together = Late  # type: ignore[misc]
    main()
