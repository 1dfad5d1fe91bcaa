"""People of the story city who look at rounds through the whole application."""

from pathlib import Path
from typing import Any

from werkzeug.test import TestResponse

from hazard_flow import app as composition
from hazard_flow.settings import Settings
from hazard_flow.timers.handlers import Handlers
from tests.harness.cast import PASSWORD, PEOPLE
from tests.harness.city import City
from tests.harness.founding import rules
from tests.web.office import token_of


class Visitor:
    """One person, signed in at a browser without scripts."""

    def __init__(self, client: Any, username: str) -> None:
        self.client = client
        answer = self.post("/sign-in", page="/sign-in", username=username, password=PASSWORD)
        assert answer.status_code == 303, answer.text

    def get(self, address: str) -> TestResponse:
        """A page or a resource."""
        return self.client.get(address, headers={"Accept": "text/html"})

    def json(self, address: str) -> Any:
        """What the API answers."""
        answer = self.client.get(address)
        assert answer.status_code == 200, answer.text
        return answer.json

    def post(self, address: str, *, page: str = "/help/", **fields: Any) -> TestResponse:
        """A form sent from a page."""
        return self.client.post(address, data={"csrf_token": token_of(self.client, page), **fields})

    def send(self, address: str, body: Any, **headers: str) -> TestResponse:
        """A write of the API."""
        return self.client.post(address, json=body, headers={"X-HF-Client": "1", **headers})


class Office:
    """The application of the city."""

    def __init__(self, city: City, folder: Path) -> None:
        self.city = city
        application = composition.Application(
            settings=Settings(DATA_DIR=folder, SECRET_KEY="k" * 40),
            database=city.database,
            clock=city.clock,
            store=city.store,
            rules=rules(),
            handlers=Handlers([]),
        )
        self.app = composition.create_web(application)

    def person(self, name: str) -> Visitor:
        """Somebody signs in."""
        username = next(one.username for one in PEOPLE if one.name == name)
        return Visitor(self.app.test_client(), username)
