"""document.json, the part of a paper a machine reads: the event that issued it and every printed value with the event that said it.

Format `hazard-flow-document/1`. A stranger who also holds the hazard's closure file finds the event and all values in its chain; personal
values come with the salt that proves them against the digest in the chain. Both languages carry the same record. Pure.
"""

import json
from collections.abc import Mapping
from typing import Any

from hazard_flow.ledger.canonical import canonical
from hazard_flow.reports.gather import Sources
from hazard_flow.reports.papers.values import Stated
from hazard_flow.reports.record import check_chain

FORMAT = "hazard-flow-document/1"
RECORD_NAME = "document.json"


def record_of(sources: Sources, said: Mapping[str, Stated], *, template_version: int) -> bytes:
    """The bytes of document.json. Raises BrokenChain when the events up to the issuing one do not prove each other."""
    head, _ = check_chain(sources.bodies)
    event = json.loads(sources.bodies[-1])
    return canonical(
        {
            "format": FORMAT,
            "document": {**event["data"]["issues"], "template_version": template_version},
            "hazard": {"number": sources.hazard.number},
            "event": event,
            "hash": head,
            "values": {name: _value(sources, one) for name, one in sorted(said.items())},
        }
    )


def _value(sources: Sources, said: Stated) -> dict[str, Any]:
    if not isinstance(said.raw, Mapping):
        return {"value": said.raw, "event_seq": said.event_seq}
    digest = said.raw["sha256"]
    kept = sources.personal.get(digest)
    if kept is None or kept.value is None or kept.salt is None:
        return {"sha256": digest, "value": None, "salt": None, "event_seq": said.event_seq}
    return {"sha256": digest, "value": kept.value, "salt": kept.salt.hex(), "event_seq": said.event_seq}
