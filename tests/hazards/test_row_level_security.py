"""Were a query to forget its filter, PostgreSQL still gives nobody another enterprise's rows."""

import uuid

import pytest
import sqlalchemy as sa

from hazard_flow.errors import NotFound
from hazard_flow.hazards import queries
from hazard_flow.hazards.models import Hazard
from hazard_flow.identity import operations as identity
from hazard_flow.identity.models import Person
from hazard_flow.identity.sessions import open_session
from hazard_flow.storage import tables
from hazard_flow.storage.base import Base
from hazard_flow.storage.protection import secured_tables
from hazard_flow.storage.scope import SYSTEM, Scope
from tests.harness.cast import HENGCHUAN
from tests.harness.city import City
from tests.harness.founding import on_postgres_only

tables.load()
STRANGERS = ["孙巡检", "马安全", "邓总", "方监管"]

#: how a row says whose it is: first column of these that the table has, and the condition that finds 恒川燃气's rows
OWNED = {
    "path": "path LIKE :path || '%'",
    "home_id": "home_id = :home",
    "hazard_id": "hazard_id IN (SELECT id FROM hazard WHERE home_id = :home)",
    "submission_id": "submission_id IN (SELECT id FROM submission WHERE home_id = :home)",
    "organisation_id": "organisation_id IN (SELECT id FROM organisation WHERE path LIKE :path || '%')",
    "site_id": "site_id IN (SELECT id FROM asset WHERE home_id = :home)",
    "device_id": "device_id IN (SELECT d.id FROM device d JOIN asset a ON a.id = d.site_id WHERE a.home_id = :home)",
    "person_id": "person_id IN (SELECT id FROM person WHERE path LIKE :path || '%')",
    "actor": "actor IN (SELECT 'person:' || id FROM person WHERE path LIKE :path || '%')",
    "accident_id": "accident_id IN (SELECT id FROM accident WHERE home_id = :home)",
    "point_id": "point_id IN (SELECT id FROM risk_point WHERE home_id = :home)",
    "post_id": "post_id IN (SELECT id FROM post WHERE home_id = :home)",
    "round_id": "round_id IN (SELECT id FROM inspection_round WHERE home_id = :home)",
    "plan_id": "plan_id IN (SELECT id FROM round_plan WHERE home_id = :home)",
    "record_id": "record_id IN (SELECT id FROM work_record WHERE home_id = :home)",
    "owner_id": "owner_id IN (SELECT id FROM supervision_task WHERE home_id = :home)",
}
#: filled by the story below; the others must stay hidden as well, but may be empty here
FILLED = {
    "organisation", "person", "membership", "credential", "contact", "auth_session", "api_token", "personal", "hazard",
    "hazard_event", "hazard_party", "request_key", "evidence", "timer", "outbox", "asset",
}  # fmt: skip


def condition(table: str) -> str:
    columns = Base.metadata.tables[table].columns.keys()
    return next((sql for column, sql in OWNED.items() if column in columns), "true")


def life(city: City) -> Hazard:
    """Something in every table."""
    hazard = city.report(witness="赵大妈", reporter_phone="13800000000")
    city.assign(hazard)
    with city.database.transaction(SYSTEM) as session:
        person = session.get_one(Person, city.person("王班长"))
        open_session(session, person_id=person.id, user_agent="test", now=city.now)
        identity.add_token(session, person=person, name="tablet", now=city.now)
    return hazard


def count(city: City, scope: Scope, table: str) -> int:
    values = {"path": city.founded.paths[HENGCHUAN], "home": city.founded.units[HENGCHUAN]}
    statement = sa.text(f"SELECT count(*) FROM {table} WHERE {condition(table)}")
    given = {name: value for name, value in values.items() if f":{name}" in statement.text}
    with city.database.reading(scope) as session:
        return session.execute(statement, given).scalar_one()


@pytest.fixture
def open_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    """The services' own filter is gone."""
    monkeypatch.setattr(Scope, "where", lambda *_: sa.true())
    monkeypatch.setattr(Scope, "sees", lambda *_, **__: True)


@on_postgres_only
def test_a_stranger_gets_no_row_of_any_secured_table(city: City, open_filter: None):
    life(city)

    assert {t for t in secured_tables() if t in FILLED and count(city, SYSTEM, t) == 0} == set()
    for who in STRANGERS:
        seen = {t: n for t in sorted(secured_tables()) if (n := count(city, city.actor(who).scope, t))}
        assert seen == {}, who


