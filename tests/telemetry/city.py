"""A small gas city for telemetry: one enterprise, two valve wells, five detectors, an Alertmanager and a broker; time is an argument."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from hazard_flow.assets.models import Asset
from hazard_flow.assets.operations import add_asset
from hazard_flow.hazards.changes import Act
from hazard_flow.hazards.door import apply_one
from hazard_flow.hazards.models import Hazard, HazardEvent
from hazard_flow.hazards.rules import install_rules, installed_rules
from hazard_flow.i18n import Label
from hazard_flow.identity.actor import system_actor
from hazard_flow.identity.models import Organisation
from hazard_flow.identity.operations import add_division, add_organisation, name_highest_regulator
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.telemetry import inbox
from hazard_flow.telemetry.intake import Drained, drain
from hazard_flow.telemetry.models import Alert, Device, Inbox
from hazard_flow.telemetry.operations import register_device, register_source
from hazard_flow.telemetry.packets import Packet, store_packets
from hazard_flow.telemetry.sweeps import Swept, sweep

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")


@dataclass
class City:
    """What a test does to the city, and what it looks at."""

    database: Database
    now: datetime = START
    enterprise_id: uuid.UUID = field(default_factory=uuid.uuid4)
    alertmanager_id: uuid.UUID = field(default_factory=uuid.uuid4)
    alertmanager_token: str = ""
    numbers: int = 0

    def pass_time(self, **span: float) -> None:
        """Let time go by."""
        self.now += timedelta(**span)

    def post(self, *bodies: bytes, drain: bool = True) -> None:
        """Alertmanager's requests, one after the other."""
        for body in bodies:
            self.pass_time(seconds=10)
            arrival = inbox.Arrival(
                self.alertmanager_id, "alertmanager", inbox.body_key(body), body, self.now
            )
            with self.database.transaction(SYSTEM) as session:
                inbox.store(session, [arrival])
            if drain:
                self.drain()

    def measure(self, device: str, *values: float, site: str = "VW-1", every: float = 60) -> None:
        """Samples of a device on its topic, `every` so many seconds, as a broker delivers them."""
        for value in values:
            self.pass_time(seconds=every)
            self.deliver(f"gas/demo/{site}/{device}/telemetry", b'{"m": {"ch4_lel": %g}}' % value)

    def deliver(self, topic: str, body: bytes, **given: Any) -> None:
        """One delivery of the broker."""
        self.deliver_all([(topic, body)], **given)

    def deliver_all(self, said: Sequence[tuple[str, bytes]], **given: Any) -> None:
        """Deliveries of the broker that are stored together."""
        packets = []
        for topic, body in said:
            self.numbers += 1
            packets.append(Packet(topic, body, self.now, **{"mid": self.numbers, **given}))
        with self.database.transaction(SYSTEM) as session:
            store_packets(session, packets)

    def drain(self, **kwargs: Any) -> Drained:
        """Evaluate what is pending."""
        with self.database.transaction(SYSTEM) as session:
            return drain(session, self.now, **kwargs)

    def sweep(self, **kwargs: Any) -> Swept:
        """Judge what the clock says, the broker being heard."""
        self.deliver("hazard-flow/heartbeat/intake", b"{}")
        with self.database.transaction(SYSTEM) as session:
            return sweep(session, self.now, **kwargs)

    def expect(
        self, every: float, *codes: str, gateway: Asset | None = None, upstream: Asset | None = None
    ) -> None:
        """Say of devices how many seconds apart they are heard, and what they depend on."""
        with self.database.transaction(SYSTEM) as session:
            for device in session.scalars(sa.select(Device).where(Device.code.in_(codes))):
                device.expect_every_seconds = int(every)
                device.gateway_id = gateway.id if gateway else None
                device.upstream_id = upstream.id if upstream else None

    def site(self, code: str, *devices: str, kind: str = "valve_well") -> Asset:
        """One more asset with devices."""
        with self.database.transaction(SYSTEM) as session:
            owner = session.get_one(Organisation, self.enterprise_id)
            label = Label(zh=code, en=code)
            asset = add_asset(session, organisation=owner, code=code, kind=kind, label=label, now=START)
            for device in devices:
                register_device(session, device, site=asset, now=START)
            session.flush()
            session.expunge(asset)
            return asset

    def hazards(self) -> list[Hazard]:
        """All hazards, the oldest first."""
        return self._all(sa.select(Hazard).order_by(Hazard.number))

    def hazard(self) -> Hazard:
        """The only hazard."""
        [only] = self.hazards()
        return only

    def events(self, hazard: Hazard) -> list[str]:
        """The actions of a hazard, in order."""
        rows = self._all(
            sa.select(HazardEvent).where(HazardEvent.hazard_id == hazard.id).order_by(HazardEvent.seq)
        )
        return [row.action or row.type for row in rows]

    def alerts(self) -> list[Alert]:
        """All episodes, the oldest first."""
        return self._all(sa.select(Alert).order_by(Alert.raised_at, Alert.id))

    def devices(self) -> dict[str, Device]:
        """Every device by code."""
        return {device.code: device for device in self._all(sa.select(Device))}

    def messages(self) -> list[Inbox]:
        """The inbox, in order."""
        return self._all(sa.select(Inbox).order_by(Inbox.id))

    def states(self) -> dict[str, int]:
        """How many messages stand in each state."""
        counted = [message.state for message in self.messages()]
        return {state: counted.count(state) for state in sorted(set(counted))}

    def move(self, hazard: Hazard, state: str) -> None:
        """Put a hazard into a state behind the door's back: how it got there is not this test's business."""
        from hazard_flow.hazards.guarding import door_open

        final = state == "closed"
        with self.database.transaction(SYSTEM) as session, door_open(session):
            row = session.get_one(Hazard, hazard.id)
            row.state = state
            row.stage = "rectifying" if state == "submitted" else state
            row.closed_at = self.now if final else None

    def system_act(self, hazard: Hazard, action: str, **data: Any) -> None:
        """An act of the system itself."""
        act = Act(
            hazard_id=hazard.id,
            action=action,
            actor=system_actor("test"),
            request_key=uuid.uuid4().hex,
            data=data,
        )
        with self.database.transaction(SYSTEM) as session:
            apply_one(session, act, self.now)

    def _all(self, statement: Any) -> list[Any]:
        with self.database.reading(SYSTEM) as session:
            rows = list(session.scalars(statement))
            session.expunge_all()  # the session's end would empty them
            return rows


