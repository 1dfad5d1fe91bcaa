"""Devices in the field of a running site: a day of history behind them, and a feed that goes on while somebody looks."""

import json
import math
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import Random

from hazard_flow.assets.models import Asset
from hazard_flow.clock import SystemClock
from hazard_flow.identity.models import Organisation
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry.devices import operations
from hazard_flow.telemetry.operations import register_source
from hazard_flow.telemetry.packets import Packet, store_packets
from tests.harness.cast import HENGCHUAN
from tests.harness.site import Site

SHARD = "live"
#: code → site, kind, further particulars
DEVICES = {
    "GW-07": ("VW-9", "gateway", {}),
    "L-101": ("VW-1", "gas_detector", {"maker": "汉测仪表", "model": "HC-20", "serial": "2306-0117", "calibration_due_on": "2099-02-28"}),
    "L-102": ("VW-1", "well_terminal", {"gateway": "GW-07", "upstream": "VW-9", "installed_on": "2025-06-30"}),
    "L-103": ("VW-1", "gas_detector", {"calibrated_on": "2024-03-01", "calibration_due_on": "2025-02-28"}),
    "L-201": ("VW-9", "regulator_terminal", {"maker": "江宁自控", "model": "RTU-4"}),
    "L-202": ("VW-9", "cp_station", {}),
    "L-203": ("VW-9", "cover_switch", {}),
}  # fmt: skip


def furnish(site: Site) -> dict[str, uuid.UUID]:
    """The devices with a day of samples; ids by code. Called again on the same site it only says the ids."""
    known: dict[str, uuid.UUID] | None = getattr(site, "_live_devices", None)
    if known is not None:
        return known
    now, ids = SystemClock().now(), {}
    with site.database.transaction(SYSTEM) as session:
        owner = session.get_one(Organisation, site.city.founded.units[HENGCHUAN])
        register_source(
            session, "mqtt", name="恒川监测网", organisation=owner, now=now, settings={"shard": SHARD}
        )
        # two places on the map, not one on the other
        well = session.get_one(Asset, site.city.founded.assets["VW-9"])
        well.lon, well.lat = 119.412, 32.407
        for code, (at, kind, given) in DEVICES.items():
            fields = {"code": code, "site": at, "kind": kind, **given}
            ids[code] = operations.enter(session, fields, now=now, by=None).id
    for code in ("L-101", "L-102", "L-103", "L-201"):
        minutes = range(1380, 0, -10)
        say(site, code, [_sample(code, now - timedelta(minutes=m)) for m in minutes])
    site._live_devices = ids  # type: ignore[attr-defined]
    return ids


def say(site: Site, code: str, samples: list[dict[str, object]] | dict[str, object]) -> None:
    """One message of a device."""
    topic = f"gas/{SHARD}/{DEVICES[code][0]}/{code}/telemetry"
    packet = Packet(topic, json.dumps(samples).encode(), SystemClock().now())
    with site.database.transaction(SYSTEM) as session:
        store_packets(session, [packet])


@contextmanager
def feed(site: Site, *, every: float = 1.0) -> Iterator[None]:
    """Ordinary samples of two devices, again and again until the block ends."""
    stopping = threading.Event()

    def run() -> None:
        while not stopping.wait(every):
            for code in ("L-102", "L-201"):
                say(site, code, _sample(code, SystemClock().now()))

    thread = threading.Thread(target=run, name="feed", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(timeout=10)


def _sample(code: str, at: datetime) -> dict[str, object]:
    dice, hour = Random(f"{code}{at.isoformat()}"), at.timestamp() / 3600
    values: dict[str, float]
    if code == "L-201":
        wave = math.sin(hour * math.tau / 12)
        values = {
            "pressure_out": 2.4 + 0.12 * wave + dice.gauss(0, 0.01),
            "pressure_in": 182 + 9 * wave,
            "filter_dp": 3.1,
        }
    elif code == "L-102":
        values = {
            "ch4_lel": max(0.0, 1.4 + dice.gauss(0, 0.3)),
            "water": 0,
            "cover": 0,
            "temperature": 14 + 3 * math.sin(hour * math.tau / 24),
        }
    else:
        values = {"ch4_lel": max(0.0, 2.2 + 0.8 * math.sin(hour) + dice.gauss(0, 0.25))}
    return {
        "ts": at.isoformat(timespec="milliseconds"),
        "m": {name: round(value, 3) for name, value in values.items()},
    }
