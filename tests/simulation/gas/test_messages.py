"""The gas city's messages: what is sent, in which order, and that the product understands it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from hazard_flow.simulation.gas.city import gas_city
from hazard_flow.simulation.gas.labels import Cause
from hazard_flow.simulation.gas.messages import messages
from hazard_flow.simulation.gas.parameters import shipped_parameters
from hazard_flow.simulation.gas.playing import play
from hazard_flow.telemetry.signals import Raw
from hazard_flow.telemetry.sources.device_topics import delivery_key, parse

AT, EVERY = datetime(2026, 11, 23, 8, tzinfo=UTC), timedelta(seconds=60)
P = shipped_parameters()
SMALL = replace(P, topology=replace(P.topology, districts=1, regulators=1), time=replace(P.time, days=3))


@pytest.fixture(scope="module")
def city():
    """Ten sites, twenty detectors, three days."""
    return gas_city(3, parameters=SMALL)


def test_every_sample_that_is_not_lost_is_sent_once_or_twice(city):
    sent = list(messages(city, 0, 1_000, at=AT, every=EVERY))
    there = sum(
        int((~np.isnan(month.values[:, :1000]) & unkept(month)[:, :1000]).sum()) for month in city.months()
    )
    twice = sum(
        int(
            (
                (month.causes[:, :1000] & np.uint16(Cause.DUPLICATE) > 0)
                & ~np.isnan(month.values[:, :1000])
                & unkept(month)[:, :1000]
            ).sum()
        )
        for month in city.months()
    )

    assert twice > 0
    assert len({(message.topic, message.body) for message in sent}) == there
    assert len(sent) == there + twice


def test_a_late_batch_comes_whole_and_in_order_when_its_time_has_come():
    seed, month, place, begin, end = a_late_batch()
    whole = gas_city(seed, parameters=SMALL)
    only = replace(whole, sites=(month.site,))
    sent = [
        m
        for m in messages(only, begin - 5, end + 5, at=AT, every=EVERY)
        if f"/{month.site.detectors[place]}/" in m.topic
    ]
    numbers = [(m.body, json.loads(m.body)["seq"]) for m in sent]
    at_end = [seq for _, seq in numbers]

    assert at_end == sorted(at_end)
    assert {begin, end - 1} <= set(at_end)
    assert [seq for seq in range(begin, end) if seq in at_end] == list(
        dict.fromkeys(seq for seq in at_end if begin <= seq < end)
    )


def test_the_product_understands_them(city):
    for message in [m for _, m in zip(range(500), messages(city, 0, 100, at=AT, every=EVERY), strict=False)]:
        key = delivery_key(message.topic, message.body, AT)
        found = parse(
            Raw("mqtt", message.body, AT + timedelta(hours=2), {"topic": message.topic, "key": key})
        )

        assert not found.problems
        [signal] = found.signals
        body = json.loads(message.body)
        assert (signal.quantity, signal.value) == ("ch4_lel", body["m"]["ch4_lel"])
        assert signal.observed_at == datetime.fromisoformat(body["ts"])


def test_a_broken_main_alarms_the_wells_behind_it_and_no_others(city):
    broken = city.with_break("GS-000", 600, 700)
    for before, after in zip(city.months(), broken.months(), strict=True):
        struck = "GS-000" in before.site.upstream
        assert np.array_equal(before.gas, after.gas) is not struck
        if struck:
            assert (after.gas[:, 650:700] >= 25).any(axis=1).all()
            assert np.array_equal(before.gas[:, :600], after.gas[:, :600])


def test_playing_keeps_the_pace_and_says_what_is_behind_it(city):
    published, told, slept = [], [], []
    sent = list(messages(city, 100, 110, at=AT, every=EVERY))

    count = play(
        sent,
        lambda topic, body: published.append((topic, body)),
        every_seconds=0.5,
        say=told.append,
        sleep=slept.append,
    )

    assert count == len(sent) == len(published)
    assert slept == [0.5] * 9
    assert [line.split(":")[0] for line in told] == [str(sample) for sample in range(100, 109)]


def unkept(month):
    """What is sent at its own time, or was kept within what is looked at."""
    return np.ones_like(month.kept, bool) if not month.kept.any() else sendable(month)


def sendable(month):
    """Kept samples are sent with their batch, the last of which is not kept any more."""
    free = np.ones_like(month.kept, bool)
    for place, kept in enumerate(month.kept):
        last = 1000 - 1
        while last >= 0 and kept[last]:
            free[place, last] = False
            last -= 1
    return free


def a_late_batch():
    """A detector that keeps at least twenty samples before the end of the record."""
    for seed in range(3, 60):
        for month in gas_city(seed, parameters=SMALL).months():
            for place, kept in enumerate(month.kept):
                runs = np.flatnonzero(np.diff(np.r_[0, (kept > 0).astype(int), 0]))
                for begin, end in zip(runs[::2], runs[1::2], strict=True):
                    window = np.isnan(month.values[place, begin - 5 : end + 5])
                    if end - begin > 20 and begin > 10 and end < len(kept) - 10 and not window.any():
                        return seed, month, place, int(begin), int(end)
    raise AssertionError("no batch in so many months")
