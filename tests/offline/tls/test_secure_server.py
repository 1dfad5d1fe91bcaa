"""The server that speaks TLS: nobody's silence holds up others, bodies have their limit, certificates change under way."""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from hazard_flow.cli.plain_door import plain_door
from hazard_flow.cli.secure_server import THREADS, SecureServer
from hazard_flow.web.tls.authority import renew
from tests.harness.waiting import wait_for
from tests.offline.tls.serving import BODY_BYTES_MAX, port_of, secure


def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Says what it was asked, and by whom; reads a body only where told to."""
    path = environ["PATH_INFO"]
    said = f"{environ['wsgi.url_scheme']} {environ['REMOTE_ADDR']} {path}"
    if path == "/stream":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return endless()
    if path == "/read":
        said += f" {len(environ['wsgi.input'].read())}"
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(said)))])
    return [said.encode()]


def endless() -> Iterator[bytes]:
    """A page that follows something for as long as anybody looks."""
    while not ENDED.wait(0.05):
        yield b"here"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SecureServer]:
    with secure(app, tmp_path / "tls") as running:
        yield running


def trusting(tmp_path: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(tmp_path / "tls" / "ca.crt"))


#: lets the stream's thread go, which outlives its server
ENDED = threading.Event()


def line(server: SecureServer, tmp_path: Path) -> http.client.HTTPSConnection:
    return http.client.HTTPSConnection("127.0.0.1", port_of(server), context=trusting(tmp_path), timeout=20)


def test_the_application_knows_that_it_is_secure_and_who_asks(server: SecureServer, tmp_path: Path):
    connection = line(server, tmp_path)
    for _ in range(3):
        connection.request("GET", "/here")
        assert connection.getresponse().read() == b"https 127.0.0.1 /here"
    connection.close()


def test_no_silence_holds_up_anybody(server: SecureServer, tmp_path: Path):
    context, address = trusting(tmp_path), ("127.0.0.1", port_of(server))
    with ExitStack() as open_lines:
        for _ in range(2 * THREADS):
            open_lines.enter_context(socket.create_connection(address))
            greeted = context.wrap_socket(socket.create_connection(address), server_hostname="127.0.0.1")
            open_lines.enter_context(greeted)
        connection = line(server, tmp_path)
        connection.timeout = 5
        connection.request("GET", "/here")

        assert connection.getresponse().status == 200
        connection.close()


def test_two_requests_in_one_breath_are_both_answered(server: SecureServer, tmp_path: Path):
    raw = socket.create_connection(("127.0.0.1", port_of(server)))
    with trusting(tmp_path).wrap_socket(raw, server_hostname="127.0.0.1") as greeted:
        greeted.sendall(
            b"GET /one HTTP/1.1\r\nHost: x\r\n\r\nGET /two HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        said = b""
        while part := greeted.recv(10_000):
            said += part

    assert b"/one" in said
    assert b"/two" in said


def test_a_body_beyond_the_limit_is_refused_and_one_within_is_whole(server: SecureServer, tmp_path: Path):
    connection = line(server, tmp_path)
    connection.request("POST", "/read", body=b"x" * BODY_BYTES_MAX)
    assert connection.getresponse().read() == f"https 127.0.0.1 /read {BODY_BYTES_MAX}".encode()
    connection.request("POST", "/read", headers={"Content-Length": str(BODY_BYTES_MAX + 1)})

    assert connection.getresponse().status == 413
    connection.close()


def test_a_body_nobody_wants_is_not_read_to_its_end(server: SecureServer, tmp_path: Path):
    connection = line(server, tmp_path)
    connection.request("POST", "/here", headers={"Content-Length": str(BODY_BYTES_MAX)})

    answer = connection.getresponse()

    assert (answer.status, answer.getheader("Connection")) == (200, "close")
    connection.close()


def test_whoever_speaks_another_language_is_let_go(server: SecureServer, tmp_path: Path):
    with socket.create_connection(("127.0.0.1", port_of(server)), timeout=10) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        while part := plain.recv(1000):
            assert b"200" not in part
    test_the_application_knows_that_it_is_secure_and_who_asks(server, tmp_path)


def test_a_renewed_certificate_is_shown_without_a_restart(server: SecureServer, tmp_path: Path):
    from datetime import UTC, datetime

    def shown() -> bytes | None:
        raw = socket.create_connection(("127.0.0.1", port_of(server)))
        with trusting(tmp_path).wrap_socket(raw, server_hostname="127.0.0.1") as greeted:
            return greeted.getpeercert(binary_form=True)

    before = shown()
    renew(tmp_path / "tls", None, now=datetime.now(UTC))

    assert wait_for(shown, lambda now: now != before) is not None


def test_an_open_stream_does_not_keep_the_server_from_ending(tmp_path: Path):
    with secure(app, tmp_path / "tls") as server:
        connection = line(server, tmp_path)
        connection.request("GET", "/stream")
        streaming = connection.getresponse()
        assert streaming.read(4) == b"here"
        server.shutdown_timeout = 0
        began = time.monotonic()

        server.close()

        took_seconds = time.monotonic() - began
        ENDED.set()
        streaming.close()
        connection.close()
    assert took_seconds < 3


def answered(path: str, **environ: str) -> tuple[str, dict[str, str]]:
    """What the plain door says."""
    told: list[Any] = []
    door = plain_door(app, secure_url="https://gas-server:8443")  # type: ignore[arg-type]
    body = door(
        {
            "PATH_INFO": path,
            "REQUEST_METHOD": "GET",
            "wsgi.url_scheme": "http",
            "REMOTE_ADDR": "-",
            **environ,
        },
        lambda status, headers: told.extend([status, dict(headers)]),  # type: ignore[arg-type, return-value]
    )
    return f"{told[0]} {b''.join(body).decode()}".strip(), told[1]


@pytest.mark.parametrize(
    ("path", "environ", "location"),
    [
        ("/field", {"HTTP_HOST": "192.168.7.20:8080"}, "https://192.168.7.20:8443/field"),
        (
            "/a b",
            {"HTTP_HOST": "[::1]:8080", "QUERY_STRING": "q=1&r=%0d"},
            "https://[::1]:8443/a%20b?q=1&r=%0d",
        ),
        ("/tlsx", {"HTTP_HOST": ""}, "https://gas-server:8443/tlsx"),
        (
            "/x\r\nSet-Cookie: a",
            {"HTTP_HOST": "evil\r\n.example"},
            "https://evil.example:8443/x%0D%0ASet-Cookie%3A%20a",
        ),
        ("/tls", {"HTTP_HOST": "well", "REQUEST_METHOD": "POST"}, "https://well:8443/tls"),
    ],
)
def test_the_plain_door_leads_to_the_secure_one(path, environ, location):
    said, headers = answered(path, **environ)

    assert said == "308 Permanent Redirect"
    assert headers["Location"] == location


@pytest.mark.parametrize("path", ["/tls", "/tls/ca.crt", "/static/hf.css"])
def test_it_shows_a_tablet_how_to_trust_and_nothing_else(path):
    assert answered(path, HTTP_HOST="well")[0] == f"200 OK http - {path}"
