"""Through a real broker, driven by mosquitto's own client: what was published is stored, exactly, whoever dies when."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from hazard_flow.clock import SystemClock
from hazard_flow.identity.models import Organisation
from hazard_flow.simulation.servers import Mosquitto, find_program
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database
from hazard_flow.telemetry import lanes
from hazard_flow.telemetry.jobs import CLIENT_ID, consumers, drain_inbox, run_consumer, take_packets
from hazard_flow.telemetry.models import Inbox, Source
from hazard_flow.telemetry.operations import register_source
from hazard_flow.telemetry.packets import Packet
from hazard_flow.telemetry.sources.mqtt import Broker
from tests.harness.mosquitto import publish
from tests.telemetry import consumer_process
from tests.telemetry.city import START, City

SAMPLE = '{"m":{"ch4_lel":60}}'


def eventually(question: Callable[[], bool], *, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


def publish_lines(broker: Mosquitto, topic: str, lines: list[str]) -> None:
    """Many messages in one go: one a line, QoS 1; returns once the broker has them."""
    program = find_program("mosquitto_pub") or "mosquitto_pub"
    command = [program, "-h", "127.0.0.1", "-p", str(broker.port), "-q", "1", "-t", topic, "-l"]
    subprocess.run(command, input="\n".join(lines).encode() + b"\n", check=True, timeout=60)


def stored(city: City) -> int:
    with city.database.reading(SYSTEM) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Inbox)) or 0


@contextmanager
def consuming(city: City, broker: Mosquitto, name: str) -> Iterator[None]:
    """The consumer in a thread, as a worker runs it."""
    stop = threading.Event()
    thread = threading.Thread(
        target=run_consumer,
        args=(Broker(broker.url), city.database, SystemClock(), stop),
        kwargs={"client_id": name},
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def started(city: City) -> bool:
    """Our own heartbeat has come back through broker and database."""
    with city.database.reading(SYSTEM) as session:
        return session.scalar(sa.select(Source.last_message_at).where(Source.kind == "mqtt")) is not None


def test_three_samples_by_mosquitto_pub_open_one_gas_leak_at_level_2(
    city: City, mqtt_broker: Mosquitto
) -> None:
    shard = city.enterprise_id.hex
    with consuming(city, mqtt_broker, f"test-{shard}"):
        eventually(lambda: started(city))
        for _ in range(3):
            publish(mqtt_broker, f"gas/{shard}/VW-1/G-101/telemetry", SAMPLE)
        eventually(lambda: stored(city) >= 3)
    drain_inbox(city.database, SystemClock())
    assert (city.hazard().family, city.hazard().alarm_level) == ("gas_leak", 2)


def test_messages_of_the_time_without_a_consumer_are_kept_by_the_broker(
    small_city: City, tmp_path: Path
) -> None:
    city = small_city
    with Mosquitto(tmp_path / "broker") as broker:
        with consuming(city, broker, "intake"):
            eventually(lambda: started(city))
        publish_lines(broker, "gas/n/VW-1/G-101/telemetry", [SAMPLE] * 50)
        broker.stop()
        broker.start()
        with consuming(city, broker, "intake"):
            eventually(lambda: stored(city) >= 50)
        assert stored(city) == 50


def test_a_database_that_fails_makes_the_broker_repeat(
    small_city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hazard_flow.telemetry import jobs

    city = small_city
    real, failures = jobs.take_packets, iter(range(2))

    def fail_twice(database: Database, packets: list[Packet], *given: Any, **more: Any) -> None:
        if any(p.topic.startswith("gas/") for p in packets) and next(failures, None) is not None:
            raise OSError("the disk is full")
        real(database, packets, *given, **more)

    monkeypatch.setattr(jobs, "take_packets", fail_twice)
    with Mosquitto(tmp_path / "broker") as broker, consuming(city, broker, "intake"):
        eventually(lambda: started(city))
        publish_lines(broker, "gas/n/VW-1/G-101/telemetry", [SAMPLE] * 20)
        eventually(lambda: stored(city) >= 20)
    assert stored(city) == 20
    assert next(failures, None) is None


def test_two_consumers_never_drive_the_same_lane(small_city: City, tmp_path: Path) -> None:
    city = small_city
    with Mosquitto(tmp_path / "broker") as broker:
        with consuming(city, broker, "intake"), consuming(city, broker, "intake"):
            eventually(lambda: started(city))
            publish_lines(broker, "gas/n/VW-1/G-101/telemetry", [SAMPLE] * 20)
            eventually(lambda: stored(city) >= 20)
        assert stored(city) == 20
        assert broker.tail(500).count("already connected") == 0


def test_killed_between_publish_and_commit_nothing_is_lost_or_doubled(
    small_city: City, tmp_path: Path
) -> None:
    """Messages without a name of their own: only the broker's repeat mark tells a redelivery from a new sample."""
    city = small_city
    url = str(city.database.engine.url)
    sent = 0
    with Mosquitto(tmp_path / "broker") as broker:
        for round_ in range(3):
            process = _start(broker, url, pause_seconds=0.3)
            if round_ == 0:
                eventually(lambda: started(city), seconds=30)
            publish_lines(broker, "gas/n/VW-1/G-101/telemetry", [SAMPLE] * 100)
            sent += 100
            time.sleep(0.25)  # delivered, the commit still pausing
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            publish_lines(broker, "gas/n/VW-1/G-102/telemetry", [SAMPLE] * 100)
            sent += 100
        process = _start(broker, url)
        try:
            eventually(lambda: stored(city) >= sent, seconds=40)
            time.sleep(1)
        finally:
            process.kill()
            process.wait()
    assert stored(city) == sent
    drain_inbox(city.database, SystemClock())
    assert city.states() == {"done": sent}
    assert city.hazard().alarm_level == 2


