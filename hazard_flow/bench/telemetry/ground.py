"""What throughput is measured on: PostgreSQL with the gas city's sites in it, a broker, and processes of ours that begin when told."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from hazard_flow import app
from hazard_flow.bench.telemetry.consuming import consumer
from hazard_flow.bench.timers.databases import worker_environment
from hazard_flow.bench.timers.trial import end
from hazard_flow.clock import SystemClock
from hazard_flow.settings import Settings, load_settings
from hazard_flow.simulation.cast import load_cast
from hazard_flow.simulation.gas.city import gas_city
from hazard_flow.simulation.gas.messages import Message, messages
from hazard_flow.simulation.gas.settling import settle_sites
from hazard_flow.simulation.publisher import Publisher
from hazard_flow.simulation.servers import DatabaseAddress, Mosquitto, Postgres
from hazard_flow.simulation.settling import TELEMETRY_OWNER, settle
from hazard_flow.storage.scope import SYSTEM

TEMPLATE = "gas_city"
#: the month's messages are sent closer together, so that a long backlog lies within the day that is evaluated
EVERY = timedelta(seconds=15)
SEED = 20264
PRIMED_WITHIN_SECONDS = 30.0
_PASSWORD = "not-used-by-anybody"  # noqa: S105 - nobody signs in here


@dataclass
class Ground:
    """The servers, the prepared database, and the address of the webhook in it."""

    server: Postgres
    broker: Mosquitto
    folder: Path
    #: path of the Alertmanager source, secret included
    webhook: str = ""
    copies: int = 0

    def prepare(self) -> None:
        """A city with its sites and sources, as a template."""
        settings = self._settings(self.server.create_database(TEMPLATE))
        app.upgrade(settings)
        application = app.build(settings)
        now = application.clock.now()
        with application.database.transaction(SYSTEM) as session:
            settled = settle(session, load_cast(), password=_PASSWORD, now=now)
            settle_sites(session, gas_city(SEED).sites, owner=settled.organisations[TELEMETRY_OWNER], now=now)
        self.webhook = settled.source_paths["alertmanager"]
        application.database.dispose()
        self.server.sql("VACUUM ANALYZE", "CHECKPOINT", database=TEMPLATE)

    @contextmanager
    def copy(self) -> Iterator[dict[str, str]]:
        """A database of one's own for one measurement: what a process of ours is told to find it."""
        self.copies += 1
        address = self.server.create_database(f"copy_{self.copies}", template=TEMPLATE)
        self.server.sql("CHECKPOINT")
        try:
            yield worker_environment(self._settings(address))
        finally:
            self.server.drop_database(address.name)

    def _settings(self, address: DatabaseAddress) -> Settings:
        urls = {"DATABASE_URL": address.url, "DATABASE_OWNER_URL": address.owner_url}
        return load_settings({}, DATA_DIR=self.folder, SECRET_KEY="bench" * 8, **urls)


def prime(broker: Mosquitto) -> None:
    """Open the consumer's session at the broker, so that it queues what is published from now on."""
    stop, heard = threading.Event(), threading.Event()
    # The consumer's own heartbeat comes back through the broker once it has subscribed.
    ours = consumer(broker.url, lambda _: heard.set(), SystemClock())
    thread = threading.Thread(target=ours.run, args=(stop,), daemon=True)
    thread.start()
    came = heard.wait(PRIMED_WITHIN_SECONDS)
    stop.set()
    thread.join(PRIMED_WITHIN_SECONDS)
    if not came:
        raise RuntimeError(f"the broker does not answer the consumer:\n{broker.tail()}")


def publish(broker: Mosquitto, count: int, *, now: datetime) -> None:
    """So many different messages of the city, one minute after the other, the last of them just now."""
    city = gas_city(SEED)
    minutes = count // sum(len(site.detectors) for site in city.sites) * 2 + 2
    sent = messages(city, 0, min(minutes, city.parameters.samples), at=now - minutes * EVERY, every=EVERY)
    with Publisher(broker.url, "bench-gateway") as publisher:
        handed = publisher.publish_all(
            (message.topic, message.body) for message in islice(_once(sent), count)
        )
    if handed != count:
        raise RuntimeError(f"the month has {handed} messages, not {count}")


def _once(sent: Iterator[Message]) -> Iterator[Message]:
    """Without those delivered twice: the measured process counts different ones."""
    before = None
    for message in sent:
        if message is not before:
            yield message
        before = message


@contextmanager
def started(module: str, *arguments: str, environment: dict[str, str]) -> Iterator["Begun"]:
    """A process of ours, loaded and waiting for its first line; ended afterwards whatever happens."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"hazard_flow.bench.telemetry.{module}", *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        if process.stdout.readline().strip() != "ready":
            raise RuntimeError(f"{module} did not come up; run it by hand to see why")
        yield Begun(process)
    finally:
        end([process])


@dataclass(frozen=True)
class Begun:
    """A process that waits for its first line."""

    process: subprocess.Popen[str]

    def go(self) -> None:
        """Let it begin."""
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def told(self) -> dict[str, Any]:
        """What it says when it is done."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args!r} ended without a word; run it by hand to see why")
        found: dict[str, Any] = json.loads(line)
        return found
