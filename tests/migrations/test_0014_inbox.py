"""Inbox and signals cut by day: what was in them stays through the cut and back, and a delivery is known again on both sides."""

from datetime import timedelta

import sqlalchemy as sa

from hazard_flow.assets.models import Asset
from hazard_flow.clock import VirtualClock
from hazard_flow.identity.models import Organisation
from hazard_flow.storage import migrate
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry.intake import drain
from hazard_flow.telemetry.models import CurveSample, Inbox, StoredSignal
from hazard_flow.telemetry.operations import register_source
from hazard_flow.telemetry.packets import Packet, store_packets
from hazard_flow.telemetry.retention import Keeper
from tests.harness.city import City

BODIES = (
    b'{"id": "1", "ts": "2026-11-02T01:00:00Z", "m": {"ch4_lel": 60}}',
    b'{"id": "2", "ts": "2026-11-02T01:01:00Z", "m": {"ch4_lel": 61}}',
    b'{"id": "3", "ts": "2026-11-02T01:02:00Z", "m": {"ch4_lel": 62}}',
    b"{broken",
)


def test_messages_and_signals_stay_and_are_known_again(city: City):
    deliver(city, register=True)
    keeper = Keeper(city.database, VirtualClock(city.now), timedelta(hours=72))
    keeper()
    before = rows(city)
    assert [state for _, state, _ in before[0]].count("done") == 3
    assert len(before[1]) == 3
    assert kept(city) == 3
    city.database.dispose()

    migrate.downgrade(city.owner_url, "0010")
    migrate.upgrade(city.owner_url, application_role="hazard_flow" if city.on_postgres else None)

    assert migrate.differences(city.owner_url) == []
    assert rows(city) == before
    assert kept(city) == 0
    deliver(city)
    assert rows(city) == before
    keeper()  # the curve is copied again from what is still there
    assert kept(city) == 3


def deliver(city: City, *, register: bool = False) -> None:
    with city.database.transaction(SYSTEM) as session:
        site = session.scalars(sa.select(Asset).order_by(Asset.code)).first()
        assert site is not None
        if register:
            home = session.get_one(Organisation, site.home_id)
            register_source(session, "mqtt", name="broker", organisation=home, now=city.now)
        topic = f"gas/n/{site.code}/G-101/telemetry"
        store_packets(
            session, [Packet(topic, body, city.now, mid=n, dup=True) for n, body in enumerate(BODIES, 1)]
        )
    with city.database.transaction(SYSTEM) as session:
        drain(session, city.now)


def rows(city: City) -> tuple[list[object], list[object]]:
    with city.database.reading(SYSTEM) as session:
        messages = session.execute(sa.select(Inbox.id, Inbox.state, Inbox.body).order_by(Inbox.id)).all()
        signals = session.execute(
            sa.select(StoredSignal.id, StoredSignal.value).order_by(StoredSignal.id)
        ).all()
    return list(messages), list(signals)


def kept(city: City) -> int:
    with city.database.reading(SYSTEM) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(CurveSample)) or 0
