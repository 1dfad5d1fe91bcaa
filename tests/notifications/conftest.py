"""Fixtures of this folder: a mail server and a small cast."""

from datetime import UTC, datetime

import pytest

from hazard_flow.evidence.store import Store
from hazard_flow.hazards.rules import install_rules
from hazard_flow.i18n import Label
from hazard_flow.identity.operations import add_division, add_organisation, add_person
from hazard_flow.notifications.dispatch import post_of
from hazard_flow.settings import Settings
from hazard_flow.storage.scope import SYSTEM
from tests.harness import founding
from tests.harness.cast import found
from tests.harness.city import City
from tests.notifications.mail import MailServer
from tests.schedule.databases import database

__all__ = ["database"]

NOW = datetime(2026, 5, 11, 0, 30, tzinfo=UTC)


@pytest.fixture
def mail():
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def post(mail):
    return post_of(Settings(SMTP_URL=mail.url, PUBLIC_URL="https://hf.city.example"))


@pytest.fixture
def cast(database, monkeypatch):
    """王调度 reads Chinese, Li reads English, 赵企业 has no address; an administrator. Returns their ids by username."""
    monkeypatch.setattr("hazard_flow.identity.operations.hash_password", lambda _: "x")
    with database.transaction(SYSTEM) as session:
        add_division(session, code="990102", label=Label(zh="江北区", en="Jiangbei"))
        gas = add_organisation(
            session, kind="enterprise", label=Label(zh="城燃公司", en="City Gas"), division="990102", now=NOW
        )
        people = {
            name: add_person(
                session, username=name, name=shown, organisation=gas, roles=(role,), password="a-long-password",
                now=NOW, locale=locale, email=email,
            )
            for name, shown, role, locale, email in (
                ("wang", "王调度", "duty_desk", "zh", "wang@gas.example"),
                ("li", "Li", "inspector", "en", "li@gas.example"),
                ("zhao", "赵企业", "safety_director", "zh", None),
                ("admin", "管理员", "administrator", "zh", "admin@gas.example"),
            )
        }  # fmt: skip
        return {"home": gas.id} | {name: person.id for name, person in people.items()}


@pytest.fixture
def city(database, tmp_path):
    """The city of the stories."""
    install_rules(database.info, founding.rules())
    founded = found(database)
    return City(database, founded, owner_url="", store=Store.open((tmp_path / "store").as_uri()))
