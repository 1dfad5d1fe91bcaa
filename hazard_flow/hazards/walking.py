"""Every chain looked at, event by event: canonical bytes, hash, link, number, columns; and where its hazard stands.

A walk over everything in the order of the events' key, beside it the hazards in the same order. It is written for speed: an event costs
some microseconds, and what is wrong is only put into words (`faults`) once something is.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from sqlalchemy.orm import Session

from hazard_flow.hazards import faults
from hazard_flow.hazards.chain import EVENT_VERSION
from hazard_flow.hazards.models import GENESIS
from hazard_flow.ledger.canonical import NotCanonical, instant_text, opened
from hazard_flow.ledger.findings import Advance, Broken, Findings
from hazard_flow.ledger.sameness import PRIME, Secret
from hazard_flow.storage.engine import is_sqlite
from hazard_flow.storage.streaming import WHOLE, Span, key_of, spans, stream

EVENTS, HAZARDS = "hazard_event", "hazard"
_EVENTS_SQL = """
SELECT {key}, seq, type, action, actor, at, prev, hash, body FROM hazard_event WHERE {part} ORDER BY home_id, hazard_id, seq
"""
_HAZARDS_SQL = "SELECT {key}, number, seq, head FROM hazard WHERE {part} ORDER BY home_id, id"
#: as SQLite keeps an instant: `YYYY-MM-DD hh:mm:ss.ffffff`
_INSTANT_LENGTH = 26
#: key, number, seq, head
_HazardRow = tuple[Any, str, int, bytes]


class EventWalk:
    """The event table as the ledger has it verified; the session must see everything, at one instant."""

    def walk(
        self, session: Session, findings: Findings, advance: Advance, secret: Secret, span: Span = WHOLE
    ) -> int:
        """Look at every hazard and event of a part; the product of all its events."""
        walk = _Walk(session, findings, secret, span)
        statement = _EVENTS_SQL.format(
            key=key_of(session, "home_id", "hazard_id"), part=span.where("home_id", "hazard_id")
        )
        for rows in stream(session, statement):
            walk.look_at(rows)
            advance(len(rows))
        walk.end()
        findings.counts |= {"hazards": walk.hazards, "events": walk.events}
        return walk.product

    def spans(self, session: Session, parts: int) -> list[Span]:
        """Parts for several to walk."""
        return spans(session, HAZARDS, "home_id", "id", parts=parts)

    def unsealed(self, session: Session) -> Iterator[tuple[bytes, str, int]]:
        """Events without a leaf: hash, hazard's number, number in its chain."""
        return faults.unsealed(session)

    def misplaced(self, session: Session) -> Iterator[Broken]:
        """Leaves that do not agree with the events."""
        return faults.misplaced(session)


class _Walk:
    def __init__(self, session: Session, findings: Findings, secret: Secret, span: Span) -> None:
        self._findings = findings
        self._secret = secret
        self._texts = is_sqlite(session.connection())
        statement = _HAZARDS_SQL.format(
            key=key_of(session, "home_id", "id"), part=span.where("home_id", "id")
        )
        self._expected = _hazards(session, statement)
        self._hazard: _HazardRow | None = None
        self._key: object = None
        self._number = ""
        self._seq = 0
        self._head = GENESIS
        self.product = 1
        self.hazards = self.events = 0

    def look_at(self, rows: Any) -> None:
        """The next events of the walk.

        What the columns say is put around the `data` as the canonical form would have it: where that is what stands there, the columns are
        right and only the data is left to be looked into. Where it is not, `faults` says whether anything is wrong, and what.
        """
        texts, s, product = self._texts, self._secret.s, self.product
        seq, head, number, key = self._seq, self._head, self._number, self._key
        shared = self._secret.chain(number)
        tail, link = f',"v":{EVENT_VERSION}}}', head.hex()
        for row in rows:
            of, its_seq, type_, action, actor, at, prev, digest, body = row
            if of != key:
                self._seq, self._head = seq, head
                self._turn_to(of)
                seq, head, number, key = 0, GENESIS, self._number, of
                link, shared = head.hex(), self._secret.chain(number)
            try:
                instant = (
                    f"{at[:10]}T{at[11:]}Z" if texts and len(at) == _INSTANT_LENGTH else instant_text(at)
                )
                before = f'{{"actor":"{actor}","at":"{instant}","data":'.encode()
                after = (
                    f',"hazard":"{number}","prev":"{link}","seq":{seq + 1},"type":"{type_}"{tail}'.encode()
                )
                holds = (
                    its_seq == seq + 1
                    and prev == head
                    and sha256(b"\x00" + body).digest() == digest
                    and body.startswith(before)
                    and body.endswith(after)
                    and opened(body[len(before) : -len(after)])["action"] == action
                    and '"' not in actor
                    and '"' not in type_
                    and number != ""
                )
            except (NotCanonical, KeyError, TypeError, ValueError, AttributeError):
                holds = False
            if not holds:
                its_seq, digest = self._look_closer(row, number, seq, head)
            seq, head = its_seq, digest
            link = head.hex()
            product = product * (int.from_bytes(digest) + shared + seq * s) % PRIME
        self._seq, self._head, self._key, self.product = seq, head, key, product
        self.events += len(rows)

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

    def _look_closer(self, row: Any, number: str, seq: int, head: bytes) -> tuple[int, bytes]:
        """Note what is wrong, if anything; number and hash the next event is compared with."""
        broken = faults.fault(row, number, seq, head, texts=self._texts)
        if broken is not None:
            self._findings.add(broken)
        its_seq, digest = row[1], row[7]
        return its_seq if isinstance(its_seq, int) else seq + 1, digest if isinstance(digest, bytes) else b""


def _hazards(session: Session, statement: str) -> Iterator[_HazardRow]:
    for rows in stream(session, statement):
        yield from rows


def _before(first: _HazardRow, rest: Iterator[_HazardRow]) -> Iterator[_HazardRow]:
    yield first
    yield from rest
