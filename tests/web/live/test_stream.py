"""The stream of a live page: what it says and to whom, what a browser that lost the line gets, how many may stay open."""

import json
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from hazard_flow.people import pages as people_pages
from hazard_flow.settings import Settings
from hazard_flow.web.context import Kernel
from hazard_flow.web.live import hub as hubs
from hazard_flow.web.live import pages
from hazard_flow.web.live.hub import Hub
from hazard_flow.web.live.topics import Topic, Topics
from hazard_flow.web.shell import make_web
from tests.harness.cast import PASSWORD, PEOPLE
from tests.harness.city import City
from tests.harness.founding import on_sqlite_only
from tests.web.office import token_of

pytestmark = on_sqlite_only


class Bell:
    """A topic of a test: it rings, and says who hears it."""

    def __init__(self) -> None:
        self.marker = 7
        self.looks = 0
        self.heard: list[str] | None = ["a"]

    def now(self, _session: Session) -> int:
        self.looks += 1
        return self.marker

    def changes(self, session: Session, since: int) -> Sequence[str] | None:
        assert not session.info["scope"].everything, "a person's own scope, not the system's"
        return self.heard if since < self.marker else []


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
def hub(city: City, bell: Bell) -> Hub:
    topics = Topics()
    topics.register(Topic("bell", bell.now, bell.changes, "hazards.read"))
    topics.register(Topic("secret", bell.now, bell.changes, "people.write"))
    return Hub(city.database, topics)


@pytest.fixture
def web(city: City, hub: Hub, tmp_path: Path) -> Flask:
    kernel = Kernel(
        Settings(DATA_DIR=tmp_path, SECRET_KEY="k" * 40), city.database, city.clock, parts={Hub: hub}
    )
    return make_web(kernel, (people_pages.blueprint, pages.blueprint))


def sign_in(web: Flask, name: str) -> FlaskClient:
    client = web.test_client()
    username = next(member.username for member in PEOPLE if member.name == name)
    form = {"csrf_token": token_of(client, "/sign-in"), "username": username, "password": PASSWORD}
    assert client.post("/sign-in", data=form).status_code == 303
    return client


def lines(answer: object) -> Iterator[str]:
    """The stream line by line, as it comes."""
    for chunk in answer.iter_encoded():  # type: ignore[attr-defined]
        yield from chunk.decode().splitlines()


def until(found: Iterator[str], wanted: str) -> list[str]:
    seen = []
    for line in found:
        seen.append(line)
        if line.startswith(wanted):
            return seen
    raise AssertionError(f"the stream ended without {wanted}: {seen}")


def test_a_change_is_told_with_the_id_to_come_back_with(web: Flask, bell: Bell):
    answer = sign_in(web, "何安全").get("/live?topic=bell&since=bell=7", buffered=False)
    assert answer.mimetype == "text/event-stream"
    assert answer.headers["Cache-Control"] == "no-store"
    stream = lines(answer)
    assert until(stream, "id:")[-1] == "id: bell=7"
    bell.marker = 8
    assert until(stream, "data:")[-2:] == ["id: bell=8", 'data: {"topic": "bell", "changed": ["a"]}']
    answer.close()


def test_whoever_lost_the_line_misses_nothing(web: Flask, bell: Bell):
    bell.marker = 12
    client = sign_in(web, "何安全")
    again = client.get("/live?topic=bell&since=bell=3", headers={"Last-Event-ID": "bell=9"}, buffered=False)
    assert until(lines(again), "data:")[-2:] == ["id: bell=12", 'data: {"topic": "bell", "changed": ["a"]}']
    again.close()
    current = client.get("/live?topic=bell", headers={"Last-Event-ID": "bell=12"}, buffered=False)
    assert until(lines(current), ": here")[-2:] == ["id: bell=12", ": here"]
    current.close()


def test_too_many_to_name_and_nothing_of_yours(web: Flask, bell: Bell):
    client = sign_in(web, "何安全")
    bell.heard = None
    answer = client.get("/live?topic=bell&since=bell=1", buffered=False)
    told = json.loads(until(lines(answer), "data:")[-1].removeprefix("data: "))
    assert told == {"topic": "bell", "changed": None}
    answer.close()
    bell.heard = []
    answer = client.get("/live?topic=bell&since=bell=1", buffered=False)
    assert until(lines(answer), ": here")[-2:] == ["id: bell=7", ": here"]
    answer.close()


def test_strangers_and_people_without_the_right_are_refused(web: Flask):
    assert web.test_client().get("/live?topic=bell").status_code in (303, 401)
    assert sign_in(web, "李巡检").get("/live?topic=secret").status_code == 403


def test_a_stream_beyond_the_places_is_answered_and_closed(web: Flask, hub: Hub, bell: Bell):
    held = [
        sign_in(web, name).get("/live?topic=bell&since=bell=7", buffered=False)
        for name in ("何安全", "李巡检", "王班长")
    ]
    for one in held:
        until(lines(one), ": here")
    assert hub.streams == hubs.STREAMS_MAX
    late = sign_in(web, "赵经理")
    assert late.get("/live?topic=bell&since=bell=7").text.splitlines() == [
        f"retry: {pages.RETRY_SECONDS * 1000}", "", "id: bell=7", ": here", ""
    ]  # fmt: skip
    assert '"changed": ["a"]' in late.get("/live?topic=bell&since=bell=2").text
    held[0].close()
    assert hub.streams == hubs.STREAMS_MAX - 1
    again = late.get("/live?topic=bell&since=bell=7", buffered=False)
    until(lines(again), ": here")
    assert hub.streams == hubs.STREAMS_MAX
    for one in [*held[1:], again]:
        one.close()
    assert hub.streams == 0


def test_one_person_cannot_take_every_place(web: Flask, hub: Hub):
    client = sign_in(web, "何安全")
    held = [
        client.get("/live?topic=bell&since=bell=7", buffered=False) for _ in range(hubs.STREAMS_A_PERSON_MAX)
    ]
    for one in held:
        until(lines(one), ": here")
    assert client.get("/live?topic=bell&since=bell=7").text.count(": here") == 1
    assert hub.streams == hubs.STREAMS_A_PERSON_MAX
    for one in held:
        one.close()


def test_all_streams_together_look_at_the_database_once_a_second(city: City, bell: Bell):
    seconds = [0.0]
    topics = Topics()
    topics.register(Topic("bell", bell.now, bell.changes, "hazards.read"))
    hub = Hub(city.database, topics, seconds=lambda: seconds[0])
    threads = [threading.Thread(target=hub.markers) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bell.looks == 1
    seconds[0] = hubs.LOOK_EVERY_SECONDS
    hub.markers()
    assert bell.looks == 2


def test_while_the_database_is_away_the_last_markers_stand(city: City, bell: Bell):
    seconds = [0.0]
    topics = Topics()
    topics.register(
        Topic(
            "bell",
            lambda session: session.scalar(sa.text("SELECT n FROM live_test")),
            bell.changes,
            "hazards.read",
        )
    )
    with city.database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE live_test AS SELECT 5 AS n")
    hub = Hub(city.database, topics, seconds=lambda: seconds[0])
    assert hub.markers() == {"bell": 5}
    with city.database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE live_test")
    seconds[0] = 10.0
    assert hub.markers() == {"bell": 5}
