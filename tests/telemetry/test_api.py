"""The webhook: stored before it is answered, refused only for a wrong address or too many bytes."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from hazard_flow.clock import VirtualClock
from hazard_flow.settings import load_settings
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry.api import blueprint
from hazard_flow.telemetry.models import Source
from hazard_flow.web.context import Kernel
from hazard_flow.web.shell import make_web
from tests.telemetry.city import START, City
from tests.telemetry.payloads import AFTERNOON, bodies


@pytest.fixture
def sender(small_city: City, tmp_path: Path) -> FlaskClient:
    settings = load_settings({}, DATA_DIR=tmp_path, SECRET_KEY="k" * 40)
    kernel = Kernel(settings=settings, database=small_city.database, clock=VirtualClock(START))
    return make_web(kernel, (blueprint,)).test_client()


@pytest.fixture
def address(small_city: City) -> str:
    return f"/in/alertmanager/{small_city.alertmanager_token}"


def test_alertmanagers_requests_are_stored_and_open_the_hazards(
    small_city: City, sender: FlaskClient, address: str
) -> None:
    for number in (*AFTERNOON, "11"):
        for body in bodies(number):
            answer = sender.post(
                address,
                data=body,
                content_type="application/json",
                headers={"Authorization": "Bearer secret-token"},
            )
            assert (answer.status_code, answer.json["stored"]) == (202, True)
            small_city.drain()
    assert [(h.alarm_level, h.blind, h.incomplete) for h in small_city.hazards()] == [
        (2, True, False),
        (2, False, True),
    ]


def test_a_repeated_request_is_answered_alike_and_stored_once(
    small_city: City, sender: FlaskClient, address: str
) -> None:
    answers = [sender.post(address, data=bodies("01")[0]) for _ in range(3)]
    assert [(a.status_code, a.json["seen_before"]) for a in answers] == [
        (202, False),
        (202, True),
        (202, True),
    ]
    assert len(small_city.messages()) == 1


@pytest.mark.parametrize("body", [b"", b"{", b"\x00\xff" * 100, b"[1]", b'{"alerts": 3}', b"a" * 1_000_000])
def test_what_cannot_be_read_is_stored_answered_and_set_aside(
    small_city: City, sender: FlaskClient, address: str, body: bytes
) -> None:
    assert sender.post(address, data=body).status_code == 202
    small_city.drain()
    [message] = small_city.messages()
    assert (message.state, message.body) == ("dead", body)


def test_credentials_are_not_kept(small_city: City, sender: FlaskClient, address: str) -> None:
    sender.post(
        address,
        data=b"{}",
        headers={"Authorization": "Bearer secret", "Cookie": "hf=1", "User-Agent": "Am/1"},
    )
    [message] = small_city.messages()
    assert message.headers == {"User-Agent": "Am/1"}


def test_the_only_refusals(small_city: City, sender: FlaskClient, address: str) -> None:
    token = small_city.alertmanager_token
    assert sender.post("/in/alertmanager/wrong", data=b"{}").status_code == 401
    assert sender.post("/in/nobody/wrong", data=b"{}").status_code == 401
    assert sender.post(f"/in/grafana/{token}", data=b"{}").status_code == 403
    assert sender.post(address, data=b"a" * 1_000_001).status_code == 413
    with small_city.database.transaction(SYSTEM) as session:
        session.execute(sa.update(Source).values(active=False))
    refused = sender.post(address, data=b"{}")
    assert (refused.status_code, refused.content_type) == (403, "application/problem+json")
    assert refused.json["code"] == "source_refused"
    assert small_city.messages() == []


@pytest.mark.parametrize(
    "kind",
    ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "image/png", ""],
)
def test_any_kind_of_content_is_taken_as_it_is(
    small_city: City, sender: FlaskClient, address: str, kind: str
) -> None:
    body = bodies("01")[0]
    assert sender.post(address, data=body, content_type=kind).status_code == 202
    assert small_city.messages()[0].body == body


def test_lines_are_messages_of_their_own_in_one_request(
    small_city: City, sender: FlaskClient, address: str
) -> None:
    first, second = (body.replace(b"\n", b" ") for body in bodies("01")[:1] + bodies("02")[:1])
    batch = first + b"\r\n\n" + b"{broken\n" + second + b"\n" + first
    answer = sender.post(address, data=batch, content_type="application/x-ndjson; charset=utf-8")
    assert (answer.status_code, answer.json) == (
        202,
        {"stored": True, "seen_before": False, "messages": 4, "new": 3},
    )
    assert sender.post(address, data=second).json["seen_before"] is True
    small_city.drain()
    assert small_city.states() == {"dead": 1, "done": 2}
    assert small_city.hazard().alarm_level == 2


def test_a_batch_of_too_many_lines_is_refused_whole(
    small_city: City, sender: FlaskClient, address: str
) -> None:
    answer = sender.post(address, data=b"1\n" * 10_001, content_type="application/x-ndjson")
    assert answer.status_code == 413
    assert small_city.messages() == []


def test_cloudevents_with_one_body_and_two_names_are_two(
    small_city: City, sender: FlaskClient, address: str
) -> None:
    for name in ("1", "2", "1"):
        assert sender.post(address, data=b"{}", headers={"ce-id": name, "CE-Source": "x"}).status_code == 202
    kept = [(m.headers["Ce-Id"], m.headers["Ce-Source"]) for m in small_city.messages()]
    assert kept == [("1", "x"), ("2", "x")]
