"""Revision 0004 with rows in the tables: nobody loses a notice, reasons and errands find their places, and the way back works."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hazard_flow.storage import migrate, tables
from hazard_flow.storage.engine import is_sqlite, make_engine
from tests.harness.postgres import PostgresBench

tables.load()
AT = "2026-11-02 01:00:00"
HOME, PERSON, EVENT, OTHER = (uuid.UUID(int=n) for n in (1, 2, 3, 4))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def before(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database at the revision before, with rows in it."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'old.db'}"
        _fill(url)
        yield url
        return
    bench: PostgresBench = request.getfixturevalue("postgres_server")
    address = bench.empty()
    _fill(address.owner_url)
    yield address.owner_url
    bench.drop(address)


def _fill(url: str) -> None:
    migrate.upgrade(url, revision="0001")
    with _owner(url) as connection:

        def put(statement: str, **values: Any) -> None:
            shown = {
                k: (v.hex if is_sqlite(connection) else v) if isinstance(v, uuid.UUID) else v
                for k, v in values.items()
            }
            connection.execute(sa.text(statement), shown)

        put(
            "INSERT INTO organisation (id, path, kind, division, name_zh, name_en, created_at)"
            " VALUES (:id, :path, 'enterprise', '990102', '恒川', 'H', :at)",
            id=HOME, path=f"{HOME.hex}/", at=AT,
        )  # fmt: skip
        put(
            "INSERT INTO person (id, username, name, locale, active, organisation_id, path, division, regulator, created_at)"
            " VALUES (:id, 'he', '何安全', 'zh', true, :home, 'a/', '990102', false, :at)",
            id=PERSON, home=HOME, at=AT,
        )  # fmt: skip
        for n, (state, channel, error) in enumerate(
            (
                ("pending", "message", "ConnectionRefusedError"),
                ("dropped", "email", "moved_on"),
                ("sent", "phone", None),
                ("failed", "inbox", "550 unknown"),
            )
        ):
            put(
                "INSERT INTO outbox (id, home_id, subject_kind, subject_id, seq, person_id, channel, template, params, state, created_at,"
                " due_at, attempts, error)"
                " VALUES (:id, :home, 'hazard', :event, 1, :person, :channel, 'task', '{}', :state, :at, :at, 2, :error)",
                id=uuid.UUID(int=100 + n), home=HOME, event=EVENT, person=PERSON, channel=channel, state=state, at=AT, error=error,
            )  # fmt: skip
        for n, (event, errand) in enumerate(
            ((EVENT, ""), (EVENT, "phone"), (EVENT, "letter"), (OTHER, "phone"))
        ):
            put(
                "INSERT INTO message (id, person_id, subject_kind, subject_id, seq, number, template, params, errand, created_at)"
                " VALUES (:id, :person, 'hazard', :event, 1, 'YH-1', 'task', :params, :errand, :at)",
                id=uuid.UUID(int=200 + n), person=PERSON, event=event, errand=errand, at=AT, params=json.dumps({"n": n}),
            )  # fmt: skip


def _owner(url: str) -> Any:
    engine = make_engine(url)
    connection = engine.connect()
    transaction = connection.begin()
    if not is_sqlite(connection):
        connection.exec_driver_sql("SELECT set_config('hf.everything', 'on', false)")

    class Opened:
        def __enter__(self) -> sa.Connection:
            return connection

        def __exit__(self, *error: object) -> None:
            transaction.rollback() if error[0] else transaction.commit()
            connection.close()
            engine.dispose()

    return Opened()


def _all(url: str, statement: str) -> list[tuple[Any, ...]]:
    with _owner(url) as connection:
        return [tuple(row) for row in connection.execute(sa.text(statement))]


def test_up_with_rows_and_down_again(before: str):
    migrate.upgrade(before)

    assert migrate.differences(before) == []
    assert _all(before, "SELECT state, channel, reason, error FROM outbox ORDER BY id") == [
        ("pending", "message", None, "ConnectionRefusedError"),
        ("dropped", "email", "moved_on", None),
        ("sent", "phone", None, None),
        ("failed", "inbox", None, "550 unknown"),
    ]
    left = _all(before, "SELECT number, CAST(params AS TEXT) FROM message ORDER BY id")
    assert [json.loads(params)["n"] for _, params in left] == [0, 3], "one line a notice, and none lost"
    with _owner(before) as connection:
        connection.execute(sa.text("UPDATE outbox SET state = 'handed' WHERE state = 'pending'"))

    migrate.downgrade(before, "0001")

    assert _all(before, "SELECT state, channel, error FROM outbox ORDER BY id")[:2] == [
        ("pending", "message", "ConnectionRefusedError"),
        ("dropped", "email", "moved_on"),
    ]
    assert _all(before, "SELECT errand FROM message") == [("",), ("",)]
    with pytest.raises(sa.exc.IntegrityError), _owner(before) as connection:
        connection.execute(sa.text("UPDATE outbox SET state = 'handed'"))
    migrate.upgrade(before)
    assert migrate.differences(before) == []
