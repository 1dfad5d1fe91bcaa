"""What the checker of chains must find; otherwise its silence is worth nothing."""

import pytest
import sqlalchemy as sa

from hazard_flow.hazards.guarding import door_open
from hazard_flow.hazards.models import Hazard
from hazard_flow.ledger.canonical import leaf_hash
from hazard_flow.storage.engine import make_engine
from hazard_flow.storage.scope import SYSTEM
from tests.harness import checks
from tests.harness.city import City


def broken(city: City) -> list[str]:
    with city.database.reading(SYSTEM) as session:
        return checks.broken_chains(session)


def forge(city: City, *statements: tuple[str, dict]) -> None:
    """As somebody with the database's keys in hand would: triggers off first."""
    engine = make_engine(city.owner_url)
    with engine.begin() as connection:
        if city.on_postgres:
            connection.exec_driver_sql("SELECT set_config('hf.everything', 'on', true)")
            connection.exec_driver_sql("ALTER TABLE hazard_event DISABLE TRIGGER hazard_event_append_only")
        else:
            for verb in ("update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER hazard_event_append_only_{verb}")
        for sql, values in statements:
            connection.execute(sa.text(sql), values)
    engine.dispose()


@pytest.fixture
def closed(city: City) -> Hazard:
    return city.bring_to(city.report(), "closed")


@pytest.fixture
def city(place):
    """Without the final check: these records are broken on purpose."""
    from obstore.store import MemoryStore

    from hazard_flow.evidence.store import Store

    database, founded, owner_url = place
    return City(database, founded, owner_url=owner_url, store=Store(MemoryStore()))


def test_an_untouched_record_is_whole(city: City, closed: Hazard):
    assert broken(city) == []


def test_a_changed_byte(city: City, closed: Hazard):
    body = city.events(closed)[2].body
    changed = body.replace(b'"accept"', b'"return"')
    assert changed != body

    forge(city, ("UPDATE hazard_event SET body = :b WHERE seq = 3", {"b": changed}))

    assert f"{closed.number} event 3: hash" in broken(city)


def test_a_changed_byte_with_its_hash_recomputed(city: City, closed: Hazard):
    changed = city.events(closed)[2].body.replace(b'"accept"', b'"return"')

    forge(
        city,
        (
            "UPDATE hazard_event SET body = :b, hash = :h WHERE seq = 3",
            {"b": changed, "h": leaf_hash(changed)},
        ),
    )

    assert f"{closed.number} event 4: prev" in broken(city)


def test_a_removed_event(city: City, closed: Hazard):
    forge(city, ("DELETE FROM hazard_event WHERE seq = 4", {}))

    assert f"{closed.number} event 5: seq" in broken(city)


def test_a_removed_last_event(city: City, closed: Hazard):
    forge(city, ("DELETE FROM hazard_event WHERE seq = 6", {}))

    assert broken(city) == [f"{closed.number}: the head is not the last event"]


def test_a_column_that_says_something_else_than_the_bytes(city: City, closed: Hazard):
    forge(city, ("UPDATE hazard_event SET actor = 'person:nobody' WHERE seq = 2", {}))

    assert broken(city) == [f"{closed.number} event 2: columns"]


def test_a_head_that_was_moved(city: City, closed: Hazard):
    with city.database.transaction(SYSTEM) as session, door_open(session):
        session.get_one(Hazard, closed.id).head = b"\x01" * 32

    assert broken(city) == [f"{closed.number}: the head is not the last event"]
