"""Signing in: wrong passwords lock for a while, sessions and tokens end, secrets are never stored."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from hazard_flow.errors import Conflict, Refused, SignInNeeded
from hazard_flow.identity import operations, queries, sessions
from hazard_flow.identity.models import ApiToken, AuthSession, Credential, Person
from hazard_flow.storage.scope import SYSTEM
from tests.harness.cast import PASSWORD
from tests.harness.city import City
from tests.harness.refusals import said


def sign_in(city: City, password: str = PASSWORD, username: str = "wang") -> str | SignInNeeded:
    with city.database.transaction(SYSTEM) as session:
        return operations.sign_in(
            session, username=username, password=password, user_agent="test", now=city.now
        )


def who(city: City, secret: str) -> str | None:
    with city.database.reading(SYSTEM) as session:
        found = queries.actor_of_session(session, secret, city.now)
        return found[0].name if found else None


def whose(city: City, token: str) -> object:
    with city.database.reading(SYSTEM) as session:
        return queries.actor_of_token(session, token, city.now)


def test_the_right_password_opens_a_session(city: City):
    secret = sign_in(city)

    assert isinstance(secret, str)
    assert who(city, secret) == "王班长"
    assert who(city, secret + "x") is None


@pytest.mark.parametrize("username", ["wang", "nobody"])
def test_a_wrong_password_and_a_wrong_name_look_the_same(city: City, username: str):
    answer = sign_in(city, "wrong-password", username)

    assert isinstance(answer, SignInNeeded)
    assert answer.params == {"reason": "wrong"}


def test_five_failures_lock_for_a_minute_then_two_then_four(city: City):
    for _ in range(4):
        sign_in(city, "wrong-password")
    assert isinstance(sign_in(city), str)  # four are forgiven and forgotten

    waits = []
    for _ in range(5):
        sign_in(city, "wrong-password")
    for _ in range(3):
        locked = sign_in(city)
        assert isinstance(locked, SignInNeeded)
        waits.append(locked.params["minutes"])
        assert locked.params["reason"] == "locked"
        [until] = city.all(
            sa.select(Credential.locked_until).where(Credential.person_id == city.person("王班长"))
        )
        assert isinstance(sign_in(city), SignInNeeded)
        city.clock.move_to(until)
        sign_in(city, "wrong-password")
    assert waits == [2, 3, 5]  # 1, 2 and 4 minutes, told as "in less than"

    city.clock.advance(timedelta(minutes=9))
    assert isinstance(sign_in(city), str)


def test_a_lock_never_lasts_longer_than_an_hour(city: City):
    with city.database.transaction(SYSTEM) as session:
        session.execute(sa.update(Credential).values(failed_count=40))
    sign_in(city, "wrong-password")

    [until] = city.all(
        sa.select(Credential.locked_until).where(Credential.person_id == city.person("王班长"))
    )
    assert until - city.now == timedelta(hours=1)


def test_who_has_left_cannot_sign_in_and_open_sessions_end(city: City):
    secret = sign_in(city)
    with city.database.transaction(SYSTEM) as session:
        session.execute(sa.update(Person).where(Person.username == "wang").values(active=False))

    assert isinstance(sign_in(city), SignInNeeded)
    assert who(city, secret) is None


def test_a_session_ends_by_resting_by_age_and_by_signing_out(city: City):
    resting, old, left = sign_in(city), sign_in(city), sign_in(city)
    with city.database.transaction(SYSTEM) as session:
        sessions.sign_out(session, secret=left, now=city.now)
    assert who(city, left) is None

    city.clock.advance(timedelta(hours=8) - timedelta(seconds=1))
    assert who(city, resting) == "王班长"
    with city.database.transaction(SYSTEM) as session:
        queries.touch_session(session, old, city.now)
    city.clock.advance(timedelta(seconds=1))
    assert (who(city, resting), who(city, old)) == (None, "王班长")

    for _ in range(7 * 24 // 7):
        with city.database.transaction(SYSTEM) as session:
            queries.touch_session(session, old, city.now)
        city.clock.advance(timedelta(hours=7))
    assert who(city, old) is None


def test_a_token_acts_for_its_person_until_it_ends(city: City):
    with city.database.transaction(SYSTEM) as session:
        person = session.get_one(Person, city.person("王班长"))
        token = operations.add_token(session, person=person, name="scada", now=city.now, days=30)
        reader = operations.add_token(session, person=person, name="report", now=city.now, rights="read")

    assert (whose(city, token).name, whose(city, token).may_write) == ("王班长", True)
    assert whose(city, reader).may_write is False
    assert whose(city, "hf_unknown") is None
    city.clock.advance(timedelta(days=30))
    assert whose(city, token) is None


def test_a_revoked_token_is_worth_nothing(city: City):
    with city.database.transaction(SYSTEM) as session:
        person = session.get_one(Person, city.person("王班长"))
        token = operations.add_token(session, person=person, name="lost", now=city.now)
        session.execute(sa.update(ApiToken).values(revoked_at=city.now))

    assert whose(city, token) is None


def test_no_secret_is_stored(city: City):
    secret = sign_in(city)
    with city.database.transaction(SYSTEM) as session:
        token = operations.add_token(
            session, person=session.get_one(Person, city.person("王班长")), name="t", now=city.now
        )

    kept = city.all(sa.select(AuthSession.digest)) + city.all(sa.select(ApiToken.digest))
    assert kept == [sessions.digest(secret), sessions.digest(token)]
    hashes = city.all(sa.select(Credential.password_hash))
    assert all(h.startswith("$argon2id$") for h in hashes)
    assert len(set(hashes)) == len(hashes)  # each with a salt of its own


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"password": "short"}, {("password", "password_length")}),
        ({"password": "x" * 129}, {("password", "password_length")}),
        ({"roles": ("king",)}, {("roles", "unknown_role")}),
        ({"roles": ("county_officer",)}, {("roles", "regulator_role_needs_regulator")}),
        (
            {"roles": ("king", "city_officer"), "password": ""},
            {
                ("roles", "unknown_role"),
                ("roles", "regulator_role_needs_regulator"),
                ("password", "password_length"),
            },
        ),
    ],
)
def test_a_person_who_cannot_be_added(city: City, given: dict, wrong: set):
    from hazard_flow.identity.models import Organisation

    filled = {"username": "new", "name": "新人", "roles": ("worker",), "password": PASSWORD, **given}
    with city.database.transaction(SYSTEM) as session, pytest.raises(Refused) as refusal:
        operations.add_person(
            session,
            organisation=session.get_one(Organisation, city.founded.units["恒川燃气"]),
            now=city.now,
            **filled,
        )

    assert said(refusal) == wrong


def test_a_username_is_taken_once(city: City):
    from hazard_flow.identity.models import Organisation

    with city.database.transaction(SYSTEM) as session, pytest.raises(Conflict):
        operations.add_person(
            session, username="wang", name="王某", organisation=session.get_one(Organisation, city.founded.units["恒川燃气"]),
            roles=("worker",), password=PASSWORD, now=city.now,
        )  # fmt: skip


def test_a_read_only_token_reports_and_acts_nothing(city: City):
    import dataclasses

    from hazard_flow.errors import NotAllowed
    from hazard_flow.hazards import operations

    hazard = city.report()
    reading = dataclasses.replace(city.actor("王班长"), may_write=False)

    with pytest.raises(NotAllowed):
        city.act_as(dataclasses.replace(city.change("王班长", hazard, "acknowledge"), actor=reading))
    with pytest.raises(NotAllowed), city.database.transaction(reading.scope) as session:
        operations.report(
            session, actor=reading, request_key="read-only", data={"description": "阀井漏气", "place": "青梧路 12 号"},
            now=city.now, evidence=(city.photo(),), source="patrol", asset_id=None, organisation_id=None,
        )  # fmt: skip
    assert city.actions(hazard) == ["report"]
    assert len(city.hazards()) == 1
