"""The whole ledger looked at: every event against its chain and leaf, the tree grown anew, and every checkpoint against it.

Steps: 1 the events, by whoever keeps them · 2 the leaves in their order, the subtrees over them, and the roots of all checkpoints on the
way · 3 whether events and leaves are the same (`sameness`), and where they are not, which. Each successive checkpoint is the root of a
beginning of the same leaves, so consistency between them is what step 2 shows. Memory is bounded: some thousand rows at a time.

Inside one database only so much can be seen: who rewrites everything, and signs with the stolen key, is found by checkpoints that had left
the house before. These are handed in as `copies`.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.ledger import merkle, queries
from hazard_flow.ledger.findings import Advance, Broken, Findings
from hazard_flow.ledger.merkle import HASH_BYTES, Edge
from hazard_flow.ledger.models import LedgerCheckpoint, LedgerNode, LedgerPublication
from hazard_flow.ledger.sameness import PRIME, Secret
from hazard_flow.ledger.stamping import is_about
from hazard_flow.ledger.statements import Statement
from hazard_flow.storage import protection
from hazard_flow.storage.streaming import WHOLE, Span, stream

LEAVES, NODES, CHECKPOINTS, COPIES = "ledger_leaf", "ledger_node", "ledger_checkpoint", "copy"
#: leaves taken at a time: 2^LEVELS, one subtree
LEVELS = 12
CHUNK = 1 << LEVELS
_LEAVES_SQL = "SELECT leaf_index, hash, chain, seq FROM ledger_leaf ORDER BY leaf_index"


class EventKeeper(Protocol):
    """Whoever keeps the events."""

    def walk(
        self, session: Session, findings: Findings, advance: Advance, secret: Secret, span: Span = WHOLE
    ) -> int:
        """Look at every event of a part and its chain, counting them as `events`; the product of all (`sameness`)."""

    def spans(self, session: Session, parts: int) -> list[Span]:
        """The events cut into up to so many parts of about the same length, none left out."""

    def unsealed(self, session: Session) -> Iterator[tuple[bytes, str, int]]:
        """Events without a leaf: hash, chain, number."""

    def misplaced(self, session: Session) -> Iterator[Broken]:
        """Leaves that do not agree with the events, one by one: asked when both together do not."""


class Judge(Protocol):
    """Whoever knows public keys."""

    def holds(self, statement: Statement) -> bool | None:
        """Whether the signature holds; None where its key is not known."""


@dataclass(frozen=True)
class Copy:
    """A checkpoint kept outside, and where: file and line."""

    statement: Statement
    place: str


@dataclass
class _Claim:
    """A root somebody stated for a size: to be compared when the walk comes by."""

    size: int
    root: bytes
    table: str
    row: str


@dataclass(frozen=True)
class Asked:
    """What a verification is given besides the database."""

    judge: Judge | None = None
    copies: Sequence[Copy] = ()
    advance: Advance = lambda _rows: None


PLAIN = Asked()


def verify(session: Session, keeper: EventKeeper, asked: Asked = PLAIN) -> Findings:
    """Everything there is to find; the session must see everything, at one instant."""
    findings, secret = begin(session), Secret()
    events = keeper.walk(session, findings, asked.advance, secret)
    leaves = walk_leaves(session, findings, asked, secret)
    conclude(session, keeper, findings, asked, secret, events=events, leaves=leaves)
    return findings


def begin(session: Session) -> Findings:
    """Step 0: whether the database itself still refuses what it should."""
    findings = Findings()
    for sentence in protection.differences(session.connection()):
        findings.add(Broken("schema", sentence, "unprotected", params={"what": sentence}))
    return findings


def walk_leaves(session: Session, findings: Findings, asked: Asked, secret: Secret) -> int:
    """Step 2; the product of all leaves."""
    return _Walk(session, findings, asked.advance, asked.copies, secret).all()


def conclude(
    session: Session,
    keeper: EventKeeper,
    findings: Findings,
    asked: Asked,
    secret: Secret,
    *,
    events: int,
    leaves: int,
) -> None:
    """Step 3, by the two products; and the signatures."""
    findings.counts["unsealed"] = 0
    if events != leaves:
        for digest, chain, seq in keeper.unsealed(session):
            leaves = leaves * secret.of(digest, chain, seq) % PRIME
            findings.counts["unsealed"] += 1
    if events != leaves:
        _disagree(session, keeper, findings)
    _signatures(session, findings, asked.judge)
    _stamps(session, findings)
    findings.counts["copies"] = len(asked.copies)


@dataclass
class _Walk:
    session: Session
    findings: Findings
    advance: Advance
    copies: Sequence[Copy]
    secret: Secret
    product: int = 1
    _outer: Edge = field(default_factory=Edge)
    _size: int = 0
    _nodes: int = 0
    _checkpoints: int = 0

    def all(self) -> int:
        """Grow the tree anew; the product of all leaves."""
        claims = self._claims()
        claim = next(claims, None)
        for start, leaves in self._chunks():
            levels = _levels(leaves)
            self._compare(start, levels)
            self._size = start + len(leaves)
            while claim is not None and claim.size <= self._size:
                self._judge(claim, self._root(start, levels, claim.size))
                claim = next(claims, None)
            if len(leaves) == CHUNK:
                self._compare_outer(levels[LEVELS][0])
            self.advance(len(leaves))
        while claim is not None:
            self._judge(claim, None)
            claim = next(claims, None)
        self._count_nodes()
        self.findings.counts |= {"leaves": self._size, "nodes": self._nodes, "checkpoints": self._checkpoints}
        return self.product

    def _chunks(self) -> Iterator[tuple[int, list[bytes]]]:
        """Leaves without a gap, a subtree's worth at a time, with the place of the first."""
        start, expected, factor, product = 0, 0, self.secret.of, 1
        chunk: list[bytes] = []
        for rows in stream(self.session, _LEAVES_SQL):
            for index, kept, chain, seq in rows:
                digest = kept if isinstance(kept, bytes) and len(kept) == HASH_BYTES else b""
                if index != expected or not digest:
                    self.findings.add(
                        Broken(LEAVES, f"leaf {index}", "leaf_gap", chain, seq, {"expected": expected})
                    )
                    expected = index
                expected += 1
                product = product * factor(digest, chain, seq) % PRIME
                chunk.append(digest)
                if len(chunk) == CHUNK:
                    yield start, chunk
                    start, chunk = start + CHUNK, []
        self.product = product
        if chunk:
            yield start, chunk

    def _compare(self, start: int, levels: list[list[bytes]]) -> None:
        """The subtrees over these leaves as they are kept."""
        grown = [
            (level, place, digest)
            for level, row in enumerate(levels[1:], start=1)
            for place, digest in enumerate(row, start=start >> level)
        ]
        if not grown:
            return
        ranges = " OR ".join(
            f"(level = {level} AND place >= {start >> level} AND place < {(start >> level) + len(row)})"
            for level, row in enumerate(levels)
            if level and row
        )
        statement = f"SELECT level, place, hash FROM ledger_node WHERE {ranges} ORDER BY level, place"  # noqa: S608 - our own numbers
        kept = [row for rows in stream(self.session, statement, chunk=CHUNK) for row in rows]
        self._nodes += len(grown)
        if kept == grown:
            return
        known = {(level, place): digest for level, place, digest in kept}
        for level, place, digest in grown:
            self._look_at_node(level, place, digest, known.get((level, place)))

    def _compare_outer(self, top: bytes) -> None:
        """The subtrees a full chunk completes above itself."""
        for level, place, digest in self._outer.add([top]):
            kept = self.session.scalar(
                sa.select(LedgerNode.hash).where(
                    LedgerNode.level == level + LEVELS, LedgerNode.place == place
                )
            )
            self._nodes += 1
            self._look_at_node(level + LEVELS, place, digest, kept)

    def _look_at_node(self, level: int, place: int, grown: bytes, kept: bytes | None) -> None:
        if kept != grown:
            code = "no_node" if kept is None else "other_node"
            self.findings.add(Broken(NODES, f"level {level} place {place}", code))

    def _count_nodes(self) -> None:
        """Subtrees nobody grew."""
        kept = self.session.scalar(sa.select(sa.func.count()).select_from(LedgerNode)) or 0
        if kept > self._nodes:
            self.findings.add(Broken(NODES, "–", "too_many_nodes", params={"n": kept - self._nodes}))

    def _root(self, start: int, levels: list[list[bytes]], size: int) -> bytes:
        """The root of the first `size` leaves, the last of which are among these."""

        def node(level: int, place: int) -> bytes:
            if level <= LEVELS and place >= start >> level:
                return levels[level][place - (start >> level)]
            return self._outer.peak(level - LEVELS)

        return merkle.root(node, size)

    def _claims(self) -> Iterator[_Claim]:
        """Every stated root, by size: those kept here and the copies from outside."""
        outside = sorted(self.copies, key=lambda copy: copy.statement.size)
        return heapq.merge(
            self._kept(),
            (_Claim(c.statement.size, c.statement.root, COPIES, c.place) for c in outside),
            key=lambda claim: claim.size,
        )

    def _kept(self) -> Iterator[_Claim]:
        for row in _checkpoints(self.session):
            self._checkpoints += 1
            yield _Claim(row.size, row.root, CHECKPOINTS, _named(row))

    def _judge(self, claim: _Claim, root: bytes | None) -> None:
        if root is None:
            params = {"size": claim.size, "leaves": self._size}
            self.findings.add(Broken(claim.table, claim.row, "leaves_cut_off", params=params))
        elif root != claim.root:
            self.findings.add(Broken(claim.table, claim.row, "other_root", params={"size": claim.size}))


