"""A hazard changes inside the door or not at all, whatever way somebody tries."""

import pytest
import sqlalchemy as sa

from hazard_flow.hazards.guarding import DoorBypassed
from hazard_flow.hazards.models import Hazard
from hazard_flow.schedule.bulk import update_rows
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City


def by_attribute(session, hazard):
    session.get_one(Hazard, hazard.id).state = "closed"


def by_another_attribute_and_flush(session, hazard):
    session.get_one(Hazard, hazard.id).resolution = "rectified"
    session.flush()


def by_delete(session, hazard):
    session.delete(session.get_one(Hazard, hazard.id))
    session.flush()


def by_insert(session, hazard):
    copy = {c.key: getattr(hazard, c.key) for c in sa.inspect(Hazard).columns}
    session.add(Hazard(**{**copy, "id": None, "number": "YH-990102-20261102-9999"}))
    session.flush()


def by_orm_bulk(session, hazard):
    session.execute(sa.update(Hazard).where(Hazard.id == hazard.id).values(state="closed"))


def by_orm_bulk_rows(session, hazard):
    session.execute(sa.update(Hazard), [{"id": hazard.id, "state": "closed"}])


def by_core(session, hazard):
    session.connection().execute(Hazard.__table__.update().values(state="closed"))


def by_core_delete(session, hazard):
    session.connection().execute(Hazard.__table__.delete())


def by_a_set_of_rows(session, hazard):
    update_rows(session, Hazard.__table__, [{"id": hazard.id, "seq": 99}])


def by_text(session, hazard):
    session.execute(sa.text("UPDATE hazard SET state = 'closed'"))


def by_text_in_disguise(session, hazard):
    session.execute(sa.text("/* harmless */ uPdAtE\n  \"hazard\" SET state = 'closed'"))


def by_driver(session, hazard):
    session.connection().exec_driver_sql("DELETE FROM hazard")


WAYS = [
    by_attribute, by_another_attribute_and_flush, by_delete, by_insert, by_orm_bulk, by_orm_bulk_rows,
    by_core, by_core_delete, by_a_set_of_rows, by_text, by_text_in_disguise, by_driver,
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=[way.__name__ for way in WAYS])
def test_every_other_way_is_refused(city: City, way):
    hazard = city.report()

    with pytest.raises(DoorBypassed), city.database.transaction(SYSTEM) as session:
        way(session, hazard)

    assert city.look(hazard).state == "reported"
    assert len(city.hazards()) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "WITH gone AS (DELETE FROM hazard RETURNING id) SELECT count(*) FROM gone",
        "UPDATE ONLY public.hazard SET state = 'closed'",
        "TRUNCATE TABLE hazard CASCADE",
        "INSERT OR REPLACE INTO hazard (id) VALUES (1)",
        "REPLACE INTO main.hazard (id) VALUES (1)",
        "UPDATE OR IGNORE hazard SET state = 'closed'",
        "MERGE INTO hazard USING person ON true WHEN MATCHED THEN DELETE",
    ],
)
def test_the_dialects_own_ways_are_refused_too(city: City, statement: str):
    with pytest.raises(DoorBypassed), city.database.transaction(SYSTEM) as session:
        session.connection().exec_driver_sql(statement)


def test_reading_and_the_neighbours_tables_are_free(city: City):
    hazard = city.report()
    with city.database.transaction(SYSTEM) as session:
        session.connection().exec_driver_sql("SELECT state FROM hazard")
        session.execute(sa.text("UPDATE hazard_party SET relation = 'reporter' WHERE relation = 'reporter'"))
        session.execute(sa.select(Hazard).where(Hazard.id == hazard.id).with_for_update())


def test_the_door_shuts_again_after_an_error(city: City):
    hazard = city.report()
    with pytest.raises(sa.exc.IntegrityError):
        city.apply([city.alarm_report(), city.alarm_report()])

    with pytest.raises(DoorBypassed), city.database.transaction(SYSTEM) as session:
        by_text(session, hazard)
