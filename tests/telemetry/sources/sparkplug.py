"""A small writer of Sparkplug B payloads, for what the recorded session does not show."""

import struct
from typing import Any

#: names of Metric's fields → (number, wire type) of sparkplug_b.proto
_FIELDS = {
    "name": (1, 2), "alias": (2, 0), "timestamp": (3, 0), "datatype": (4, 0), "is_historical": (5, 0), "is_null": (7, 0),
    "properties": (9, 2), "int_value": (10, 0), "long_value": (11, 0), "float_value": (12, 5), "double_value": (13, 1),
    "boolean_value": (14, 0), "string_value": (15, 2), "bytes_value": (16, 2),
}  # fmt: skip


def varint(value: int) -> bytes:
    out = b""
    while True:
        value, low = value >> 7, value & 0x7F
        if not value:
            return out + bytes([low])
        out += bytes([low | 0x80])


def field(number: int, wire: int, value: Any) -> bytes:
    tag = varint(number << 3 | wire)
    if wire == 0:
        return tag + varint(int(value))
    if wire == 2:
        data = value.encode() if isinstance(value, str) else value
        return tag + varint(len(data)) + data
    return tag + struct.pack("<f" if wire == 5 else "<d", value)


def metric(**given: Any) -> bytes:
    return b"".join(field(*_FIELDS[name], value) for name, value in given.items())


def quality(code: int) -> bytes:
    """A property set with the property `Quality`."""
    return field(1, 2, "Quality") + field(2, 2, field(1, 0, 3) + field(3, 0, code))


def payload(*metrics: bytes, seq: int | None = None, timestamp: int | None = None) -> bytes:
    out = b"" if timestamp is None else field(1, 0, timestamp)
    out += b"".join(field(2, 2, one) for one in metrics)
    return out + (b"" if seq is None else field(3, 0, seq))
