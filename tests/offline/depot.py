"""The story city's web application, and the tablets that talk to it as the field app does."""

import uuid
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from hazard_flow import app as composition
from hazard_flow.settings import load_settings
from hazard_flow.timers.handlers import Handlers
from tests.harness.cast import PASSWORD, PEOPLE
from tests.harness.city import City
from tests.harness.founding import rules
from tests.web.office import token_of

#: what a script of ours sends with every write
OURS = {"X-HF-Client": "1", "Sec-Fetch-Site": "same-origin"}


class Depot:
    """Where tablets are handed out: the whole web application over the city's database and clock."""

    def __init__(self, city: City, folder: Path, **settings: Any) -> None:
        self.city = city
        application = composition.Application(
            settings=load_settings({}, DATA_DIR=folder, SECRET_KEY="k" * 40, **settings),
            database=city.database,
            clock=city.clock,
            store=city.store,
            rules=rules(),
            handlers=Handlers([]),
        )
        self.app = composition.create_web(application)

    def tablet(self, name: str = "", *, id_: uuid.UUID | None = None) -> "Tablet":
        """A tablet, signed in where a name is given."""
        return Tablet(self.app.test_client(), name, id_ or uuid.uuid4())

    def desk(self, name: str) -> "Desk":
        """Somebody at a browser without scripts."""
        return Desk(self.app.test_client(), name)


class Tablet:
    """The field app as the server sees it."""

    def __init__(self, client: FlaskClient, name: str, id_: uuid.UUID) -> None:
        self.client = client
        self.id = id_
        if name:
            assert self.sign_in(name).status_code == 200

    def sign_in(self, name: str) -> TestResponse:
        """Through the API, as this tablet."""
        body = {"username": username(name), "password": PASSWORD}
        return self.send("POST", "/api/v1/session", json=body)

    def get(self, path: str, **headers: str) -> TestResponse:
        """Read something."""
        return self.client.get(path, headers=headers)

    def send(self, method: str, path: str, *, json: Any = None, **headers: str) -> TestResponse:
        """Write something; further headers by name, `_` for `-`."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        own = {**OURS, "X-HF-Tablet": str(self.id), **given}
        return self.client.open(path, method=method, json=json, headers=own)


class Desk:
    """Somebody signed in at a browser."""

    def __init__(self, client: FlaskClient, name: str) -> None:
        self.client = client
        answer = self.post("/sign-in", page="/sign-in", username=username(name), password=PASSWORD)
        assert answer.status_code == 303, answer.text

    def get(self, path: str) -> TestResponse:
        """A page."""
        return self.client.get(path)

    def post(self, path: str, *, page: str, **fields: str) -> TestResponse:
        """A form as the page carries it."""
        token = token_of(self.client, page)
        return self.client.post(path, data={"csrf_token": token, **fields})


def username(name: str) -> str:
    """What somebody of the story city signs in with."""
    return next(member.username for member in PEOPLE if member.name == name)
