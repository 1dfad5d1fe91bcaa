"""Personal values never enter hashed events; erasing them leaves every chain valid."""

import hashlib

import sqlalchemy as sa

from hazard_flow.hazards.models import HazardEvent
from hazard_flow.identity.models import Personal
from hazard_flow.schedule.models import Outbox
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City

PERSONAL = {
    "reporter_phone": "13812345678",
    "user_name": "钱多多",
    "user_phone": "13912345678",
    "flat": "3 幢 402 室",
    "witness": "赵大妈",
}


def told(city: City) -> dict[str, Personal]:
    return {row.value: row for row in city.all(sa.select(Personal))}


def test_no_event_and_no_message_holds_a_personal_value(city: City):
    hazard = city.report(**PERSONAL)
    city.bring_to(hazard, "closed")

    bodies = b"".join(event.body for event in city.events(hazard)).decode()
    messages = str(city.all(sa.select(Outbox.params)))
    details = str(city.look(hazard).details)
    for value in PERSONAL.values():
        assert value not in bodies
        assert value not in messages
        assert value not in details


def test_no_event_holds_a_persons_name(city: City):
    hazard = city.bring_to(city.report(), "closed")

    bodies = b"".join(event.body for event in city.events(hazard)).decode()
    assert [name for name in city.founded.actors if name in bodies] == []


def test_the_event_holds_the_digest_of_salt_and_value(city: City):
    hazard = city.report(**PERSONAL)

    fields = city.events(hazard)[0].data["fields"]
    kept = told(city)
    for name, value in PERSONAL.items():
        row = kept[value]
        assert fields[name] == {"sha256": row.digest}
        assert hashlib.sha256(row.salt + value.encode()).hexdigest() == row.digest


def test_the_same_value_twice_has_two_digests(city: City):
    city.report(witness="赵大妈")
    city.report(witness="赵大妈")

    assert len({row.digest for row in city.all(sa.select(Personal))}) == 2


def test_erasing_value_and_salt_leaves_the_chain_valid(city: City):
    hazard = city.bring_to(city.report(**PERSONAL), "closed")
    before = [event.body for event in city.events(hazard)]

    with city.database.transaction(SYSTEM) as session:
        session.execute(sa.update(Personal).values(value=None, salt=None, erased_at=city.now))

    city.checks()
    assert [event.body for event in city.events(hazard)] == before
    assert {row.value for row in city.all(sa.select(Personal))} == {None}


def test_who_may_not_see_the_hazard_may_not_read_the_values(city: City):
    city.report(**PERSONAL)

    if city.on_postgres:
        assert len(city.all(sa.select(Personal), by="王班长")) == len(PERSONAL)
        for who in ("郑巡检", "马安全", "方监管"):
            assert city.all(sa.select(Personal), by=who) == []
    assert city.all(sa.select(sa.func.count(HazardEvent.seq))) == [1]
