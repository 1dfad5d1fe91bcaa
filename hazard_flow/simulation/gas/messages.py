"""The city's samples as its detectors send them: topics and JSON bodies."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from hazard_flow.simulation.gas.city import GasCity, SiteMonth
from hazard_flow.simulation.gas.labels import Cause

#: the part of the topics this city's gateways publish under
SHARD = "gas-city"


@dataclass(frozen=True)
class Message:
    """One publication; `sample` is the number of the instant it is sent at, `causes` what is behind it."""

    sample: int
    topic: str
    body: bytes
    causes: int


def messages(city: GasCity, begin: int, end: int, *, at: datetime, every: timedelta) -> Iterator[Message]:
    """What is sent from sample `begin` to before `end`, in the order of sending; played as if sample `begin` were taken at `at`.

    Lost samples are not sent, late ones when their batch is, doubled ones twice.
    """
    months = list(_cut(city, begin, end))
    for sample in range(begin, end):
        for month in months:
            for place in range(len(month.site.detectors)):
                yield from _sent(month, place, sample, begin, at, every)


def _cut(city: GasCity, begin: int, end: int) -> Iterator[SiteMonth]:
    # A batch that was begun before the hour is sent within it: it is left out, as nobody can say it is missing.
    yield from (month for month in city.months() if not np.isnan(month.values[:, begin:end]).all())


def _sent(
    month: SiteMonth, place: int, sample: int, begin: int, at: datetime, every: timedelta
) -> Iterator[Message]:
    if month.kept[place][sample]:
        return
    first = sample
    while first > begin and month.kept[place][first - 1]:
        first -= 1
    for taken in range(first, sample + 1):
        value = float(month.values[place][taken])
        if np.isnan(value):
            continue
        causes = int(month.causes[place][taken])
        message = _message(month, place, taken, value, causes, at + (taken - begin) * every)
        yield message
        if causes & Cause.DUPLICATE:
            yield message


def _message(
    month: SiteMonth, place: int, sample: int, value: float, causes: int, taken_at: datetime
) -> Message:
    device = month.site.detectors[place]
    observed_at = taken_at + timedelta(seconds=month.skew_seconds[place])
    body = {
        "id": f"{device}-{sample}-{int(taken_at.timestamp())}",
        "seq": sample,
        "ts": observed_at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "m": {"ch4_lel": round(value, 1)},
        "q": "good",
        "fw": "3.1.0" if causes & Cause.FIRMWARE else "3.0.4",
    }
    topic = f"gas/{SHARD}/{month.site.code}/{device}/telemetry"
    return Message(sample, topic, json.dumps(body).encode(), causes)
