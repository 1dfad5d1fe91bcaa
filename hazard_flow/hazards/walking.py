"""Every chain looked at, event by event: canonical bytes, hash, link, number, columns, leaf; and where its hazard stands.

A walk over everything in the order of the events' key, beside it the hazards in the same order. It is written for speed: an event costs
some microseconds, and what is wrong is only put into words once something is.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy.orm import Session

from hazard_flow.hazards.chain import EVENT_VERSION
from hazard_flow.hazards.models import GENESIS
from hazard_flow.ledger.canonical import NotCanonical, instant_text, opened
from hazard_flow.ledger.findings import Advance, Broken, Findings
from hazard_flow.storage.engine import is_sqlite
from hazard_flow.storage.streaming import key_of, stream

EVENTS, HAZARDS = "hazard_event", "hazard"
_KEYS = {"v", "hazard", "seq", "at", "actor", "type", "data", "prev"}
_EVENTS_SQL = """
SELECT {key}, e.seq, e.type, e.action, e.actor, e.at, e.prev, e.hash, e.body, l.leaf_index, l.chain, l.seq
FROM hazard_event e LEFT JOIN ledger_leaf l ON l.hash = e.hash ORDER BY e.home_id, e.hazard_id, e.seq
"""
_HAZARDS_SQL = "SELECT {key}, number, seq, head FROM hazard ORDER BY home_id, id"
_GONE_SQL = """
SELECT leaf_index, chain, seq FROM ledger_leaf l WHERE NOT EXISTS (SELECT 1 FROM hazard_event e WHERE e.hash = l.hash) ORDER BY leaf_index
"""
#: key, number, seq, head
_HazardRow = tuple[Any, str, int, bytes]


class EventWalk:
    """The event table as the ledger has it verified; the session must see everything, at one instant."""

    def walk(self, session: Session, findings: Findings, advance: Advance) -> int:
        """Look at every hazard and event; how many events have a leaf."""
        walk = _Walk(session, findings)
        statement = _EVENTS_SQL.format(key=key_of(session, "e.home_id", "e.hazard_id"))
        for rows in stream(session, statement):
            walk.look_at(rows)
            advance(len(rows))
        walk.end()
        findings.counts |= {
            "hazards": walk.hazards,
            "events": walk.events,
            "unsealed": walk.events - walk.sealed,
        }
        return walk.sealed

    def gone(self, session: Session) -> Iterator[tuple[int, str, int]]:
        """Leaves whose event does not stand here any more: place, and the hazard and number they tell."""
        for rows in stream(session, _GONE_SQL):
            yield from rows


class _Walk:
    def __init__(self, session: Session, findings: Findings) -> None:
        self._findings = findings
        self._texts = is_sqlite(session.connection())
        statement = _HAZARDS_SQL.format(key=key_of(session, "home_id", "id"))
        self._expected: Iterator[_HazardRow] = _hazards(session, statement)
        self._hazard: _HazardRow | None = None
        self._key: object = None
        self._number = ""
        self._seq = 0
        self._head = GENESIS
        self.hazards = self.events = self.sealed = 0

    def look_at(self, rows: Any) -> None:
        """The next events of the walk."""
        texts = self._texts
        seq, head, number, key = self._seq, self._head, self._number, self._key
        sealed = 0
        for row in rows:
            of, its_seq, type_, action, actor, at, prev, digest, body, leaf, chain, chain_seq = row
            if of != key:
                self._seq, self._head = seq, head
                self._turn_to(of)
                seq, head, number, key = 0, GENESIS, self._number, of
            try:
                event = opened(body)
                instant = event["at"]
                holds = (
                    sha256(b"\x00" + body).digest() == digest
                    and its_seq == seq + 1
                    and prev == head
                    and event["prev"] == prev.hex()
                    and event["seq"] == its_seq
                    and event["hazard"] == number
                    and event["type"] == type_
                    and event["actor"] == actor
                    and event["data"]["action"] == action
                    and (
                        instant == f"{at[:10]}T{at[11:]}Z" if texts else datetime.fromisoformat(instant) == at
                    )
                    and event["v"] == EVENT_VERSION
                    and len(event) == len(_KEYS)
                )
            except (NotCanonical, KeyError, TypeError, ValueError, AttributeError):
                holds = False
            if leaf is not None:
                sealed += 1
                holds = holds and chain == number and chain_seq == its_seq
            if not holds:
                self._findings.add(self._why(row, number, seq, head))
                its_seq = its_seq if isinstance(its_seq, int) else seq + 1
            seq, head = its_seq, digest
        self._seq, self._head, self._key = seq, head, key
        self.events += len(rows)
        self.sealed += sealed

    def end(self) -> None:
        """No event is left: the hazards that are, have none."""
        self._close()
        for row in self._expected:
            self._without_events(row)

    def _turn_to(self, key: Any) -> None:
        """The next hazard's events begin: the one before ends here, and hazards in between have none."""
        self._close()
        for row in self._expected:
            if row[0] == key:
                self._hazard, self._number = row, row[1]
                self.hazards += 1
                return
            if row[0] > key:
                self._expected = _before(row, self._expected)
                break
            self._without_events(row)
        self._hazard, self._number = None, ""

    def _close(self) -> None:
        """Whether the hazard stands where its events end."""
        if self._hazard is None:
            return
        _, number, seq, head = self._hazard
        if seq != self._seq:
            params = {"stands": seq, "last": self._seq}
            self._findings.add(Broken(HAZARDS, number, "stands_elsewhere", number, seq, params))
        elif head != self._head:
            self._findings.add(Broken(HAZARDS, number, "other_head", number, seq))
        self._hazard = None

    def _without_events(self, row: _HazardRow) -> None:
        self.hazards += 1
        self._findings.add(Broken(HAZARDS, row[1], "no_events", row[1], row[2]))

    def _why(self, row: Any, number: str, seq: int, head: bytes) -> Broken:
        """In words what the loop only knows to be wrong."""
        its_seq = row[1]
        try:
            code, params = _fault(row, number, seq, head, texts=self._texts)
        except (TypeError, ValueError, AttributeError):
            code, params = "unreadable", {}
        return Broken(EVENTS, f"event {its_seq}", code, number or _claimed(row[8]), its_seq, params)


