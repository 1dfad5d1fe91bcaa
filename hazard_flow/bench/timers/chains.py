"""What became of every timer after a crash, and whether the hazards' event chains hold, read from the stored rows alone."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from hazard_flow.bench.timers.trial import Connection


@dataclass(frozen=True)
class Tally:
    """The count after a crash."""

    planned: int
    #: never fired
    lost: int
    #: fired more than once
    doubled: int
    #: events whose hash or place in the chain is wrong
    broken: int

    @property
    def fired(self) -> int:
        """Timers that fired at least once."""
        return self.planned - self.lost


def tally(connection: Connection) -> Tally:
    """Of a town whose hazards each had one first rung to fire."""
    heads = {row[0]: bytes(row[1]) for row in connection.execute("SELECT id, head FROM hazard").fetchall()}
    fired: Counter[Any] = Counter()
    last: dict[Any, bytes] = {}
    broken = 0
    rows = connection.execute("SELECT hazard_id, prev, hash, body FROM hazard_event ORDER BY hazard_id, seq")
    for hazard, prev, digest, body in rows.fetchall():
        said = json.loads(body)
        right = hashlib.sha256(b"\x00" + bytes(body)).digest()
        before = last.get(hazard, bytes(32))
        broken += not (right == bytes(digest) and before == bytes(prev) == bytes.fromhex(said["prev"]))
        last[hazard] = right
        fired[hazard] += said["type"] == "timer.escalated"
    broken += sum(last.get(hazard) != head for hazard, head in heads.items())
    return Tally(
        planned=len(heads),
        lost=sum(not fired[hazard] for hazard in heads),
        doubled=sum(count > 1 for count in fired.values()),
        broken=broken,
    )
