"""A person does not hear of others in the way, nor of a connection that broke; a mistake of ours is not made twice."""

import sqlite3
import threading

import pytest
import sqlalchemy as sa

from hazard_flow.assets.models import Asset
from hazard_flow.storage.patience import TRIES, patiently
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.troubles import Trouble
from tests.harness.city import City
from tests.harness.founding import on_postgres_only
from tests.harness.together import together


@on_postgres_only
def test_a_deadlock_is_nobodys_news(city: City):
    both_hold_one, tries = threading.Barrier(2), []

    def lock_in_order(hand: int) -> str:
        order = ["VW-1", "VW-9"] if hand == 0 else ["VW-9", "VW-1"]

        def work(session):
            tries.append(hand)
            session.get_one(Asset, city.founded.assets[order[0]], with_for_update=True)
            if tries.count(hand) == 1:
                both_hold_one.wait(10)
            session.get_one(Asset, city.founded.assets[order[1]], with_for_update=True)
            return "done"

        return city.database.carry_out(SYSTEM, work)

    assert together(2, lock_in_order) == ["done", "done"]
    assert len(tries) == 3, "one of them was the victim, once"


@on_postgres_only
def test_a_connection_that_breaks_is_nobodys_news(city: City):
    tries = []

    def work(session):
        tries.append(1)
        if len(tries) == 1:
            session.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return session.scalar(sa.select(sa.func.count()).select_from(Asset))

    assert city.database.carry_out(SYSTEM, work) == len(city.founded.assets)
    assert len(tries) == 2


@pytest.mark.parametrize(
    ("error", "tries"),
    [
        (ZeroDivisionError(), 1),
        (sa.exc.OperationalError("…", {}, sqlite3.OperationalError("database or disk is full")), 1),
        (
            sa.exc.OperationalError("…", {}, sqlite3.OperationalError("database is locked")),
            TRIES[Trouble.CONTENTION],
        ),
        (
            sa.exc.OperationalError("…", {}, sqlite3.OperationalError("disk I/O error")),
            TRIES[Trouble.DATABASE],
        ),
        (sa.exc.IntegrityError("…", {}, sqlite3.IntegrityError("UNIQUE constraint failed")), 1),
    ],
)
def test_only_what_passes_by_itself_is_tried_again(error, tries):
    made = []

    def work():
        made.append(1)
        raise error

    with pytest.raises(type(error)):
        patiently(work)
    assert len(made) == tries
