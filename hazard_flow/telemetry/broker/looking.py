"""What can be seen of a broker's settings from outside, with our own credentials and messages of our own only."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hazard_flow.storage.base import new_id
from hazard_flow.telemetry.packets import HEARTBEAT
from hazard_flow.telemetry.sources.mqtt import Broker
from hazard_flow.telemetry.sources.topics import SUBSCRIBED

#: mosquitto hands out 20 unacknowledged messages and queues 1000 more unless it is told otherwise
WINDOW_DEFAULT, QUEUE_DEFAULT = 20, 1_000
#: messages sent to ourselves: more than both together
PROBES = WINDOW_DEFAULT + QUEUE_DEFAULT + 80
ANSWER_SECONDS = 10.0
#: so long nothing more comes before the window counts as full
QUIET_SECONDS = 0.7
#: the code of a subscription that was refused
REFUSED_FROM = 128


@dataclass(frozen=True)
class Fault:
    """Something wrong: a code with sentences `telemetry.broker.<code>` and `.mend`, and the detail."""

    code: str
    detail: str = ""


@dataclass
class _Talk:
    """One short session with the broker, and what it said."""

    broker: Broker
    anonymous: bool = False
    accepted: str | None = None
    granted: dict[int, list[int]] = field(default_factory=dict)
    received: int = 0
    acknowledging: bool = False
    published: int = 0
    _pending: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.name = f"hazard-flow-look-{new_id().hex[-12:]}"
        self.client = self.broker.client(self.name, lasting=False, anonymous=self.anonymous)
        self.client.on_connect = self._on_connect
        self.client.on_subscribe = self._on_subscribe
        self.client.on_publish = self._on_publish
        self.client.on_message = self._on_message

    def wait(self, question: Any, *, seconds: float = ANSWER_SECONDS) -> bool:
        """Drive the session until the question is answered with yes."""
        until = time.monotonic() + seconds
        while not question():
            if time.monotonic() > until or self.client.loop(0.05):
                return bool(question())
        return True

    def quiet(self) -> None:
        """Drive the session until nothing more comes."""
        seen, since = (-1, -1), time.monotonic()
        while time.monotonic() - since < QUIET_SECONDS and not self.client.loop(0.05):
            if (self.received, self.published) != seen:
                seen, since = (self.received, self.published), time.monotonic()

    def take(self) -> None:
        """Acknowledge from now on, what came before included."""
        self.acknowledging = True
        for mid, qos in self._pending:
            self.client.ack(mid, qos)
        self._pending.clear()

    def _on_connect(self, _client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self.accepted = str(reason) if reason.is_failure else ""

    def _on_subscribe(self, _client: Any, _data: Any, mid: int, reasons: Any, _properties: Any) -> None:
        self.granted[mid] = [reason.value for reason in reasons]

    def _on_publish(self, _client: Any, _data: Any, _mid: int, _reason: Any, _properties: Any) -> None:
        self.published += 1

    def _on_message(self, client: Any, _data: Any, message: Any) -> None:
        self.received += 1
        if self.acknowledging:
            client.ack(message.mid, message.qos)
        else:
            self._pending.append((message.mid, message.qos))


def look(broker: Broker) -> list[Fault]:
    """What is wrong with the broker, as far as it shows: reach, trust, credentials, rights, window and queue.

    Whether it keeps its queues on disk does not show. Takes a few seconds and leaves nothing behind.
    """
    try:
        broker.reach(seconds=ANSWER_SECONDS)
        with _talking(_Talk(broker)) as talk:
            if talk.accepted is None:
                return [Fault("no_answer")]
            if talk.accepted:
                return [Fault("refused", talk.accepted)]
            found = [*_rights(talk), *_queue(talk)]
    except OSError as error:
        return [Fault("tls" if type(error).__module__ == "ssl" else "unreachable", str(error))]
    return [*found, *_open_to_all(broker)]


def _rights(talk: _Talk) -> Iterator[Fault]:
    topics = [*SUBSCRIBED, HEARTBEAT + talk.name]
    for topic in topics:
        _, mid = talk.client.subscribe(topic, 1)
        if not talk.wait(lambda m=mid: m in talk.granted) or talk.granted[mid or 0][0] >= REFUSED_FROM:
            yield Fault("no_right", topic)
        if topic in SUBSCRIBED:
            talk.client.unsubscribe(topic)


def _queue(talk: _Talk) -> Iterator[Fault]:
    """Our own heartbeat topic is filled while we acknowledge nothing: what the broker holds out, and what it drops, shows."""
    before = talk.received
    for _ in range(PROBES):
        talk.client.publish(HEARTBEAT + talk.name, b"{}", qos=1)
        talk.client.loop(0)
    talk.wait(lambda: talk.published >= PROBES)
    talk.quiet()
    window = talk.received - before
    if window == 0:
        yield Fault("no_heartbeat")
        return
    if window <= WINDOW_DEFAULT:
        yield Fault("small_window", str(window))
    talk.take()
    talk.wait(lambda: talk.received - before >= PROBES, seconds=ANSWER_SECONDS / 2)
    if talk.received - before < PROBES:
        yield Fault("queue_cut", str(PROBES - (talk.received - before)))


def _open_to_all(broker: Broker) -> list[Fault]:
    with contextlib.suppress(OSError), _talking(_Talk(broker, anonymous=True)) as talk:
        if talk.accepted == "":
            return [Fault("open_to_all")]
    return []


@contextlib.contextmanager
def _talking(talk: _Talk) -> Iterator[_Talk]:
    talk.client.connect(*talk.broker.address, keepalive=30)
    try:
        talk.wait(lambda: talk.accepted is not None)
        yield talk
    finally:
        with contextlib.suppress(Exception):
            talk.client.disconnect()
            talk.client.loop(0.2)