def _fault(row: Any, number: str, seq: int, head: bytes, *, texts: bool) -> tuple[str, dict[str, Any]]:
    _, its_seq, type_, action, actor, at, prev, digest, body, _leaf, chain, chain_seq = row
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
        instant = f"{at[:10]}T{at[11:]}Z" if texts else instant_text(at.astimezone(UTC))
        said = {**event, "action": event["data"]["action"]}
    except (NotCanonical, KeyError, TypeError, ValueError, AttributeError):
        return "not_canonical", {}
    columns = {
        "hazard": number, "seq": its_seq, "prev": prev.hex(), "type": type_, "action": action, "actor": actor,
        "at": instant, "v": EVENT_VERSION,
    }  # fmt: skip
    for name, value in columns.items():
        if said.get(name) != value:
            return "other_column", {"column": name}
    if set(event) != _KEYS:
        return "not_canonical", {}
    return "other_leaf", {"chain": chain, "seq": chain_seq}


def _hazards(session: Session, statement: str) -> Iterator[_HazardRow]:
    for rows in stream(session, statement):
        yield from rows


def _claimed(body: bytes) -> str | None:
    """The number an event without a hazard gives itself."""
    try:
        return str(opened(body)["hazard"])
    except (NotCanonical, KeyError, TypeError):
        return None


def _before(first: _HazardRow, rest: Iterator[_HazardRow]) -> Iterator[_HazardRow]:
    yield first
    yield from rest
