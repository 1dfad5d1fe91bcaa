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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from hazard_flow import app
from hazard_flow.app import Application
from hazard_flow.clock import Clock
from hazard_flow.settings import load_settings
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry import inbox, jobs, packets
from hazard_flow.telemetry.signals import Raw
from hazard_flow.telemetry.sources import device_topics, mqtt

CLIENT_ID = "hazard-flow-intake"
#: between two looks at the inbox, and at the memory
_IDLE_SECONDS = 0.1


def consumer(url: str, store: Callable[[Sequence[packets.Packet]], object], clock: Clock) -> mqtt.Consumer:
    """The product's consumer of everything on the broker."""
    return mqtt.Consumer(broker=mqtt.Broker(url), client_id=CLIENT_ID, store=store, clock=clock)


@dataclass
class Count:
    """How many messages are through, of how many."""

    wanted: int
    done: int = 0

    @property
    def is_over(self) -> bool:
        """Whether all are."""
        return self.done >= self.wanted


def main() -> None:
    """Load, say so, wait, work, say how it was."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    mode, url, count = sys.argv[1], sys.argv[2], Count(int(sys.argv[3]))
    application = app.build(load_settings(os.environ))
    take, stop = _MODES[mode], threading.Event()
    memory: list[int] = []

    def keep(batch: Sequence[packets.Packet]) -> None:
        take(application, batch)
        count.done += sum(not packet.topic.startswith(packets.HEARTBEAT) for packet in batch)

    thread = threading.Thread(target=consumer(url, keep, application.clock).run, args=(stop,), daemon=True)
    print("ready", flush=True)
    sys.stdin.readline()
    begun, cpu = time.monotonic(), time.process_time()
    thread.start()
    while not count.is_over or (mode == "whole" and _waits(application)):
        if mode == "whole":  # what the worker's other job does
            jobs.drain_inbox(application.database, application.clock)
        memory.append(_memory_kib())
        time.sleep(_IDLE_SECONDS)
    told = {
        "seconds": time.monotonic() - begun,
        "cpu_seconds": time.process_time() - cpu,
        "memory_kib": memory,
    }
    stop.set()
    thread.join(10)
    print(json.dumps(told), flush=True)


def _waits(application: Application) -> bool:
    with application.database.reading(SYSTEM) as session:
        return inbox.is_waiting(session)


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


def _whole(application: Application, batch: Sequence[packets.Packet]) -> None:
    """As `run_consumer` does: what it cannot evaluate at once is left to `drain_inbox`."""
    jobs.take_packets(application.database, batch, application.clock.now())


_MODES: Mapping[str, Callable[[Application, Sequence[packets.Packet]], None]] = {
    "parse": _parse,
    "store": _store,
    "whole": _whole,
}


def _memory_kib() -> int:
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


if __name__ == "__main__":
    main()
