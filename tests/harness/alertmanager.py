"""A real Alertmanager that sends to the application under test."""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hazard_flow.simulation.servers import Alertmanager


def fire(manager: Alertmanager, *alerts: dict[str, Any]) -> None:
    """Hand alerts (`{"labels": {…}, "annotations": {…}, "startsAt": …}`) to Alertmanager as Prometheus does."""
    request = urllib.request.Request(
        f"{manager.url}/api/v2/alerts",
        data=json.dumps(alerts).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


@contextmanager
def alertmanager(webhook: str) -> Iterator[Alertmanager]:
    """Alertmanager with one receiver: the webhook address given."""
    with Alertmanager(webhook) as running:
        yield running
