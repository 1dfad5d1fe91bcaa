"""A few lines of MQTT 3.1.1: enough to publish at QoS 1 as a detector's gateway does. Speaks to the demo's own broker on loopback."""

import itertools
import socket
from collections.abc import Iterable
from types import TracebackType
from urllib.parse import unquote, urlsplit

TIMEOUT_SECONDS = 5.0
_KEEP_ALIVE_SECONDS = 60
_CONNECT, _CONNACK, _PUBLISH_QOS_1, _PUBACK, _DISCONNECT = 0x10, 0x20, 0x32, 0x40, 0xE0


class Publisher:
    """A connection to a broker at `mqtt://[user:password@]host[:port]`; every message is acknowledged before `publish` returns."""

    def __init__(self, url: str, client_id: str) -> None:
        self._address = urlsplit(url)
        self._client_id = client_id
        self._packet_id = 0
        self._socket: socket.socket | None = None

    def __enter__(self) -> "Publisher":
        host, port = self._address.hostname or "127.0.0.1", self._address.port or 1883
        self._socket = socket.create_connection((host, port), TIMEOUT_SECONDS)
        try:
            self._greet()
        except BaseException:
            self._socket.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._socket is not None
        try:
            if error is None:
                self._send(_DISCONNECT, b"")
        finally:
            self._socket.close()

    def publish(self, topic: str, body: bytes) -> None:
        """Hand a message over; returns when the broker has it. Raises OSError when it cannot say so."""
        self._packet_id = self._packet_id % 0xFFFF + 1
        number = self._packet_id.to_bytes(2, "big")
        self._send(_PUBLISH_QOS_1, _text(topic) + number + body)
        kind, answer = self._receive()
        if kind != _PUBACK or answer[:2] != number:
            raise ConnectionError(f"the broker answered {kind:#x} {answer.hex()}")

    def publish_all(self, messages: Iterable[tuple[str, bytes]], *, at_once: int = 500) -> int:
        """Hand many messages over, `at_once` under way at a time; returns when the broker has them all, and how many they were."""
        count, waiting = 0, iter(messages)
        while batch := list(itertools.islice(waiting, at_once)):
            parts = bytearray()
            for number, (topic, body) in enumerate(batch, start=1):
                parts += _packet(_PUBLISH_QOS_1, _text(topic) + number.to_bytes(2, "big") + body)
            assert self._socket is not None
            self._socket.sendall(parts)
            for _ in batch:
                kind, answer = self._receive()
                if kind != _PUBACK:
                    raise ConnectionError(f"the broker answered {kind:#x} {answer.hex()}")
            count += len(batch)
        return count

    def _greet(self) -> None:
        flags, login = 0x02, b""  # a clean session
        if self._address.username:
            flags |= 0xC0
            login = _text(unquote(self._address.username)) + _text(unquote(self._address.password or ""))
        head = _text("MQTT") + bytes([4, flags]) + _KEEP_ALIVE_SECONDS.to_bytes(2, "big")
        self._send(_CONNECT, head + _text(self._client_id) + login)
        kind, body = self._receive()
        if kind != _CONNACK or body[1] != 0:
            raise ConnectionRefusedError(f"the broker answered {kind:#x} {body.hex()}")

    def _send(self, kind: int, body: bytes) -> None:
        assert self._socket is not None
        self._socket.sendall(_packet(kind, body))

    def _receive(self) -> tuple[int, bytes]:
        # Answers to us are two to four bytes long, so their length is one byte.
        head = self._read(2)
        return head[0] & 0xF0, self._read(head[1])

    def _read(self, size: int) -> bytes:
        assert self._socket is not None
        taken = b""
        while len(taken) < size:
            more = self._socket.recv(size - len(taken))
            if not more:
                raise ConnectionError("the broker hung up")
            taken += more
        return taken


def _packet(kind: int, body: bytes) -> bytes:
    length, size = bytearray(), len(body)
    while True:
        size, digit = divmod(size, 128)
        length.append(digit | (0x80 if size else 0))
        if not size:
            return bytes([kind]) + bytes(length) + body


def _text(value: str) -> bytes:
    encoded = value.encode()
    return len(encoded).to_bytes(2, "big") + encoded
