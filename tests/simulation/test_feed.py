"""The live feed: calm values, one rise that becomes an alarm, the same through a broker and without one."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from hazard_flow.clock import VirtualClock
from hazard_flow.simulation import feed
from hazard_flow.simulation.publisher import Publisher


def test_detectors_are_calm_except_the_rising_one():
    """Nothing near 25 %LEL outside the planned rise; the rise stays below level 2."""
    for _, device in feed.DETECTORS:
        values = [feed.reading(device, second) for second in range(0, 1800, 5)]
        assert min(values) >= 0
        assert (max(values) > 27) == (device == feed.RISING)
        assert max(values) < 45
    assert all(feed.reading(feed.RISING, second) < 5 for second in range(0, 90, 5))


def test_the_rise_lasts_long_enough_for_three_samples_of_five():
    """At one report every five seconds the alarm rule sees it."""
    high = [s for s in range(0, 600, 5) if feed.reading(feed.RISING, s) >= 26]
    assert len(high) >= 10


def test_no_detector_stands_at_the_wells_kept_for_trying_out():
    """VW-1 and VW-9 have no feed."""
    assert not {"VW-1", "VW-9"} & {site for site, _ in feed.DETECTORS}


def test_the_feed_publishes_through_a_broker_and_stops_when_told():
    """Every detector is heard once a round, acknowledged one by one."""
    with _broker() as (url, heard):
        stop = threading.Event()
        live = feed.Feed(
            database=None,
            clock=VirtualClock(datetime(2026, 11, 23, tzinfo=UTC)),
            mqtt_url=url,
            every_seconds=0.01,
        )
        thread = threading.Thread(target=live.run, args=(stop,))
        thread.start()
        while len(heard) < 8:
            stop.wait(0.01)
        stop.set()
        thread.join(5)
    assert {topic for topic, _ in heard} == {f"gas/yunze/{s}/{d}/telemetry" for s, d in feed.DETECTORS}
    assert b'"ch4_lel"' in heard[0][1]


def test_a_broker_that_refuses_is_an_error_the_feed_can_wait_out():
    """Refusals come as OSError, which the feed retries."""
    with (
        _broker(answer=b"\x20\x02\x00\x05") as (url, _),
        pytest.raises(OSError, match="answered"),
        Publisher(url, "x"),
    ):
        pass


@contextmanager
def _broker(answer: bytes = b"\x20\x02\x00\x00") -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """A broker for one client, as far as the protocol needs it: CONNACK and a PUBACK for each PUBLISH."""
    heard: list[tuple[str, bytes]] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        client, _ = listener.accept()
        with client, client.makefile("rb") as stream:
            while head := stream.read(1):
                size, shift = 0, 0
                while True:
                    digit = stream.read(1)[0]
                    size |= (digit & 0x7F) << shift
                    shift += 7
                    if not digit & 0x80:
                        break
                body = stream.read(size)
                if head[0] == 0x10:
                    client.sendall(answer)
                elif head[0] == 0x32:
                    length = int.from_bytes(body[:2], "big")
                    heard.append((body[2 : 2 + length].decode(), body[4 + length :]))
                    client.sendall(b"\x40\x02" + body[2 + length : 4 + length])

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"mqtt://127.0.0.1:{listener.getsockname()[1]}", heard
    finally:
        listener.close()
        thread.join(2)
