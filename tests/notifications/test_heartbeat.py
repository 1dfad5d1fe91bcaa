"""The sign of life to the outside: a bare GET while all is well, silence otherwise, and never a word about anything inside."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hazard_flow.notifications.heartbeat import Heartbeat, NotHeard
from hazard_flow.settings import SettingsRefused, load_settings


class Switch:
    """An outside dead man's switch: keeps what it was sent, answers as told."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, dict[str, str], bytes]] = []
        self.answer: tuple[int, dict[str, str]] = (200, {})
        switch = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                switch.heard.append((self.command, self.path, dict(self.headers), body))
                status, headers = switch.answer
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/ping/secret-1"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)


@pytest.fixture
def switch() -> Iterator[Switch]:
    made = Switch()
    made.thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_while_all_is_well_it_is_a_bare_get(switch: Switch):
    told = Heartbeat(switch.url, list)()

    assert told.tally() == {"heartbeat.sent": 1}
    [(method, path, headers, body)] = switch.heard
    assert (method, path, body) == ("GET", "/ping/secret-1", b"")
    assert set(headers) <= {"Accept-Encoding", "Host", "User-Agent", "Connection"}
    assert headers["User-Agent"] == "hazard-flow"


def test_while_something_goes_unseen_it_keeps_silent(switch: Switch):
    failing = ["timers_parked"]
    beat = Heartbeat(switch.url, lambda: failing)

    assert beat().tally() == {"heartbeat.withheld": 1}
    assert switch.heard == []
    failing.clear()
    assert beat().tally() == {"heartbeat.sent": 1}


@pytest.mark.parametrize(
    "answer", [(500, {}), (404, {}), (302, {"Location": "http://127.0.0.1:1/elsewhere"})]
)
def test_an_answer_that_is_no_yes_has_not_been_heard(switch: Switch, answer: tuple[int, dict[str, str]]):
    switch.answer = answer

    with pytest.raises(NotHeard) as refused:
        Heartbeat(switch.url, list)()

    assert len(switch.heard) == 1, "it is not carried on to another address"
    assert str(answer[0]) in str(refused.value)


def test_a_switch_that_does_not_answer_is_told_without_its_address(switch: Switch):
    switch.server.shutdown()
    switch.server.server_close()

    with pytest.raises(NotHeard) as refused:
        Heartbeat(switch.url, list)()

    assert "secret-1" not in str(refused.value)


@pytest.mark.parametrize(
    "wrong",
    ["ftp://h/x", "h/x", "http://", "https://h:99999/x", "http://h/ x", "http://h/\n", "file:///etc/passwd"],
)
def test_a_wrong_address_refuses_to_start_and_is_not_repeated(wrong: str):
    with pytest.raises(SettingsRefused) as refused:
        load_settings({"HAZARD_FLOW_HEARTBEAT_URL": wrong})

    assert "HAZARD_FLOW_HEARTBEAT_URL: allowed is http://" in str(refused.value)


def test_the_address_is_kept_out_of_what_is_shown():
    settings = load_settings({"HAZARD_FLOW_HEARTBEAT_URL": "https://switch.example/secret-2"})

    assert settings.HEARTBEAT_URL.get_secret_value() == "https://switch.example/secret-2"
    assert "secret-2" not in repr(settings)
