"""The Sparkplug B payload out of its bytes: the part of the protobuf message that measurements need, read by hand.

Field numbers are those of `sparkplug_b.proto` (Eclipse Sparkplug 3.0, appendix): what is not listed here is skipped by its wire type.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

METRICS_MAX = 5_000
#: Int8…Int64 by datatype number: their width in bits, to tell -1 from 255
_SIGNED_BITS = {1: 8, 2: 16, 3: 32, 4: 64}
#: UInt8…UInt64, Float, Double
_NUMBERS = (*_SIGNED_BITS, 5, 6, 7, 8, 9, 10)
Value = float | bool | str | None


class Unreadable(ValueError):
    """The bytes are not a Sparkplug B payload."""


@dataclass(frozen=True)
class Metric:
    """One metric; `name` empty where the sender uses the alias of its birth."""

    name: str = ""
    alias: int | None = None
    timestamp_ms: int | None = None
    datatype: int | None = None
    is_historical: bool = False
    is_null: bool = False
    #: an integer as sent, without its sign; `number` knows the type
    integer: int | None = None
    real: float | None = None
    truth: bool | None = None
    text: str | None = None
    #: of the property `Quality`: 0 bad, 192 good, 500 stale
    quality: int | None = None

    def value(self, datatype: int | None) -> Value:
        """The value under its datatype (of the metric itself or, left out there, of its birth); None for none we can use."""
        if self.is_null:
            return None
        if self.truth is not None:
            return self.truth
        if self.real is not None:
            return self.real
        if self.integer is not None and (datatype is None or datatype in _NUMBERS):
            bits = _SIGNED_BITS.get(datatype or 0)
            return float(self.integer if bits is None else _signed(self.integer, bits))
        return self.text


@dataclass(frozen=True)
class Payload:
    """A payload's own time and number, and its metrics."""

    timestamp_ms: int | None = None
    seq: int | None = None
    metrics: tuple[Metric, ...] = field(default_factory=tuple)


def decode(data: bytes) -> Payload:
    """The payload; raises `Unreadable`."""
    timestamp: int | None = None
    seq: int | None = None
    metrics: list[Metric] = []
    for number, value in _fields(data):
        if number == 1 and isinstance(value, int):
            timestamp = value
        elif number == 2 and isinstance(value, bytes):
            metrics.append(_metric(value))
        elif number == 3 and isinstance(value, int):
            seq = value
        if len(metrics) > METRICS_MAX:
            raise Unreadable("too many metrics")
    return Payload(timestamp, seq, tuple(metrics))


def _metric(data: bytes) -> Metric:
    found: dict[str, object] = {}
    for number, value in _fields(data):
        name = _METRIC.get((number, type(value)))
        if name in ("name", "text") and isinstance(value, bytes):
            found[name] = _text(value)
        elif name in ("is_historical", "is_null", "truth"):
            found[name] = bool(value)
        elif name == "quality" and isinstance(value, bytes):
            found[name] = _quality(value)
        elif name is not None:
            found[name] = value
    return Metric(**found)  # type: ignore[arg-type]


#: (field number, what its wire type reads as) → ours; float and double already stand as float
_METRIC: dict[tuple[int, type], str] = {
    (1, bytes): "name",
    (2, int): "alias",
    (3, int): "timestamp_ms",
    (4, int): "datatype",
    (5, int): "is_historical",
    (7, int): "is_null",
    (9, bytes): "quality",
    (10, int): "integer",
    (11, int): "integer",
    (12, float): "real",
    (13, float): "real",
    (14, int): "truth",
    (15, bytes): "text",
}


def _quality(properties: bytes) -> int | None:
    """The integer under the key `Quality` of a property set."""
    keys: list[str] = []
    values: list[int | None] = []
    for number, value in _fields(properties):
        if number == 1 and isinstance(value, bytes):
            keys.append(_text(value))
        elif number == 2 and isinstance(value, bytes):
            inner = [one for which, one in _fields(value) if which in (3, 4) and isinstance(one, int)]
            values.append(inner[0] if inner else None)
    return dict(zip(keys, values, strict=False)).get("Quality")


def _fields(data: bytes) -> Iterator[tuple[int, int | float | bytes]]:
    """Field numbers with their values: varints as int, fixed ones as float, the rest as bytes."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            whole, at = _varint(data, at)
            yield number, whole
        elif wire in (1, 5):
            width, form = (8, "<d") if wire == 1 else (4, "<f")
            yield number, float(struct.unpack(form, _slice(data, at, width))[0])
            at += width
        elif wire == 2:
            size, at = _varint(data, at)
            yield number, _slice(data, at, size)
            at += size
        else:
            raise Unreadable(f"wire type {wire}")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 70:
        if at >= len(data):
            raise Unreadable("cut off")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, at
        shift += 7
    raise Unreadable("a number without end")


def _slice(data: bytes, at: int, size: int) -> bytes:
    if at + size > len(data):
        raise Unreadable("cut off")
    return data[at : at + size]


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise Unreadable("a text that is not UTF-8") from error


def _signed(value: int, bits: int) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value
