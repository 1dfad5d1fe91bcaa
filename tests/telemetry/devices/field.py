"""Devices in the field of the story city, and people who look at them through the whole application."""

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from werkzeug.test import TestResponse

from hazard_flow import app as composition
from hazard_flow.identity.models import Organisation
from hazard_flow.settings import Settings
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry.devices import operations
from hazard_flow.telemetry.intake import drain
from hazard_flow.telemetry.models import Device
from hazard_flow.telemetry.operations import register_source
from hazard_flow.telemetry.packets import Packet, store_packets
from hazard_flow.timers.handlers import Handlers
from tests.harness.cast import ANPING, HENGCHUAN, PASSWORD, PEOPLE
from tests.harness.city import City
from tests.harness.founding import rules
from tests.web.office import token_of

SITES = {"G-101": "VW-1", "G-102": "VW-1", "G-900": "VW-9", "A-1": "AP-1"}
SHARDS = {HENGCHUAN: "east", ANPING: "west"}


@dataclass
class Field:
    """Four detectors at three wells of two enterprises."""

    city: City
    folder: Path
    ids: dict[str, uuid.UUID] = field(default_factory=dict)
    numbers: int = 0

    def __post_init__(self) -> None:
        with self.city.database.transaction(SYSTEM) as session:
            for name, shard in SHARDS.items():
                owner = session.get_one(Organisation, self.city.founded.units[name])
                register_source(
                    session,
                    "mqtt",
                    name=name,
                    organisation=owner,
                    now=self.city.now,
                    settings={"shard": shard},
                )
        for code in SITES:
            self.enter(code)
        self.restart()

    def restart(self) -> None:
        """Another web process, which knows nothing of the one before."""
        application = composition.Application(
            settings=Settings(DATA_DIR=self.folder, SECRET_KEY="k" * 40),
            database=self.city.database,
            clock=self.city.clock,
            store=self.city.store,
            rules=rules(),
            handlers=Handlers([]),
        )
        self.app = composition.create_web(application)

    def enter(self, code: str, **given: str) -> None:
        """A device at its site."""
        fields = {"code": code, "site": SITES[code], "kind": "gas_detector", **given}
        with self.city.database.transaction(SYSTEM) as session:
            device = session.scalar(sa.select(Device).where(Device.code == code))
            if device is None:
                device = operations.enter(session, fields, now=self.city.now, by=None)
            else:
                operations.correct(session, device, fields, now=self.city.now, by=None)
            self.ids[code] = device.id

    def measure(self, code: str, *values: float, every: float = 60, quantity: str = "ch4_lel") -> None:
        """Samples of a device on its topic, evaluated."""
        for value in values:
            self.city.clock.advance(timedelta(seconds=every))
            shard = SHARDS[ANPING if code == "A-1" else HENGCHUAN]
            self.deliver(
                f"gas/{shard}/{SITES[code]}/{code}/telemetry",
                b'{"m": {"%s": %g}}' % (quantity.encode(), value),
            )

    def deliver(self, topic: str, body: bytes) -> None:
        """One message of the broker, evaluated."""
        self.numbers += 1
        with self.city.database.transaction(SYSTEM) as session:
            store_packets(session, [Packet(topic, body, self.city.now, mid=self.numbers)])
        with self.city.database.transaction(SYSTEM) as session:
            drain(session, self.city.now)

    def person(self, name: str) -> "Onlooker":
        """Somebody signed in."""
        return Onlooker(self, name)


class Onlooker:
    """Somebody signed in at a browser without scripts."""

    def __init__(self, field_: Field, name: str) -> None:
        self.client = field_.app.test_client()
        username = next(member.username for member in PEOPLE if member.name == name)
        self.post("/sign-in", page="/sign-in", username=username, password=PASSWORD)

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, headers={"Accept": "text/html"})

    def json(self, path: str) -> Any:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json

    def post(self, path: str, *, page: str = "/help/", **fields: object) -> TestResponse:
        return self.client.post(path, data={"csrf_token": token_of(self.client, page), **fields})
