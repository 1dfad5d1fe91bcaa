"""Devices' own messages on `gas/<shard>/<site>/<device>/{telemetry|event|status}`: JSON, one sample or a list of them."""

import hashlib
import json
import math
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from hazard_flow.telemetry.signals import Parsed, Problem, Raw, Signal, Status, observed_instant
from hazard_flow.telemetry.sources import source

#: one message may carry this many samples (a gateway's buffer), each with this many quantities
SAMPLES_MAX = 1_000
QUANTITIES_MAX = 50
_PART_MAX = 80


@dataclass(frozen=True)
class Topic:
    """The five parts of a device topic. The broker's access list vouches for site and device, never the body."""

    shard: str
    site: str
    device: str
    channel: str


@lru_cache(maxsize=100_000)
def read_topic(topic: str) -> Topic | None:
    """The parts of `gas/<shard>/<site>/<device>/<channel>`, or None for any other topic."""
    parts = topic.split("/")
    if len(parts) != 5 or parts[0] != "gas" or parts[4] not in ("telemetry", "event", "status"):
        return None
    if not all(0 < len(part) <= _PART_MAX and part.isprintable() for part in parts):
        return None
    return Topic(*parts[1:])


@source("mqtt")
def parse(raw: Raw) -> Parsed:
    """Signals of one stored device message; `headers` hold `topic`, `retain` and the delivery key given at receipt.

    A retained message is what somebody said once, at an unknown time: kept, never evidence.
    """
    if raw.headers.get("retain"):
        return Parsed()
    name = str(raw.headers.get("topic", ""))
    topic = read_topic(name)
    if topic is None:
        return Parsed(problems=(Problem("unknown_topic", name[:200]),))
    try:
        body = json.loads(raw.body)
    except (ValueError, RecursionError) as error:
        return Parsed(problems=(Problem("not_json", str(error)[:200]),))
    key = str(raw.headers.get("key", ""))
    if topic.channel == "status":
        return _status(topic, body, raw, key)
    if topic.channel == "event":
        return Parsed(problems=(Problem("no_mapping", name[:200]),))
    samples = body if isinstance(body, list) else [body]
    if not samples or len(samples) > SAMPLES_MAX:
        return Parsed(problems=(Problem("sample_count", str(len(samples))),))
    read = [_samples(topic, sample, raw, f"{key}.{number}") for number, sample in enumerate(samples)]
    return Parsed(
        tuple(s for part in read for s in part.signals), tuple(p for part in read for p in part.problems)
    )


def delivery_key(topic: str, body: bytes, received_at: datetime) -> str | None:
    """The identity of a device message by its own words, or None if it has none and only the transport can tell it apart.

    Device, id or seq, and ts name a message fully. An id or seq without ts may start over when a device restarts, so the content and
    the ten minutes of receipt count too. A ts alone names a sample only if it is finer than a second: a slow clock stamps different
    samples alike, and counting one twice is safer than losing one.
    """
    parts = read_topic(topic)
    try:
        sample = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if parts is None or not isinstance(sample, dict):
        return None
    name, number, stamp = (sample.get(field) for field in ("id", "seq", "ts"))
    if not all(_plain(value) for value in (name, number, stamp)):
        return None
    content = hashlib.sha256(body).hexdigest()
    known = [topic, _word(name), _word(number), _word(stamp)]
    if name is None and number is None:
        if stamp is None or not _finer_than_a_second(stamp):
            return None
        known.append(content)
    elif stamp is None:
        known += [content, str(int(received_at.timestamp()) // 600)]
    # Half of a surrogate pair is no UTF-8, yet JSON may spell one: it must not stop the batch it came in.
    return "own:" + hashlib.sha256("\x1f".join(known).encode("utf-8", "surrogatepass")).hexdigest()


def _plain(value: object) -> bool:
    return value is None or (isinstance(value, str | int | float) and not isinstance(value, bool))


def _word(value: object) -> str:
    return "" if value is None else f"{type(value).__name__}:{value}"


def _finer_than_a_second(stamp: object) -> bool:
    if isinstance(stamp, str):
        return "." in stamp
    return isinstance(stamp, float) or (isinstance(stamp, int) and stamp >= 100_000_000_000)


def _samples(topic: Topic, sample: Any, raw: Raw, key: str) -> Parsed:
    values = sample.get("m") if isinstance(sample, dict) else None
    if not isinstance(values, dict) or not 0 < len(values) <= QUANTITIES_MAX:
        return Parsed(problems=(Problem("no_values"),))
    observed_at, remark = observed_instant(sample.get("ts"), raw.received_at)
    quality = " ".join(part for part in (remark, _quality(sample.get("q"))) if part)
    signals: list[Signal] = []
    problems: list[Problem] = []
    for quantity, value in values.items():
        number = _number(value)
        if number is None:
            problems.append(Problem("not_a_number", quantity[:_PART_MAX]))
            continue
        if not quantity.isidentifier() or len(quantity) > _PART_MAX:
            problems.append(Problem("unknown_quantity", repr(quantity)[:_PART_MAX]))
            continue
        signals.append(
            Signal(
                delivery_key=f"{key}.{quantity}",
                status=Status.SAMPLE,
                observed_at=observed_at,
                received_at=raw.received_at,
                site=topic.site,
                device=topic.device,
                quantity=quantity,
                value=number,
                quality=quality,
            )
        )
    return Parsed(tuple(signals), tuple(problems))


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _quality(flag: object) -> str:
    """The device's own quality word, unless it is one of the usual words for good."""
    word = str(flag).strip().lower() if isinstance(flag, str | int | float) else ""
    return "" if word in ("", "0", "good", "ok", "true") else f"q={word[:20]}"


def _status(topic: Topic, body: Any, raw: Raw, key: str) -> Parsed:
    word = body.get("status") if isinstance(body, dict) else None
    if word not in (Status.ONLINE, Status.OFFLINE):
        return Parsed(problems=(Problem("unknown_status", str(word)[:_PART_MAX]),))
    said = Signal(
        delivery_key=key,
        status=Status(word),
        observed_at=raw.received_at,
        received_at=raw.received_at,
        site=topic.site,
        device=topic.device,
        identity=f"link:{topic.device}",
        episode=raw.received_at.isoformat(),
    )
    return Parsed((said,))