@on_postgres_only
def test_nobody_signed_in_gets_no_row_either(city: City):
    life(city)

    assert {t: n for t in sorted(secured_tables()) if (n := count(city, Scope(), t))} == {}


@on_postgres_only
def test_the_own_people_do_get_them(city: City):
    life(city)

    for who in ("李巡检", "何安全", "唐监管"):
        assert count(city, city.actor(who).scope, "hazard") == 1
        assert count(city, city.actor(who).scope, "hazard_event") == 2
    assert count(city, city.actor("王班长").scope, "credential") == 1  # one's own
    assert count(city, city.actor("何安全").scope, "api_token") == 0


@on_postgres_only
@pytest.mark.parametrize("who", STRANGERS)
def test_the_services_find_nothing_without_their_filter(city: City, open_filter: None, who: str):
    hazard = life(city)

    with city.database.reading(city.actor(who).scope) as session:
        found = queries.page(session, queries.Filter(), now=city.now, cursor=None, limit=50)
        assert list(found.items) == []
        with pytest.raises(NotFound):
            queries.by_number(session, hazard.number)
    with pytest.raises(NotFound):
        city.act(who, hazard, "acknowledge")


@on_postgres_only
def test_a_stranger_writes_nothing_into_anothers_record(city: City):
    hazard = life(city)
    event = city.all(sa.text("SELECT home_id FROM hazard_event LIMIT 1"))[0]
    scope = city.actor("马安全").scope

    with (
        pytest.raises(sa.exc.DBAPIError, match="row-level security"),
        city.database.transaction(scope) as session,
    ):
        session.execute(
            sa.text(
                "INSERT INTO hazard_event VALUES (:home, :id, 9, 'x', null, 'x', now(), '\\x00', '\\x01', '\\x02')"
            ),
            {"home": event, "id": hazard.id},
        )
    with city.database.transaction(scope) as session:
        moved = session.execute(sa.text("UPDATE timer SET due_at = now() + interval '9 years'"))
        gone = session.execute(
            sa.text("DELETE FROM outbox WHERE person_id <> :me"), {"me": city.person("马安全")}
        )
        assert (moved.rowcount, gone.rowcount) == (0, 0)


@on_postgres_only
def test_the_scope_ends_with_the_transaction(city: City):
    life(city)
    with city.database.reading(SYSTEM) as session:
        session.execute(sa.text("SELECT 1"))

    with city.database.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM hazard").scalar_one() == 0


def test_every_secured_table_says_whose_its_rows_are():
    internal = {
        "source",
        "inbox",
        "inbox_key",
        "mqtt_packet",
        "intake_lane",
        "pulse",
        "ledger_leaf",
        "ledger_publication",
        "signal_key",
        "sweep",
        "sparkplug_node",
        "alarm_trial",
        "feed_cursor",
        "public_visit",
    }  # nobody but the system reads these at all
    shared = {
        "local_policy",
        "local_catalogue",
        "calendar_day",
        "rule_stamp",
        "live_marker",
        "region_value",  # sums of regions, nobody named
    }  # rules bind everybody: everybody signed in reads them, nobody but the system writes
    assert {t for t in secured_tables() if condition(t) == "true"} - internal - shared == set()


def test_tables_without_a_policy_are_known():
    free = {
        "division",  # public: names of places
        "number_sequence",  # counts only
        "document_sequence",  # likewise
        "workflow_release",  # hashes of files everybody may read
        "ledger_node",  # hashes over everything, made to be shown to anybody
        "ledger_checkpoint",  # likewise
    }
    assert set(Base.metadata.tables) - secured_tables() - free == set()


def test_an_id_that_starts_like_another_sees_nothing(city: City):
    """Paths are compared as prefixes: a path must end where an id ends."""
    hazard = city.report()
    path = city.founded.paths[HENGCHUAN]
    for cut in (path[:-2], path[:8]):
        assert not Scope(paths=(cut + "/",)).sees(path=hazard.path, division="000000")
    assert not Scope(person_id=uuid.UUID(int=0)).sees(path="x/", division="000000", parties=hazard.parties)
