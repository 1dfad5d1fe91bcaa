"""Whether the events of a hazard are what they were when they were written: bytes, hashes, order, head."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

FIELDS = {"v", "hazard", "seq", "at", "actor", "type", "data", "prev"}
_FIRST = "0" * 64


def broken(
    hazard: Mapping[str, Any], events: Sequence[Mapping[str, Any]], bodies: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    """Each event whose hash, place or columns do not agree with its bytes, and a head that is not the last event's."""
    head = _FIRST
    for number, (row, said) in enumerate(zip(events, bodies, strict=True), 1):
        where = f"{hazard['number']}: event {row['seq']} at {row['at']}"
        raw = bytes.fromhex(row["body"])
        if hashlib.sha256(b"\x00" + raw).hexdigest() != row["hash"]:
            yield f"{where}: its hash is not that of its bytes"
        if not said.get("prev") == row["prev"] == head:
            yield f"{where}: it does not follow the event before it (prev {row['prev'][:12]}…, expected {head[:12]}…)"
        if not said.get("seq") == row["seq"] == number:
            yield f"{where}: it is number {number} of its chain"
        if said.keys() != FIELDS:
            yield f"{where}: fields {sorted(said)}"
        elif (said["hazard"], said["at"], said["actor"], said["type"], said["data"].get("action")) != (
            hazard["number"], row["at"], row["actor"], row["type"], row["action"],
        ):  # fmt: skip
            yield f"{where}: its columns say something else than its bytes"
        if json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() != raw:
            yield f"{where}: its bytes are not in canonical form"
        head = row["hash"]
    if (hazard["head"], hazard["seq"]) != (head, len(events)):
        yield f"{hazard['number']}: the head is not its last event (sequence {hazard['seq']}, {len(events)} events)"
