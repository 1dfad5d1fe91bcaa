"""Law L8, in = done + dead + pending at any moment; and that the checker which asks it would notice."""

import pytest
import sqlalchemy as sa

from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry.models import InboxKey
from hazard_flow.telemetry.queries import balance
from tests.chaos.checker import intake
from tests.telemetry.city import City
from tests.telemetry.payloads import bodies


def breaches(city: City) -> list[str]:
    with city.database.reading(SYSTEM) as session:
        return intake(session)


def balanced(city: City) -> bool:
    with city.database.reading(SYSTEM) as session:
        came = session.scalar(sa.select(sa.func.count()).select_from(InboxKey))
        return came == sum(balance(session).values())


def fill(city: City) -> None:
    """Some done, one dead, some pending; one came twice."""
    city.measure("G-101", 60, 60, 60)
    city.deliver("gas/demo/VW-1/G-101/telemetry", b"{broken")
    city.drain()
    city.measure("G-102", 1, 2)
    city.post(*bodies("01"), *bodies("01"), drain=False)


def test_at_every_step_all_is_accounted_for(city: City) -> None:
    fill(city)
    assert city.states() == {"dead": 1, "done": 3, "pending": 3}
    assert balanced(city)
    assert breaches(city) == []
    while city.drain(limit=1).more:
        assert balanced(city)
        assert breaches(city) == []
    assert city.states() == {"dead": 1, "done": 6}


PLANTS = {
    "DELETE FROM inbox WHERE state = 'pending'": "is lost",
    "DELETE FROM inbox_key WHERE key LIKE 'body:%'": "came in without a key",
    "UPDATE inbox SET processed_at = NULL WHERE state = 'done'": "is done and says otherwise",
    "UPDATE inbox SET reason = 'x' WHERE state = 'done'": "is done and says otherwise",
    "UPDATE inbox SET reason = '' WHERE state = 'dead'": "is dead and says otherwise",
    "UPDATE inbox SET state = 'pending' WHERE state = 'done'": "of a message nobody evaluated",
    "UPDATE signal SET delivery_key = 'same'": "took effect twice",
}


@pytest.mark.parametrize("plant", PLANTS)
def test_each_breach_is_noticed(small_city: City, plant: str) -> None:
    fill(small_city)
    with small_city.database.transaction(SYSTEM) as session:
        session.execute(sa.text(plant))
    assert any(PLANTS[plant] in sentence for sentence in breaches(small_city))
