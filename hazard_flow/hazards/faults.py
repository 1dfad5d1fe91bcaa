"""What is wrong with an event or its leaf, in words: the careful side of the walk, asked only where something does not fit at once."""

from collections.abc import Iterator
from datetime import UTC
from hashlib import sha256
from typing import Any

from sqlalchemy.orm import Session

from hazard_flow.hazards.chain import EVENT_VERSION
from hazard_flow.ledger.canonical import NotCanonical, instant_text, opened
from hazard_flow.ledger.findings import Broken
from hazard_flow.storage.streaming import stream

_KEYS = {"v", "hazard", "seq", "at", "actor", "type", "data", "prev"}
_UNSEALED_SQL = """
SELECT e.hash, coalesce(h.number, ''), e.seq FROM hazard_event e LEFT JOIN hazard h ON h.id = e.hazard_id
WHERE NOT EXISTS (SELECT 1 FROM ledger_leaf l WHERE l.hash = e.hash)
"""
_GONE_SQL = """
SELECT leaf_index, chain, seq FROM ledger_leaf l WHERE NOT EXISTS (SELECT 1 FROM hazard_event e WHERE e.hash = l.hash) ORDER BY leaf_index
"""
_MISNAMED_SQL = """
SELECT l.leaf_index, l.chain, l.seq, h.number, e.seq FROM ledger_leaf l JOIN hazard_event e ON e.hash = l.hash
JOIN hazard h ON h.id = e.hazard_id WHERE l.chain <> h.number OR l.seq <> e.seq ORDER BY l.leaf_index
"""
_TWICE_SQL = """
SELECT max(leaf_index), max(chain), max(seq) FROM ledger_leaf GROUP BY hash HAVING count(*) > 1 ORDER BY 1
"""


def fault(row: Any, number: str, seq: int, head: bytes, *, texts: bool) -> Broken | None:
    """What is wrong with an event that should follow `seq` with the hash `head` in the chain of `number`; None where nothing is."""
    its_seq, body = row[1], row[8]
    try:
        found = _fault(row, number, seq, head, texts=texts)
    except (TypeError, ValueError, AttributeError):
        found = "unreadable", {}
    if found is None:
        return None
    code, params = found
    return Broken("hazard_event", f"event {its_seq}", code, number or _claimed(body), its_seq, params)


def unsealed(session: Session) -> Iterator[tuple[bytes, str, int]]:
    """Events without a leaf: hash, hazard's number, number in its chain."""
    for rows in stream(session, _UNSEALED_SQL):
        yield from rows


def misplaced(session: Session) -> Iterator[Broken]:
    """Leaves whose event is gone, that name another, or that stand there twice."""
    for rows in stream(session, _GONE_SQL):
        for index, chain, seq in rows:
            yield Broken("ledger_leaf", f"leaf {index}", "event_gone", chain, seq)
    for rows in stream(session, _MISNAMED_SQL):
        for index, chain, seq, number, its_seq in rows:
            yield Broken(
                "ledger_leaf", f"leaf {index}", "other_leaf", number, its_seq, {"chain": chain, "seq": seq}
            )
    for rows in stream(session, _TWICE_SQL):
        for index, chain, seq in rows:
            yield Broken("ledger_leaf", f"leaf {index}", "leaf_twice", chain, seq)


def _fault(row: Any, number: str, seq: int, head: bytes, *, texts: bool) -> tuple[str, dict[str, Any]] | None:
    _, its_seq, type_, action, actor, at, prev, digest, body = row
    if its_seq != seq + 1:
        return "gap", {"expected": seq + 1}
    if prev != head:
        return "other_prev", {}
    if sha256(b"\x00" + body).digest() != digest:
        return "other_hash", {}
    if not number:
        return "no_hazard", {}
    try:
        event = opened(body)
        said = {**event, "action": event["data"]["action"]}
    except (NotCanonical, KeyError, TypeError):
        return "not_canonical", {}
    columns = {
        "hazard": number, "seq": its_seq, "prev": prev.hex(), "type": type_, "action": action, "actor": actor,
        "at": f"{at[:10]}T{at[11:]}Z" if texts else instant_text(at.astimezone(UTC)), "v": EVENT_VERSION,
    }  # fmt: skip
    for name, value in columns.items():
        if said.get(name) != value:
            return "other_column", {"column": name}
    return None if set(event) == _KEYS else ("not_canonical", {})


def _claimed(body: bytes) -> str | None:
    """The number an event without a hazard gives itself."""
    try:
        return str(opened(body)["hazard"])
    except (NotCanonical, KeyError, TypeError):
        return None
