"""The consumer of the broker: the one place that speaks MQTT. It loses nothing: what is not committed is not acknowledged.

MQTT 3.1.1, fixed client id, persistent session, QoS 1, manual acknowledgement after the commit, a loop of its own. Brokers repeat
unacknowledged messages only at a reconnect, so a failed commit disconnects.
"""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

import structlog
from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from hazard_flow.clock import Clock
from hazard_flow.telemetry.packets import HEARTBEAT, Packet
from hazard_flow.telemetry.sources.topics import SUBSCRIBED

log = structlog.get_logger("telemetry.mqtt")

#: a batch is committed at this many messages or after this long: the broker's window (20 by default) may be smaller than the batch
FLUSH_ROWS = 500
FLUSH_AFTER_SECONDS = 0.2
HEARTBEAT_EVERY_SECONDS = 10.0
KEEP_ALIVE_SECONDS = 30
RETRY_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0)


class _Lost(Exception):
    """The connection, or our trust in it, is gone: begin again."""


@dataclass(frozen=True)
class Broker:
    """How the broker is reached and trusted."""

    #: mqtt://[user:password@]host[:port] or mqtts://…
    url: str
    #: who signed its certificate: PEM text or a PEM file; the system's authorities when empty
    ca: str = ""
    #: PEM file with our own certificate and its key; none when empty
    certificate: str = ""

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        parts = urlsplit(self.url)
        return parts.hostname or "127.0.0.1", parts.port or (8883 if self.is_secure else 1883)

    def reach(self, *, seconds: float) -> None:
        """Connect and shake hands, no more. Raises OSError: `ssl.SSLError` where the certificate is not trusted."""
        with socket.create_connection(self.address, timeout=seconds) as plain:
            if self.is_secure:
                with self._context().wrap_socket(plain, server_hostname=self.address[0]):
                    pass

    @property
    def is_secure(self) -> bool:
        """Whether it is spoken to over TLS."""
        return urlsplit(self.url).scheme == "mqtts"

    def client(self, client_id: str, *, lasting: bool, anonymous: bool = False) -> mqtt.Client:
        """A client with our credentials that acknowledges only when told to. `lasting`: the broker keeps its session."""
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=not lasting, manual_ack=True
        )
        parts = urlsplit(self.url)
        if parts.username and not anonymous:
            client.username_pw_set(unquote(parts.username), unquote(parts.password or ""))
        if self.is_secure:
            client.tls_set_context(self._context())
        return client

    def _context(self) -> ssl.SSLContext:
        is_text = "-----BEGIN" in self.ca
        context = ssl.create_default_context(
            cafile=None if is_text or not self.ca else self.ca, cadata=self.ca if is_text else None
        )
        if self.certificate:
            context.load_cert_chain(self.certificate)
        return context


@dataclass
class Consumer:
    """One session with the broker. `store` commits a batch and returns, or raises; `holds` says whether this process may go on."""

    broker: Broker
    client_id: str
    store: Callable[[Sequence[Packet]], object]
    clock: Clock
    holds: Callable[[], bool] = lambda: True
    topics: Sequence[str] = SUBSCRIBED
    _buffer: list[Packet] = field(default_factory=list)
    _oldest: float = 0.0
    _connected: bool = False
    _refused: str = ""

    def run(self, stop: threading.Event) -> None:
        """Consume until told to stop or the lease is lost; connection and database may come and go meanwhile."""
        failures = 0
        while not stop.is_set() and self.holds():
            try:
                self._session(stop)
                failures = 0
            except Exception as error:
                was = self._connected
                self._buffer.clear()
                self._connected = False
                failures = 0 if was and isinstance(error, _Lost) else failures + 1
                log.warning(
                    "broker session ended", error=str(error) or type(error).__name__, failures=failures
                )
                stop.wait(RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)])

    def _session(self, stop: threading.Event) -> None:
        client = self._client()
        client.connect(*self.broker.address, KEEP_ALIVE_SECONDS)
        beat = 0.0
        try:
            while not stop.is_set() and self.holds():
                if client.loop(FLUSH_AFTER_SECONDS / 2) != MQTTErrorCode.MQTT_ERR_SUCCESS or self._refused:
                    raise _Lost(self._refused or "connection lost")
                if self._buffer and (
                    len(self._buffer) >= FLUSH_ROWS or time.monotonic() - self._oldest >= FLUSH_AFTER_SECONDS
                ):
                    self._flush(client)
                if self._connected and time.monotonic() - beat >= HEARTBEAT_EVERY_SECONDS:
                    beat = time.monotonic()
                    client.publish(HEARTBEAT + self.client_id, b"{}", qos=1)
            if self._buffer:
                self._flush(client)
                client.loop_write()
        finally:
            with contextlib.suppress(Exception):
                client.disconnect()
                client.loop_write()
            self._connected = False

    def _flush(self, client: mqtt.Client) -> None:
        batch, self._buffer = self._buffer, []
        self.store(batch)
        for packet in batch:
            client.ack(packet.mid, packet.qos)

    def _client(self) -> mqtt.Client:
        client = self.broker.client(self.client_id, lasting=True)
        self._refused = ""
        client.on_connect = self._on_connect
        client.on_message = self._on_message
        return client

    # An exception out of a callback would end the loop while the connection still looks alive: none may leave.

    def _on_connect(self, client: mqtt.Client, _data: Any, flags: Any, reason: Any, _properties: Any) -> None:
        try:
            if reason.is_failure:
                self._refused = f"the broker refused us: {reason}"
                return
            # A session remembers what it once asked for: shards may have been cut since.
            for topic in set(SUBSCRIBED) - set(self.topics):
                client.unsubscribe(topic)
            client.subscribe([(topic, 1) for topic in (*self.topics, HEARTBEAT + self.client_id)])
            self._connected = True
            log.info("broker session", client_id=self.client_id, session_present=flags.session_present)
        except Exception as error:
            self._refused = f"subscribing failed: {error!r}"

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        try:
            if not self._buffer:
                self._oldest = time.monotonic()
            self._buffer.append(
                Packet(
                    topic=_topic(message),
                    body=bytes(message.payload),
                    received_at=self.clock.now(),
                    mid=message.mid,
                    qos=message.qos,
                    retain=bool(message.retain),
                    dup=bool(message.dup),
                )
            )
        except Exception as error:
            self._refused = f"a message could not be read: {error!r}"


def _topic(message: mqtt.MQTTMessage) -> str:
    try:
        return message.topic
    except UnicodeDecodeError:  # a broker should not let it pass; it must not stop the messages behind it
        return "?"
