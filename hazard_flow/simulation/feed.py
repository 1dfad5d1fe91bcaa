"""The demo's one live thing: a few detectors that report for ever, through the broker where there is one, and now and then one rises."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from random import Random

import structlog

from hazard_flow.clock import Clock
from hazard_flow.simulation.publisher import Publisher
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.telemetry.packets import Packet, store_packets

log = structlog.get_logger("simulation.feed")

SHARD = "yunze"
EVERY_SECONDS = 5.0
RETRY_SECONDS = 10.0
#: site and detector; VW-1 and VW-9 are left to whoever tries the system out
DETECTORS = (("FM-0211", "D-0211"), ("FM-0211", "D-0212"), ("FM-0093", "D-0093"), ("TY-0318", "D-0318"))
#: the one that rises: first after a minute and a half, then every half hour
RISING = "D-0211"
FIRST_RISE_SECONDS, RISE_EVERY_SECONDS = 90.0, 1800.0
RAMP_SECONDS, HOLD_SECONDS, FALL_SECONDS = 60.0, 75.0, 150.0
#: level 1 begins at 25 %LEL; the feed stays below level 2
PEAK_LOW, PEAK_HIGH = 28.5, 34.0

Publish = Callable[[str, bytes], None]


def reading(device: str, elapsed: float) -> float:
    """What a detector shows so many seconds after the start, in %LEL, one decimal; the same for the same instant."""
    calm = Random(f"{device}:base").uniform(0.8, 2.6)
    flutter = Random(f"{device}:{int(elapsed)}").gauss(0, 0.18)
    return round(max(0.0, calm + flutter + (_rise(elapsed) if device == RISING else 0.0)), 1)


def _rise(elapsed: float) -> float:
    if elapsed < FIRST_RISE_SECONDS:
        return 0.0
    number, since = divmod(elapsed - FIRST_RISE_SECONDS, RISE_EVERY_SECONDS)
    peak = Random(f"rise:{int(number)}").uniform(PEAK_LOW, PEAK_HIGH)
    if since < RAMP_SECONDS:
        return peak * since / RAMP_SECONDS
    since -= RAMP_SECONDS
    if since < HOLD_SECONDS:
        return peak
    return peak * max(0.0, 1 - (since - HOLD_SECONDS) / FALL_SECONDS)


@dataclass(frozen=True)
class Feed:
    """Speaks for all detectors until told to stop. `mqtt_url` None delivers in this process, without a broker."""

    database: Database
    clock: Clock
    mqtt_url: str | None = None
    every_seconds: float = EVERY_SECONDS

    def run(self, stop: threading.Event) -> None:
        """Report every few seconds; a broker that goes away is tried again."""
        started_at = self.clock.now()
        number = 0
        while not stop.is_set():
            try:
                with self._way_out() as publish:
                    while not stop.is_set():
                        number += 1
                        self._report(publish, number, self.clock.now() - started_at)
                        stop.wait(self.every_seconds)
            except OSError as error:
                log.warning("feed interrupted", error=str(error))
                stop.wait(RETRY_SECONDS)

    def _report(self, publish: Publish, number: int, elapsed: timedelta) -> None:
        now = self.clock.now()
        for site, device in DETECTORS:
            sample = {
                "id": f"{device}-{int(now.timestamp())}",
                "seq": number,
                "ts": now.isoformat(timespec="milliseconds"),
                "m": {"ch4_lel": reading(device, elapsed.total_seconds())},
                "q": "good",
                "fw": "2.4.1",
            }
            publish(f"gas/{SHARD}/{site}/{device}/telemetry", json.dumps(sample).encode())

    def _way_out(self) -> AbstractContextManager[Publish]:
        return _through_broker(self.mqtt_url) if self.mqtt_url else _in_process(self.database, self.clock)


@contextmanager
def _through_broker(url: str) -> Iterator[Publish]:
    with Publisher(url, "demo-feed") as publisher:
        yield publisher.publish


@contextmanager
def _in_process(database: Database, clock: Clock) -> Iterator[Publish]:
    def publish(topic: str, body: bytes) -> None:
        with database.transaction(SYSTEM) as session:
            store_packets(session, [Packet(topic, body, clock.now())])

    yield publish
