"""A proxy that mistreats what passes through it, by rule: lost answers, broken servers, portals in a hotel's wireless network."""

import contextlib
import http.client
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_HOP_BY_HOP = ("connection", "keep-alive", "transfer-encoding", "content-length")
_PORTAL = "<!doctype html><title>Welcome</title><h1>Free wireless: please accept the terms</h1>"
UPSTREAM_TIMEOUT_S = 20


class Fault(Enum):
    """What may happen to a request."""

    #: the server does its work, its answer never arrives
    ANSWER_LOST = "answer lost"
    #: the server never hears of it
    REQUEST_LOST = "request lost"
    #: a server's own error page, or its problem+json
    ERROR_PAGE = "500 page"
    ERROR_JSON = "500 json"
    #: somebody else's page with status 200
    PORTAL = "portal"


@dataclass(frozen=True)
class Passed:
    """One request that came by."""

    method: str
    path: str
    offset: str | None
    status: int
    fault: Fault | None
    headers: Mapping[str, str]


Rule = Callable[[str, str, Mapping[str, str]], Fault | None]


@dataclass
class FaultProxy:
    """Listens on a port of its own; where it forwards to and what it does to whom can change at any time."""

    port: int
    upstream: int
    rule: Rule | None = None
    #: no line at all: a browser that only plays at being offline still lets its worker through at the start
    is_down: bool = False
    passed: list[Passed] = field(default_factory=list)
    #: called when a request has come by, for tests that act in the middle
    notice: Callable[[Passed], None] | None = None

    @property
    def url(self) -> str:
        """Where the browser goes."""
        return f"http://127.0.0.1:{self.port}"

    def seen(self, method: str, part: str = "") -> list[Passed]:
        """What came by with this method and a path that holds `part`."""
        return [one for one in self.passed if one.method == method and part in one.path]

    def note(self, passed: Passed) -> None:
        """Keep what came by."""
        self.passed.append(passed)
        if self.notice:
            self.notice(passed)


@contextmanager
def fault_proxy(upstream: int) -> Iterator[FaultProxy]:
    """In front of a server on this machine, until the block ends."""
    proxy = FaultProxy(0, upstream)
    handler = type("Handler", (_Handler,), {"proxy": proxy})
    server = _Listening(("127.0.0.1", 0), handler)
    proxy.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)


class _Listening(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that was killed hangs up in the middle: nothing to tell."""


class _Handler(BaseHTTPRequestHandler):
    proxy: FaultProxy
    protocol_version = "HTTP/1.1"
    timeout = 30

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.proxy.is_down:
            self.close_connection = True
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        fault = self.proxy.rule(self.command, self.path, headers) if self.proxy.rule else None
        status, answer, answer_headers = self._outcome(fault, body)
        offset = headers.get("upload-offset")
        self.proxy.note(Passed(self.command, self.path, offset, status, fault, headers))
        if not status or fault is Fault.ANSWER_LOST:
            self.close_connection = True
            return
        with contextlib.suppress(OSError):
            self._send(status, answer, answer_headers)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _handle  # noqa: N815

    def _outcome(self, fault: Fault | None, body: bytes) -> tuple[int, bytes, Mapping[str, str]]:
        if fault is Fault.REQUEST_LOST:
            return 0, b"", {}
        if fault is Fault.PORTAL:
            return 200, _PORTAL.encode(), {"Content-Type": "text/html; charset=utf-8"}
        if fault is Fault.ERROR_PAGE:
            return 500, b"<h1>Bad gateway</h1>", {"Content-Type": "text/html"}
        if fault is Fault.ERROR_JSON:
            return 500, b'{"code": "internal"}', {"Content-Type": "application/problem+json"}
        try:
            return self._forward(body)
        except (OSError, http.client.HTTPException):
            return 0, b"", {}  # the server is away: so are we

    def _forward(self, body: bytes) -> tuple[int, bytes, Mapping[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.proxy.upstream, timeout=UPSTREAM_TIMEOUT_S)
        with contextlib.closing(connection):
            headers = {n: v for n, v in self.headers.items() if n.lower() not in _HOP_BY_HOP}
            connection.request(self.command, self.path, body=body or None, headers=headers)
            reply = connection.getresponse()
            data = reply.read()
            return reply.status, data, _Headers(reply.getheaders())

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in _HOP_BY_HOP:
                self.send_header(name, value)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: what came by is in `passed`."""


class _Headers(dict[str, str]):
    """Headers of an answer, of which several may bear one name (Set-Cookie)."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs

    def items(self) -> Any:
        """All of them, in order."""
        return self.pairs
