"""An acknowledged commit stays, a lost update cannot happen, an instant has a zone."""

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa

from hazard_flow.assets.models import Asset
from hazard_flow.hazards.models import Hazard
from hazard_flow.storage.base import new_id
from hazard_flow.storage.engine import make_engine
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import scope_of_session
from tests.harness.city import City
from tests.harness.founding import on_postgres_only
from tests.harness.together import together


def test_sqlite_keeps_what_it_acknowledged(tmp_path: Path):
    engine = make_engine(f"sqlite:///{tmp_path / 'one.db'}")
    with engine.connect() as connection:
        told = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers", "busy_timeout")
        }
    assert told == {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1, "busy_timeout": 15000,
    }  # fmt: skip
    engine.dispose()


@on_postgres_only
def test_postgres_gives_a_frozen_workers_locks_back(city: City):
    with city.database.engine.connect() as connection:
        told = {
            name: connection.exec_driver_sql(f"SHOW {name}").scalar_one()
            for name in (
                "idle_in_transaction_session_timeout",
                "tcp_user_timeout",
                "lock_timeout",
                "timezone",
                "application_name",
            )
        }
    assert told == {
        "idle_in_transaction_session_timeout": "30s", "tcp_user_timeout": "30000", "lock_timeout": "15s", "timezone": "UTC",
        "application_name": "hazard-flow",
    }  # fmt: skip


def test_no_update_is_lost(city: City):
    """Read, think, write, by eight hands at once: the sum must be right."""
    id_ = city.founded.assets["VW-1"]

    def add_one(_: int) -> None:
        for _ in range(5):
            with city.database.transaction(SYSTEM) as session:
                asset = session.get_one(Asset, id_, with_for_update=True)
                asset.address = str(int(asset.address) + 1) if asset.address.isdigit() else "1"

    answers = together(8, add_one)

    assert answers == [None] * 8
    assert city.all(sa.select(Asset.address).where(Asset.id == id_)) == ["40"]


def test_readers_do_not_wait_for_the_writer(city: City):
    hazard = city.report()
    seen: list[int] = []

    def read() -> None:
        seen.append(len(city.hazards()))

    with city.database.transaction(SYSTEM) as session:
        session.execute(sa.update(Asset).values(address="under repair"))
        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        reader.join(timeout=5)
        assert seen == [1]
    assert city.look(hazard).number == hazard.number


def test_an_error_takes_everything_back(city: City):
    def write_and_fail() -> None:
        with city.database.transaction(SYSTEM) as session:
            session.execute(sa.update(Asset).values(address="never"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()

    assert "never" not in city.all(sa.select(Asset.address))


def test_a_reading_session_changes_nothing(city: City):
    with city.database.reading(SYSTEM) as session:
        session.execute(sa.update(Asset).values(address="never"))

    assert "never" not in city.all(sa.select(Asset.address))


def test_a_naive_instant_is_refused(city: City):
    with pytest.raises(sa.exc.StatementError, match="naive datetime"):
        city.all(sa.select(Hazard).where(Hazard.reported_at < datetime(2026, 11, 2)))  # noqa: DTZ001


def test_instants_come_back_as_utc_whatever_zone_they_came_in(city: City):
    at = datetime(2026, 11, 2, 17, 30, 0, 123456, timezone(timedelta(hours=8)))
    with city.database.transaction(SYSTEM) as session:
        session.execute(sa.update(Asset).values(created_at=at))

    [stored] = set(city.all(sa.select(Asset.created_at)))
    assert stored == at
    assert stored.tzinfo is UTC
    assert stored.hour == 9


def test_instants_of_all_zones_are_compared_as_instants(city: City):
    west = datetime(2026, 11, 1, 20, 0, tzinfo=timezone(timedelta(hours=-5)))  # 01:00 UTC, the founding
    found = city.all(sa.select(sa.func.count(Asset.id)).where(Asset.created_at == west))

    assert found == [3]


def test_foreign_keys_hold(city: City):
    with pytest.raises(sa.exc.IntegrityError), city.database.transaction(SYSTEM) as session:
        session.execute(sa.update(Asset).values(organisation_id=new_id()))


def test_a_session_knows_its_scope(city: City):
    scope = city.actor("李巡检").scope
    with city.database.reading(scope) as session:
        assert scope_of_session(session) == scope


def test_ids_grow_with_time():
    ids = [new_id() for _ in range(500)]

    assert len(set(ids)) == 500
    assert {i.version for i in ids} == {7}
    assert [i.hex[:11] for i in ids] == sorted(i.hex[:11] for i in ids)