def _disagree(session: Session, keeper: EventKeeper, findings: Findings) -> None:
    """Events and leaves are not the same: which."""
    before = findings.total
    for broken in keeper.misplaced(session):
        findings.add(broken)
    if findings.total == before:
        findings.add(Broken(LEAVES, "–", "leaves_disagree"))


def _levels(leaves: list[bytes]) -> list[list[bytes]]:
    """The complete subtrees over up to CHUNK leaves, level by level."""
    levels = [leaves]
    while len(levels) <= LEVELS:
        below = iter(levels[-1])
        levels.append(
            [sha256(b"\x01" + left + right).digest() for left, right in zip(below, below, strict=False)]
        )
    return levels


def _signatures(session: Session, findings: Findings, judge: Judge | None) -> None:
    counts = {"signed": 0, "unsigned": 0, "signatures_not_judged": 0}
    for row in _checkpoints(session):
        if row.signature is None:
            counts["unsigned"] += 1
            if row.key_id is not None or row.alg is not None:
                findings.add(Broken(CHECKPOINTS, _named(row), "signature_gone", params={"size": row.size}))
            continue
        counts["signed"] += 1
        holds = judge.holds(queries.statement(row)) if judge is not None else None
        if holds is None:
            counts["signatures_not_judged"] += 1
        elif not holds:
            findings.add(Broken(CHECKPOINTS, _named(row), "other_signature", params={"size": row.size}))
    findings.counts |= counts


def _stamps(session: Session, findings: Findings) -> None:
    findings.counts["stamps"] = 0
    kept = (
        sa.select(LedgerCheckpoint, LedgerPublication.token)
        .join(LedgerPublication, LedgerPublication.checkpoint_id == LedgerCheckpoint.id)
        .where(LedgerPublication.token.is_not(None))
        .order_by(LedgerPublication.id)
    )
    for row, token in session.execute(kept.execution_options(yield_per=500)):
        findings.counts["stamps"] += 1
        if not is_about(token or b"", queries.statement(row)):
            findings.add(Broken("ledger_publication", _named(row), "other_token", params={"size": row.size}))


def _checkpoints(session: Session) -> Iterable[LedgerCheckpoint]:
    return session.scalars(
        sa.select(LedgerCheckpoint)
        .order_by(LedgerCheckpoint.size, LedgerCheckpoint.id)
        .execution_options(yield_per=500)
    )


def _named(row: LedgerCheckpoint) -> str:
    return f"size {row.size} at {row.at:%Y-%m-%d %H:%M:%S}"
