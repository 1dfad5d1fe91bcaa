"""A small office for tests of the web kernel: one regulator, one enterprise, three people, an application over SQLite in a folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask
from flask.testing import FlaskClient

from hazard_flow.clock import VirtualClock
from hazard_flow.i18n import Label
from hazard_flow.identity.models import Organisation, Person
from hazard_flow.identity.operations import add_division, add_organisation, add_person, add_token
from hazard_flow.people import api as people_api
from hazard_flow.people import pages as people_pages
from hazard_flow.people.session import api as session_api
from hazard_flow.settings import load_settings
from hazard_flow.storage import protection, tables
from hazard_flow.storage.base import Base
from hazard_flow.storage.engine import make_engine
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.web.context import Kernel
from hazard_flow.web.shell import make_web

PASSWORD = "correct horse battery"
START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@dataclass
class Office:
    """The application and what the tests ask it for."""

    app: Flask
    kernel: Kernel
    clock: VirtualClock
    ids: dict[str, Any] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def browser(self, username: str = "") -> FlaskClient:
        """A browser, signed in where a name is given."""
        client = self.app.test_client()
        if username:
            answer = self.post(client, "/sign-in", username=username, password=PASSWORD, page="/sign-in")
            assert answer.status_code == 303, answer.text
        return client

    def post(
        self, client: FlaskClient, path: str, *, page: str = "/help/", headers: Any = None, **fields: Any
    ) -> Any:
        """Send a form as its page would: with the token that page carries."""
        return client.post(path, data={"csrf_token": token_of(client, page), **fields}, headers=headers)

    def bearer(self, username: str) -> dict[str, str]:
        """The header of a program acting for somebody."""
        return {"Authorization": f"Bearer {self.tokens[username]}"}


def token_of(client: FlaskClient, page: str) -> str:
    """The form token a page carries."""
    text = client.get(page).text
    marker = 'name="csrf_token" value="'
    start = text.index(marker) + len(marker)
    return text[start : text.index('"', start)]


@contextmanager
def office(folder: Path, *blueprints: Blueprint, **settings: Any) -> Iterator[Office]:
    """The application over a fresh database."""
    chosen = load_settings({}, DATA_DIR=folder, SECRET_KEY="k" * 40, **settings)
    tables.load()
    engine = make_engine(chosen.database_url)
    with engine.begin() as connection:
        Base.metadata.create_all(connection)
        protection.install(connection)
    database, clock = Database(engine), VirtualClock(START)
    kernel = Kernel(settings=chosen, database=database, clock=clock)
    app = make_web(kernel, (people_pages.blueprint, people_api.blueprint, session_api.blueprint, *blueprints))
    made = Office(app=app, kernel=kernel, clock=clock)
    with database.transaction(SYSTEM) as session:
        _people(session, made)
    yield made
    database.dispose()


def _people(session: Any, made: Office) -> None:
    now = made.clock.now()
    add_division(session, code="990101", label=Label(zh="东区", en="East"))
    bureau = add_organisation(
        session, kind="regulator", label=Label(zh="东区住建局", en="East Bureau"), division="990101", now=now
    )
    gas = add_organisation(
        session, kind="enterprise", label=Label(zh="恒川燃气", en="Hengchuan Gas"), division="990101", now=now
    )
    team = add_organisation(
        session, kind="team", label=Label(zh="巡线班", en="Patrol"), division="990101", now=now, parent=gas
    )
    other = add_organisation(
        session, kind="enterprise", label=Label(zh="城旭燃气", en="Chengxu Gas"), division="990201", now=now
    )
    made.ids |= {"bureau": bureau.id, "gas": gas.id, "team": team.id, "other": other.id}

    def person(username: str, name: str, unit: Organisation, role: str, locale: str = "zh") -> Person:
        one = add_person(
            session,
            username=username,
            name=name,
            organisation=unit,
            roles=(role,),
            password=PASSWORD,
            now=now,
            locale=locale,
        )
        made.ids[username] = one.id
        made.tokens[username] = add_token(session, person=one, name="test", now=now)
        return one

    person("chen", "陈区长", bureau, "county_officer")
    li = person("li", "李巡检", team, "inspector")
    person("zhao", "Zhao", other, "safety_director", locale="en")
    person("gao", "高管理", gas, "administrator")
    made.tokens["li-reads"] = add_token(session, person=li, name="reader", now=now, rights="read")
