"""The whole application over a story's city, at the story's time: pages as named people get them."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from hazard_flow import app as composition
from hazard_flow.hazards.rules import install_rules
from hazard_flow.identity.models import Person
from hazard_flow.identity.operations import add_token
from hazard_flow.settings import load_settings
from hazard_flow.storage.scope import SYSTEM
from tests.harness.city import City


class Desk:
    """The pages; each person reads in the language of their account (Chinese)."""

    def __init__(self, city: City, folder: Path) -> None:
        settings = load_settings(
            {},
            DATA_DIR=folder,
            DATABASE_URL=city.database.engine.url.render_as_string(hide_password=False),
            SECRET_KEY="k" * 40,
        )
        self.city = city
        self.application = composition.build(settings, clock=city.clock)
        self.client: FlaskClient = composition.create_web(self.application).test_client()

    def get(self, who: str, path: str) -> Any:
        """A page as somebody gets it."""
        self._same_rules()
        return self.client.get(path, headers=self._headers(who))

    def send(self, who: str, path: str, **fields: Any) -> Any:
        """A form as somebody sends it."""
        self._same_rules()
        return self.client.post(
            path, data=fields, headers=self._headers(who), content_type="multipart/form-data"
        )

    def _same_rules(self) -> None:
        install_rules(self.application.database.info, self.city.database.info["hazards.rules"])

    def _headers(self, who: str) -> dict[str, str]:
        with self.city.database.transaction(SYSTEM) as session:
            person = session.get_one(Person, self.city.person(who))
            token = add_token(session, person=person, name="story", now=self.city.now)
        return {"Authorization": f"Bearer {token}"}


def words(answer: Any) -> str:
    """The words of a page, without its marks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


@pytest.fixture
def desk(city: City, tmp_path: Path) -> Iterator[Desk]:
    """A desk in the city."""
    made = Desk(city, tmp_path / "desk")
    yield made
    made.application.database.dispose()
