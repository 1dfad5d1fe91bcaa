"""kill -9 of the process that consumes from the broker, and clean restarts of the broker: stored = sent, to the message.

The broker is the one we ship, the senders are mosquitto's own client. Half of the messages have a name of their own; the others all
say the same, and only the broker's repeat mark tells a redelivery from a new sample.
"""

import json
import random
import subprocess
import threading
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from hazard_flow.hazards.models import Hazard
from hazard_flow.simulation.servers import find_program
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.telemetry.jobs import drain_inbox
from hazard_flow.telemetry.models import Inbox, StoredSignal
from tests.chaos.checker import check
from tests.chaos.dice import dice
from tests.chaos.place import Place
from tests.chaos.programs import Program
from tests.chaos.wells import equip
from tests.harness.shipped_broker import DEVICE_PASSWORD, ShippedBroker
from tests.harness.waiting import wait_for
from tests.telemetry import consumer_process

#: a minute on a machine of one's own, many on one that is shared
pytestmark = pytest.mark.timeout(900)

#: messages, kills of the consumer, restarts of the broker: what CI samples and what the soak runs
SAMPLE, WHOLE = (1_200, 2, 1), (20_000, 20, 2)
#: lines that one run of the sender hands over
SLICE = 100
TOPICS = {"G-101": "gas/n/TVW-1/G-101/telemetry", "G-102": "gas/n/TVW-2/G-102/telemetry"}
SAME = '{"m":{"ch4_lel":60}}'


def test_a_killed_consumer_loses_and_doubles_nothing(place: Place, tmp_path: Path):
    run(place, tmp_path, *SAMPLE)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_twenty_times_killed_a_consumer_loses_and_doubles_nothing(place: Place, tmp_path: Path):
    run(place, tmp_path, *WHOLE)


def run(place: Place, folder: Path, messages: int, kills: int, restarts: int) -> None:
    chance, began = dice(f"killed consumer, {place.database.engine.dialect.name}"), time.monotonic()
    equip(place)
    with ShippedBroker(folder / "broker") as broker:
        consumer = Consumer(place, broker, folder / "consumer").start()
        wait_for(
            lambda: place.see("SELECT count(*) FROM source WHERE last_message_at IS NOT NULL"),
            bool,
            seconds=300,
        )
        sender = Sender(broker, messages, pauses=restarts, began=place.application.clock.now())
        sender.start()
        killed = _rage(place, consumer, broker, sender, chance, kills=kills, restarts=restarts)
        sender.join()
        wait_for(lambda: stored(place), lambda count: count >= messages, seconds=600, every_seconds=1)
        consumer.close()
    drain_inbox(place.database, place.application.clock)
    print(
        f"{messages} messages, {killed} kills, {restarts} restarts of the broker, "
        f"{repeated(place)} redelivered; {time.monotonic() - began:.1f} s",
        flush=True,
    )
    assert stored(place) == messages
    assert states(place) == {"done": messages}
    assert named(place) == Counter({f"a{number}": 1 for number in range(messages // 2)})
    with place.database.reading(SYSTEM) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(StoredSignal)) == messages
        [hazard] = session.scalars(sa.select(Hazard)).all()
        assert (hazard.family, hazard.alarm_level) == ("gas_leak", 2)
    assert check(place.database, place.application.clock.now(), all_fired=False, dice=chance) == []


class Consumer(Program):
    """What a worker consumes with, and nothing else of a worker: it is up again sooner."""

    def __init__(self, place: Place, broker: ShippedBroker, folder: Path) -> None:
        words = [broker.url, str(place.application.settings.database_url), "0.02", str(broker.ca)]
        super().__init__(words, place.environment, folder, launch=[consumer_process.__file__])


class Sender(threading.Thread):
    """Hands over all messages, slice after slice; stands still at a slice's end while the broker is restarted."""

    def __init__(self, broker: ShippedBroker, messages: int, *, pauses: int, began: object) -> None:
        super().__init__(daemon=True)
        self.broker = broker
        self.sent = 0
        self.may_send = threading.Event()
        self.stands = threading.Event()
        self.may_send.set()
        start = began - timedelta(hours=1)  # type: ignore[operator]
        lines = [_named(number, start) for number in range(messages // 2)]
        self.slices = [
            piece
            for place in range(0, messages // 2, SLICE)
            for piece in (
                ("G-101", lines[place : place + SLICE]),
                ("G-102", [SAME] * len(lines[place : place + SLICE])),
            )
        ]

    def run(self) -> None:
        for device, lines in self.slices:
            self.stands.set()
            self.may_send.wait()
            self.stands.clear()
            self._hand_over(device, lines)
            self.sent += len(lines)
        self.stands.set()

    def _hand_over(self, device: str, lines: list[str]) -> None:
        program = find_program("mosquitto_pub") or "mosquitto_pub"
        command = [
            *(program, "-h", "localhost", "-p", str(self.broker.port), "--cafile", str(self.broker.ca)),
            *("-u", device, "-P", DEVICE_PASSWORD, "-q", "1", "-t", TOPICS[device], "-l"),
        ]
        subprocess.run(command, input="\n".join(lines).encode() + b"\n", check=True, timeout=300)


def _named(number: int, start: object) -> str:
    at = start + timedelta(milliseconds=number)  # type: ignore[operator]
    return json.dumps({"id": f"a{number}", "ts": at.isoformat(), "m": {"ch4_lel": number % 5}})


def _rage(
    place: Place,
    consumer: Consumer,
    broker: ShippedBroker,
    sender: Sender,
    chance: random.Random,
    *,
    kills: int,
    restarts: int,
) -> int:
    """Kill the consumer whenever it has stored some more, let the broker restart now and then, until the counts are done."""
    due = sorted(chance.sample(range(1, kills + 1), restarts))
    for number in range(1, kills + 1):
        seen = stored(place)
        wait_for(
            lambda was=seen: (stored(place), sender.is_alive()),
            lambda now, was=seen: now[0] > was or not now[1],
            seconds=300,
        )
        time.sleep(chance.uniform(0, 0.4))
        consumer.kill()
        if number in due:
            sender.may_send.clear()
            sender.stands.wait()
            broker.stop()
            broker.start()
            sender.may_send.set()
        time.sleep(chance.uniform(0, 0.5))
        consumer.start()
    return kills


def stored(place: Place) -> int:
    return int(place.see("SELECT count(*) FROM inbox"))


def states(place: Place) -> Counter[str]:
    with place.database.reading(SYSTEM) as session:
        rows = session.execute(sa.select(Inbox.state, sa.func.count()).group_by(Inbox.state))
        return Counter({row[0]: row[1] for row in rows})


def named(place: Place) -> Counter[str]:
    """How often each message with a name was stored."""
    with place.database.reading(SYSTEM) as session:
        bodies = [json.loads(body) for body in session.scalars(sa.select(Inbox.body))]
    return Counter(body["id"] for body in bodies if "id" in body)


def repeated(place: Place) -> int:
    """Messages that were stored from a delivery the broker marked as a repetition."""
    with place.database.reading(SYSTEM) as session:
        return sum(bool(headers.get("dup")) for headers in session.scalars(sa.select(Inbox.headers)))
