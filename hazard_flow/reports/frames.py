"""How two processes hand each other a job: one JSON header and the blobs it counts, over a pipe. No pickle: neither side trusts code."""

import json
import struct
from collections.abc import Mapping, Sequence
from typing import IO, Any

_LENGTH = struct.Struct(">Q")
#: A closure file with 40 photos is 12 MB; whatever is larger is a mistake.
FRAME_BYTES_MAX = 256 * 1024 * 1024


def write_frame(stream: IO[bytes], header: Mapping[str, Any], blobs: Sequence[bytes] = ()) -> None:
    """Send a header (JSON values) and blobs in order."""
    head = json.dumps({**header, "blobs": [len(blob) for blob in blobs]}, ensure_ascii=False).encode()
    stream.write(_LENGTH.pack(len(head)))
    stream.write(head)
    for blob in blobs:
        stream.write(blob)
    stream.flush()


def read_frame(stream: IO[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    """The next header and its blobs. Raises EOFError when the other side is gone, ValueError when it talks nonsense."""
    length = _LENGTH.unpack(_exactly(stream, _LENGTH.size))[0]
    if length > FRAME_BYTES_MAX:
        raise ValueError("frame header too long")
    header = json.loads(_exactly(stream, length))
    sizes = header.pop("blobs")
    if sum(sizes) > FRAME_BYTES_MAX:
        raise ValueError("frame too long")
    return header, [_exactly(stream, size) for size in sizes]


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise EOFError("the other process closed the pipe")
    return data