def _start(broker: Mosquitto, url: str, *, pause_seconds: float = 0.0) -> subprocess.Popen[bytes]:
    script = Path(consumer_process.__file__)
    root = script.parents[2]
    return subprocess.Popen(
        [sys.executable, str(script), broker.url, url, str(pause_seconds)],
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.DEVNULL,
    )


def test_shards_have_a_session_each_and_take_over_what_waits(small_city: City, tmp_path: Path) -> None:
    city = small_city
    with city.database.transaction(SYSTEM) as session:
        enterprise = session.get_one(Organisation, city.enterprise_id)
        for shard in ("a", "b"):
            register_source(
                session, "mqtt", name=shard, organisation=enterprise, now=START, settings={"shard": shard}
            )
    with Mosquitto(tmp_path / "broker") as broker:
        with consuming(city, broker, CLIENT_ID):
            eventually(lambda: started(city))
        publish_lines(
            broker, "gas/b/VW-1/G-101/telemetry", [SAMPLE] * 20
        )  # waits in the one session there is

        stop = threading.Event()
        found = consumers(Broker(broker.url), city.database, SystemClock(), ("a", "b"))
        threads = [threading.Thread(target=run, args=(stop,)) for run in found.values()]
        for thread in threads:
            thread.start()
        try:
            eventually(lambda: heard(city) == {"a", "b"})
            for shard in ("a", "b"):
                publish_lines(broker, f"gas/{shard}/VW-1/G-102/telemetry", [SAMPLE] * 20)
            eventually(lambda: stored(city) >= 60)
            time.sleep(0.5)
        finally:
            stop.set()
            for thread in threads:
                thread.join(20)
    assert list(found) == ["mqtt a", "mqtt b"]
    with city.database.reading(SYSTEM) as session:
        by_shard = session.execute(
            sa.select(Source.name, sa.func.count())
            .join(Inbox, Inbox.source_id == Source.id)
            .group_by(Source.name)
        )
        assert {row[0]: row[1] for row in by_shard} == {"a": 20, "b": 40}


def heard(city: City) -> set[str]:
    """The shards whose own heartbeat came back just now."""
    with city.database.reading(SYSTEM) as session:
        recent = Source.last_message_at > SystemClock().now() - timedelta(seconds=30)
        return set(session.scalars(sa.select(Source.name).where(recent, Source.name.in_(["a", "b"]))))


def test_what_cannot_be_evaluated_at_once_is_stored_all_the_same(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hazard_flow.telemetry import jobs

    def fail(*_: object, **__: object) -> None:
        raise OperationalError("evaluating", {}, Exception("deadlock detected"))

    packets = [Packet("gas/n/VW-1/G-101/telemetry", SAMPLE.encode(), city.now, mid=n) for n in range(1, 4)]
    with monkeypatch.context() as broken:
        broken.setattr(jobs, "evaluate", fail)
        take_packets(city.database, packets, city.now)
    assert city.states() == {"pending": 3}
    # The broker repeats the first three, then three new ones come that were never acknowledged either.
    take_packets(city.database, [replace(packet, dup=True) for packet in packets], city.now)
    take_packets(
        city.database, [replace(packet, mid=packet.mid + 10, dup=True) for packet in packets], city.now
    )
    city.drain()
    assert city.states() == {"done": 6}
    assert city.hazard().alarm_level == 2


def test_of_two_that_evaluate_one_only_stores(city: City) -> None:
    if city.database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer")
    packets = [Packet("gas/n/VW-1/G-101/telemetry", SAMPLE.encode(), city.now, mid=n) for n in range(1, 4)]
    with city.database.transaction(SYSTEM) as session:
        assert lanes.lock(session, lanes.EVALUATION)
        take_packets(city.database, packets, city.now)
        assert city.states() == {"pending": 3}
    city.drain()
    assert city.states() == {"done": 3}
    assert city.hazard().alarm_level == 2
