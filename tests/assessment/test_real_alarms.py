"""A real detector's samples, through intake and rules, to the colour of the risk point at its place."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from hazard_flow.assessment import risk_feed
from hazard_flow.hazards.leaves import EventLeaves
from hazard_flow.hazards.rules import install_rules
from hazard_flow.ledger.sealer import Sealer
from hazard_flow.risk import operations
from hazard_flow.risk.models import RiskColour, RiskPoint
from hazard_flow.storage.engine import make_engine
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from tests.harness import risks
from tests.harness.founding import ZONE, rules
from tests.schedule.databases import build as build_tables
from tests.telemetry.city import City, build


@pytest.fixture
def gas_city(tmp_path: Path) -> City:
    url = f"sqlite:///{tmp_path / 'city.db'}"
    build_tables(url)
    database = Database(make_engine(url))
    install_rules(database.info, rules())
    return build(database)


def colour(city: City) -> str:
    Sealer(city.database, EventLeaves()).run(city.now)
    risk_feed.run(city.database, city.now)
    with city.database.reading(SYSTEM) as session:
        return session.scalars(sa.select(RiskPoint.dynamic)).one()


def test_samples_become_an_alarm_a_hazard_and_a_colour(gas_city: City):
    with gas_city.database.transaction(SYSTEM) as session:
        operations.enter(session, risks.entry("FX-001"), now=gas_city.now, by=None, zone=ZONE)
    assert colour(gas_city) == "yellow"
    gas_city.measure("G-101", 60, 60, 60, 60)
    gas_city.drain()
    assert colour(gas_city) == "red", "level 2"
    gas_city.measure("G-101", *[1] * 12)
    gas_city.drain()
    hazard = gas_city.hazard()
    assert hazard.closed_at is None, "no signal ever closes anything"
    assert colour(gas_city) == "orange", "the alarm is over, its A hazard is open"
    with gas_city.database.reading(SYSTEM) as session:
        causes = session.scalars(sa.select(RiskColour.cause).order_by(RiskColour.seq)).all()
    assert next(iter(causes)) == "entered"
    assert set(causes) >= {"entered", "alarm"}
