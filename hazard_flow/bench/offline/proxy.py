"""A network that lies: an HTTP proxy that spoils a share of the requests it carries, by lot, each in one of the ways tablets meet."""

import contextlib
import random
import socket
import threading
import time
from types import TracebackType

from hazard_flow.simulation.process import free_port

#: the answer is lost on its way · the server is broken before it worked, and after · the request is cut short · a login page · a slow link
WAYS = ("drop_answer", "error_before", "error_after", "cut", "captive", "slow")
SLOW_SECONDS = 0.3
_READ_BYTES = 64 * 1024
_ERROR = b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nConnection: close\r\n\r\nerror"
_PAGE = b"<html><title>Wi-Fi</title>sign in</html>"
_CAPTIVE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
    % len(_PAGE)
) + _PAGE


class FaultyProxy:
    """Listens on a port of its own and carries each request to `target`, unless the lot says otherwise."""

    def __init__(self, target: int, *, faults: float, seed: int) -> None:
        self.port = free_port()
        self.spoiled = 0
        self._target = target
        self._faults = faults
        self._dice = random.Random(seed)
        self._lock = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", self.port), backlog=128)
        self._thread = threading.Thread(target=self._listen, name="faulty-proxy", daemon=True)

    def __enter__(self) -> "FaultyProxy":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(timeout=5)

    def _listen(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            request = _read_request(client)
            way = self._lot()
            if way == "cut":
                self._forward(request[: max(1, len(request) - max(1, len(request) // 3))], answer=False)
            elif way == "error_before":
                client.sendall(_ERROR)
            elif way == "captive":
                client.sendall(_CAPTIVE)
            else:
                answer = self._forward(request)
                if way == "slow":
                    time.sleep(SLOW_SECONDS)
                if way == "error_after":
                    client.sendall(_ERROR)
                elif way != "drop_answer":
                    client.sendall(answer)

    def _lot(self) -> str:
        with self._lock:
            if self._dice.random() >= self._faults:
                return ""
            self.spoiled += 1
            return self._dice.choice(WAYS)

    def _forward(self, request: bytes, *, answer: bool = True) -> bytes:
        with socket.create_connection(("127.0.0.1", self._target), timeout=60) as server:
            server.sendall(request)
            if not answer:
                return b""
            found = bytearray()
            while piece := server.recv(_READ_BYTES):
                found += piece
            return bytes(found)


def _read_request(client: socket.socket) -> bytes:
    """One whole request; the clients close after each."""
    client.settimeout(60)
    found = bytearray()
    while b"\r\n\r\n" not in found:
        piece = client.recv(_READ_BYTES)
        if not piece:
            raise OSError("no request")
        found += piece
    head, _, body = bytes(found).partition(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        ),
        0,
    )
    while len(body) < length:
        piece = client.recv(_READ_BYTES)
        if not piece:
            raise OSError("cut")
        body += piece
    return head + b"\r\n\r\n" + body
