"""The normalised signal: what every source's bytes become before any rule looks at them. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

#: a device clock may run this far ahead before the receipt time is used instead (telemetry 1.3)
FUTURE_SKEW = timedelta(minutes=2)
#: bounds of a believable device clock: nothing measures before 2000, and milliseconds exceed this many seconds
_EPOCH_SECONDS_MIN = 946_684_800
_EPOCH_MILLISECONDS_FROM = 100_000_000_000


class Status(StrEnum):
    """What a signal says: a measured value, or an outside system's statement about an alert or a device."""

    SAMPLE = "sample"
    FIRING = "firing"
    RESOLVED = "resolved"
    ONLINE = "online"
    OFFLINE = "offline"


@dataclass(frozen=True)
class Raw:
    """A stored message as a parser sees it: bytes, what came with them, and when we got them."""

    kind: str
    body: bytes
    received_at: datetime
    headers: Mapping[str, Any] = field(default_factory=dict)
    #: of the source: its zone, its mapping, the device it stands for
    settings: Mapping[str, Any] = field(default_factory=dict)
    #: names of the quantities the rules know: what else a sender says in words is no measurement
    known: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Signal:
    """One statement of one source. Codes are as sent; devices and sites are looked up later."""

    #: unique within the source; the same statement delivered twice has the same key
    delivery_key: str
    status: Status
    observed_at: datetime
    received_at: datetime
    #: asset code of the site and code of the device, as sent
    site: str | None = None
    device: str | None = None
    #: physical quantity (`ch4_lel`) of a sample; empty for statements
    quantity: str = ""
    value: float | None = None
    #: remarks on the value or its time: `skew` (clock ahead), `clock` (unreadable time), the device's own `q`
    quality: str = ""
    #: the outside system's name of the alert and of its present episode; a sender without names for episodes leaves it empty
    identity: str = ""
    episode: str = ""
    level: int | None = None
    #: how many alerts of the same message the sender left out
    truncated: int = 0
    #: the sender's labels, for the rules to map to a family
    labels: Mapping[str, str] = field(default_factory=dict)
    summary: str = ""


@dataclass(frozen=True)
class Problem:
    """Something in a message that could not be understood: a code with a sentence `telemetry.reason.<code>`, and the detail."""

    code: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}" if self.detail else self.code


@dataclass(frozen=True)
class Parsed:
    """What a parser made of one message; both parts may be filled, and both may be empty."""

    signals: tuple[Signal, ...] = ()
    problems: tuple[Problem, ...] = ()


def fingerprint(*parts: str) -> str:
    """Sixteen hex digits naming an alert: of the rule or source, and of its subject; never of value, level or text."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def observed_instant(stamp: object, received_at: datetime) -> tuple[datetime, str]:
    """When a device measured, and a remark: empty, `skew` (over two minutes ahead), `clock` (unreadable).

    `stamp` is seconds or milliseconds since 1970, or ISO 8601 with a zone. Absent, unreadable and future stamps give the time of
    receipt: a doubtful clock never costs a sample.
    """
    if stamp is None or stamp == "":
        return received_at, ""
    instant = _instant(stamp)
    if instant is None:
        return received_at, "clock"
    if instant > received_at + FUTURE_SKEW:
        return received_at, "skew"
    return instant, ""


def _instant(stamp: object) -> datetime | None:
    if isinstance(stamp, bool):
        return None
    try:
        number = _number(stamp)
        if number is None:
            read = datetime.fromisoformat(str(stamp))
            return read.astimezone(UTC) if read.tzinfo and read.timestamp() >= _EPOCH_SECONDS_MIN else None
        seconds = number / 1000 if number >= _EPOCH_MILLISECONDS_FROM else number
        return datetime.fromtimestamp(seconds, UTC) if seconds >= _EPOCH_SECONDS_MIN else None
    except (ValueError, OverflowError, OSError):
        return None


def _number(stamp: object) -> float | None:
    if isinstance(stamp, int | float):
        return float(stamp)
    try:
        return float(stamp) if isinstance(stamp, str) else None
    except ValueError:
        return None