def build(database: Database) -> City:
    """The city in an empty database that has its tables."""
    install_rules(database.info, installed_rules(ZONE))
    city = City(database)
    with database.transaction(SYSTEM) as session:
        add_division(session, code="320107", label=Label(zh="青梧区", en="Qingwu District"))
        regulator = add_organisation(
            session,
            kind="regulator",
            label=Label(zh="青梧区燃气局", en="Gas Office"),
            division="320107",
            now=START,
        )
        name_highest_regulator(session, code="320107", organisation=regulator)
        enterprise = add_organisation(
            session,
            kind="enterprise",
            label=Label(zh="恒川燃气", en="Hengchuan Gas"),
            division="320107",
            now=START,
        )
        team = add_organisation(
            session,
            kind="team",
            label=Label(zh="北片班", en="North team"),
            division="320107",
            now=START,
            parent=enterprise,
        )
        city.enterprise_id = enterprise.id
        _wells(session, team)
        source, token = register_source(
            session, "alertmanager", name="SCADA", organisation=enterprise, now=START
        )
        city.alertmanager_id, city.alertmanager_token = source.id, token
        register_source(session, "mqtt", name="broker", organisation=enterprise, now=START)
    return city


def _wells(session: Any, team: Organisation) -> None:
    for code, devices in (("VW-1", ("G-101", "G-102", "G-103")), ("VW-9", ("G-900", "G-901"))):
        well = add_asset(
            session,
            organisation=team,
            code=code,
            kind="valve_well",
            label=Label(zh=f"{code} 阀井", en=f"Valve well {code}"),
            now=START,
            address="听潮路 3 号",
            lon=119.4,
            lat=32.4,
        )
        for device in devices:
            register_device(session, device, site=well, now=START)
