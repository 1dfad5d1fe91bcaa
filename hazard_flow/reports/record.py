"""record.json, the part of a closure file a machine reads: what was stored, as it was stored, so that a stranger can check it.

Contract `hazard-flow-record/1`. Events are the stored objects; their hashes, order and links are checked again here, because a file
issued over a broken chain would lend it our name. Pure: no database, no clock.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hazard_flow.ledger.canonical import FIRST_PREV, NotCanonical, canonical, leaf_hash

FORMAT = "hazard-flow-record/1"


class BrokenChain(Exception):
    """The stored events do not prove each other; the message names the first that fails."""


@dataclass(frozen=True)
class Manifested:
    """One line of the evidence manifest."""

    sha256: str
    size: int
    mime: str
    stage: str
    #: Which event brought it.
    event_seq: int
    #: Whether its bytes ever came: a tablet names a photo before it sends it.
    is_received: bool = True


def record(
    hazard: Mapping[str, Any],
    events: Sequence[bytes],
    *,
    evidence: Sequence[Manifested],
    proof: Mapping[str, Any] | None = None,
    checkpoint: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The record of one hazard; `hazard` holds at least `number`, in canonical values. `canonical(record(…))` is the file's bytes.

    `proof` says that the last event stands in the ledger, `checkpoint` what the ledger came to. Raises BrokenChain.
    """
    head, opened = check_chain(events)
    return {
        "format": FORMAT,
        "hazard": dict(hazard),
        "events": opened,
        "head": head,
        "evidence": [
            {
                "sha256": e.sha256,
                "size": e.size,
                "mime": e.mime,
                "stage": e.stage,
                "event_seq": e.event_seq,
                **({} if e.is_received else {"received": False}),
            }
            for e in evidence
        ],
        "proof": dict(proof) if proof is not None else None,
        "checkpoint": dict(checkpoint) if checkpoint is not None else None,
    }


def check_chain(events: Sequence[bytes]) -> tuple[str, list[dict[str, Any]]]:
    """The hex hash of the last event and the events as objects. Raises BrokenChain at the first that does not fit."""
    prev = FIRST_PREV
    opened: list[dict[str, Any]] = []
    for seq, stored in enumerate(events, start=1):
        try:
            event = json.loads(stored)
            is_exact = canonical(event) == stored
        except (ValueError, NotCanonical) as error:
            raise BrokenChain(f"event {seq} cannot be read: {error}") from error
        if not is_exact:
            raise BrokenChain(f"event {seq} is not stored in its canonical form")
        if event.get("seq") != seq or event.get("prev") != prev:
            raise BrokenChain(f"event {seq} does not follow the one before it")
        if opened and event.get("hazard") != opened[0].get("hazard"):
            raise BrokenChain(f"event {seq} belongs to another hazard")
        opened.append(event)
        prev = leaf_hash(stored).hex()
    if not opened:
        raise BrokenChain("there is no event")
    return prev, opened
