"""A real broker for the session, driven from outside by mosquitto's own client."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hazard_flow.simulation.servers import Mosquitto, find_program


def publish(broker: Mosquitto, topic: str, payload: bytes | str | dict[str, Any], *, qos: int = 1) -> None:
    """Publish one message with `mosquitto_pub`, a client we did not write; returns once the broker has it."""
    body = json.dumps(payload, ensure_ascii=False) if isinstance(payload, dict) else payload
    program = find_program("mosquitto_pub") or "mosquitto_pub"
    subprocess.run(
        [program, "-h", "127.0.0.1", "-p", str(broker.port), "-q", str(qos), "-t", topic, "-s"],
        input=body.encode() if isinstance(body, str) else body,
        check=True,
        timeout=20,
    )


@contextmanager
def broker() -> Iterator[Mosquitto]:
    """The broker of one test session."""
    with Mosquitto() as running:
        yield running
