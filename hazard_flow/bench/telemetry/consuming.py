"""The process that is measured: the product's own consumer, alone, with the inbox, or with everything behind it.

    python -m hazard_flow.bench.telemetry.consuming parse|store|whole MQTT_URL COUNT

`parse` reads every message and acknowledges it, no database; `store` keeps it in the inbox before; `whole` evaluates it as well, by the
same calls a worker makes. Settings come from the environment. Says `ready` when loaded, begins at the first line it is sent, prints what
it measured once COUNT messages are done.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from hazard_flow import app
from hazard_flow.app import Application
from hazard_flow.settings import load_settings
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry import jobs, packets
from hazard_flow.telemetry.signals import Raw
from hazard_flow.telemetry.sources import device_topics, mqtt

CLIENT_ID = "hazard-flow-intake"
#: so many times on the way the memory is read
LOOKS = 50
_IDLE_SECONDS = 0.02


def consumer(url: str, store: Callable[[Sequence[packets.Packet]], object], clock: Any) -> mqtt.Consumer:
    """The product's consumer of everything on the broker."""
    # With TLS the consumer is given a `Broker`, before it had the address alone.
    broker = getattr(mqtt, "Broker", None)
    way: Any = {"url": url} if broker is None else {"broker": broker(url)}
    return mqtt.Consumer(**way, client_id=CLIENT_ID, store=store, clock=clock)


@dataclass
class Count:
    """How far it is, and the process's memory on the way, KiB."""

    wanted: int
    done: int = 0
    memory: list[int] = field(default_factory=list)

    def add(self, number: int) -> None:
        """So many more are done."""
        before, self.done = self.done, self.done + number
        if self.done * LOOKS // self.wanted > before * LOOKS // self.wanted:
            self.memory.append(_memory_kib())

    @property
    def is_over(self) -> bool:
        """Whether all are."""
        return self.done >= self.wanted


def main() -> None:
    """Load, say so, wait, work, say how it was."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    mode, url, wanted = sys.argv[1], sys.argv[2], int(sys.argv[3])
    application = app.build(load_settings(os.environ))
    count, stop = Count(wanted), threading.Event()
    store = {"parse": _parse, "store": _store, "whole": _store}[mode]
    counted = Count(wanted) if mode == "whole" else count

    def keep(batch: Sequence[packets.Packet]) -> None:
        store(application, batch)
        counted.add(sum(not packet.topic.startswith(packets.HEARTBEAT) for packet in batch))

    thread = threading.Thread(target=consumer(url, keep, application.clock).run, args=(stop,), daemon=True)
    print("ready", flush=True)
    sys.stdin.readline()
    begun, cpu = time.monotonic(), time.process_time()
    thread.start()
    while not count.is_over:
        taken = jobs.drain_inbox(application.database, application.clock).taken if mode == "whole" else 0
        count.add(taken)
        if not taken:
            time.sleep(_IDLE_SECONDS)
    told = {
        "seconds": time.monotonic() - begun,
        "cpu_seconds": time.process_time() - cpu,
        "memory_kib": count.memory,
    }
    stop.set()
    thread.join(10)
    print(json.dumps(told), flush=True)


def _parse(application: Application, batch: Sequence[packets.Packet]) -> None:
    """What the way of a message does before the database and after it, without one."""
    del application
    for packet in batch:
        key = device_topics.delivery_key(packet.topic, packet.body, packet.received_at)
        headers = {"topic": packet.topic, "retain": packet.retain, "key": key or ""}
        device_topics.parse(Raw("mqtt", packet.body, packet.received_at, headers))


def _store(application: Application, batch: Sequence[packets.Packet]) -> None:
    with application.database.transaction(SYSTEM) as session:
        packets.store_packets(session, batch)


def _memory_kib() -> int:
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


if __name__ == "__main__":
    main()
